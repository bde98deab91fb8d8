import { expect, test } from 'vitest';
import { minute, second } from '../../src/model/instant.ts';
import { resources } from '../../src/model/kube.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { plannedRequest, protectedTwin, runToEnd, startPlanned } from '../twin/protected-group.ts';

test('a failover whose VMs do not start can be gone back from, as its verdict says', () => {
  const twin = protectedTwin();
  const truth = watchGroundTruth(twin);
  const away = plannedRequest('away', 'cluster1', 'cluster2');
  startPlanned(twin, away);
  // Not before: a target whose nodes take nothing is refused.
  twin.world.runUntil(twin.world.now + 5 * second);
  closeNode(twin, 'cluster2');
  expect(runToEnd(twin, away)).toBe('NeedsAttention');

  const back = plannedRequest('back', 'cluster2', 'cluster1');
  startPlanned(twin, back);
  expect(runToEnd(twin, back)).toBe('Succeeded');
  expect(truth.breaches).toEqual([]);
});

test('a failover that was left as it stood (--no-rollback) can be gone on with, as its verdict says', () => {
  const twin = protectedTwin();
  const truth = watchGroundTruth(twin);
  twin.guests.setFault('default', 'vm-1', 'opener-stuck');
  const first = { ...plannedRequest('first', 'cluster1', 'cluster2'), rollBack: false };
  startPlanned(twin, first);
  expect(runToEnd(twin, first)).toBe('Failed');

  twin.guests.healFault('default', 'vm-1', 'opener-stuck');
  twin.world.runUntil(twin.world.now + minute);
  const again = plannedRequest('again', 'cluster1', 'cluster2');
  startPlanned(twin, again);
  expect(runToEnd(twin, again)).toBe('Succeeded');
  expect(truth.breaches).toEqual([]);
});

/** Nothing is scheduled on the cluster's nodes any more. */
function closeNode({ world }: Twin, cluster: string): void {
  const { api } = world.cluster(cluster);
  for (const node of api.list(resources.node)) {
    const { name } = node.metadata;
    api.request({
      verb: 'patch',
      resource: resources.node,
      name,
      patch: 'merge',
      body: { spec: { taints: [{ key: 'maintenance', effect: 'NoSchedule' }] } },
    });
  }
}
