import { expect, test } from 'vitest';
import { lastDrillIn } from '../../src/model/drill-record.ts';
import type { KubeObject } from '../../src/model/kube.ts';

function failover(
  name: string,
  endedAt: string | undefined,
  { mode = 'Planned', phase = 'Succeeded' } = {},
): KubeObject {
  return {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'Failover',
    metadata: { name },
    spec: { mode, targetCluster: 'cluster2' },
    status: { phase, ...(endedAt === undefined ? {} : { completionTime: endedAt }) },
  };
}

const first = failover('first', '2026-01-01T00:00:00Z');
const second = failover('second', '2026-02-01T00:00:00Z');

test('the last drill is the planned failover that succeeded last, in whatever order they are told', () => {
  const expected = { name: 'second', target: 'cluster2', endedAt: '2026-02-01T00:00:00Z' };
  expect(lastDrillIn([first, second])).toEqual(expected);
  expect(lastDrillIn([second, first])).toEqual(expected);
});

test.each([
  ['an unplanned failover', failover('x', '2026-03-01T00:00:00Z', { mode: 'Unplanned' })],
  ['one that was turned back', failover('x', '2026-03-01T00:00:00Z', { phase: 'RolledBack' })],
  ['one that asks for a person', failover('x', '2026-03-01T00:00:00Z', { phase: 'NeedsAttention' })],
  ['one that goes on', failover('x', undefined, { phase: 'Running' })],
  ['a recovery', { ...failover('x', '2026-03-01T00:00:00Z'), kind: 'Recovery' }],
])('%s is no drill', (_what, operation) => {
  expect(lastDrillIn([operation])).toBeUndefined();
  expect(lastDrillIn([second, operation])?.name).toBe('second');
});
