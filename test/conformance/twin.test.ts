import { expect } from 'vitest';
import { describeConformance } from './conformance-suite.ts';
import { openTwinCluster } from './twin-cluster.ts';

describeConformance('the twin, in process', () => {
  const cluster = openTwinCluster({ controllers: true });
  const close = (): Promise<void> => Promise.resolve(expect(cluster.faults).toEqual([]));
  return Promise.resolve({ cluster, close });
});
