import { expect, test } from 'vitest';
import { minute, second } from '../../src/model/instant.ts';
import { heartbeatName, heartbeatNamespace, lastHeartbeat } from '../../src/model/heartbeat.ts';
import { resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { protectedTwin } from './protected-group.ts';

/** How old the newest heartbeat of a site is on the quorum cluster. */
function ageOfHeartbeat({ world }: Twin, site: string): number {
  const lease = world.cluster('cluster3').api.get(resources.lease, heartbeatNamespace, heartbeatName(site));
  if (lease === undefined) throw new Error(`no heartbeat of ${site}`);
  return world.wall() - (lastHeartbeat(lease) ?? Number.NaN);
}

test('each site tells the quorum cluster every ten seconds that it is alive, until it is not', () => {
  const twin = protectedTwin(1, { heartbeats: true });
  const faults = new FaultBoard(twin, drillFaultKinds);
  expect(ageOfHeartbeat(twin, 'cluster1')).toBeLessThanOrEqual(10 * second);
  const { id } = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  twin.world.runUntil(twin.world.now + minute);
  expect(ageOfHeartbeat(twin, 'cluster1')).toBeGreaterThan(50 * second);
  expect(ageOfHeartbeat(twin, 'cluster2')).toBeLessThanOrEqual(10 * second);
  faults.heal(id);
  twin.world.runUntil(twin.world.now + 15 * second);
  expect(ageOfHeartbeat(twin, 'cluster1')).toBeLessThanOrEqual(10 * second);
});

test('a site that is cut off from the quorum cluster does not tell, though it lives', () => {
  const twin = protectedTwin(1, { heartbeats: true });
  const cut = { kind: 'link-cut', plane: 'api', site: 'cluster1', peer: 'cluster3' } as const;
  new FaultBoard(twin, drillFaultKinds).inject(cut, twin.world.wall());
  twin.world.runUntil(twin.world.now + minute);
  expect(ageOfHeartbeat(twin, 'cluster1')).toBeGreaterThan(50 * second);
});
