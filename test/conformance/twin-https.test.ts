import { expect } from 'vitest';
import { describeConformance } from './conformance-suite.ts';
import { openTwinOverHttps } from './twin-cluster.ts';

describeConformance('the twin, over HTTPS', async () => {
  const cluster = await openTwinOverHttps({ controllers: true });
  const close = async (): Promise<void> => {
    await cluster.close();
    expect(cluster.faults).toEqual([]);
  };
  return { cluster, close };
});
