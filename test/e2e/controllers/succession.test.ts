import { test } from 'vitest';
import { resources } from '../../../src/model/kube.ts';
import { ControllerLab, type ControllerProcess } from './controller-lab.ts';

const timeout = 180_000;
const groups = 'protection-group-controller';
const failovers = 'failover-controller';

/** Two processes of a controller for one cluster: the leader, and the one who waits. */
async function pairOf(lab: ControllerLab, controller: string, cluster: string): Promise<readonly ControllerProcess[]> {
  const pair = [lab.start(controller, cluster), lab.start(controller, cluster)];
  await Promise.race(pair.map((one) => one.untilLogged('leader_elected')));
  return pair.toSorted((a, b) => Number(isLeader(b)) - Number(isLeader(a)));
}

const isLeader = (one: ControllerProcess): boolean => one.logged('leader_elected').length > 0;

const steps = [
  'preflight',
  'stoppingSource',
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
];

test.concurrent.for(steps)(
  'a leader that is killed in %s is succeeded by one that finishes',
  { timeout },
  async (step, { expect }) => {
    // So slow that the step is not over when it is heard of.
    await using lab = await ControllerLab.open(2);
    lab.protect('pg');
    for (const cluster of ['cluster1', 'cluster2']) lab.start(groups, cluster);
    const [leader, successor] = await pairOf(lab, failovers, 'cluster2');
    lab.orderFailover('away', 'pg', 'cluster1', 'cluster2');
    await leader?.untilLogged('failover_step', ({ state }) => state === step);
    await leader?.end('SIGKILL');
    await expect.poll(() => lab.progress('cluster2', 'away'), { timeout: 120_000 }).toBe('Succeeded/succeeded');
    expect(lab.runningOn('cluster1')).toEqual([]);
    expect(lab.runningOn('cluster2')).toEqual(['prod-vm-1', 'prod-vm-2']);
    await successor?.untilLogged('failover_step', ({ state }) => state === 'succeeded');
  },
);

test.concurrent('a leader that is asked to end hands over at once', { timeout }, async ({ expect }) => {
  await using lab = await ControllerLab.open();
  const [leader, successor] = await pairOf(lab, groups, 'cluster1');
  const endedAt = Date.now();
  expect(await leader?.end('SIGTERM')).toBe(0);
  await successor?.untilLogged('leader_elected');
  // Not after the fifteen seconds of a Lease that nobody lets go of.
  expect(Date.now() - endedAt).toBeLessThan(12_000);
});

test.concurrent('a leader that stood still in the middle of a pass and was succeeded changes nothing when it wakes up', {
  timeout,
}, async ({ expect }) => {
  await using lab = await ControllerLab.open();
  lab.protect('pg');
  const [former, leader] = await pairOf(lab, groups, 'cluster1');
  await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe('running');
  // What its last look has found is on the way to it: it has only to decide.
  const standsStill = lab.onceRead('cluster1', [resources.protectionGroup, resources.storageClass], () =>
    former?.signal('SIGSTOP'),
  );
  lab.order('cluster1', 'pg', 'stopped');
  await standsStill;
  lab.order('cluster1', 'pg', 'running');
  await leader?.untilLogged('leader_elected');
  const before = lab.versions('cluster1', resources.virtualMachine);
  former?.signal('SIGCONT');
  await former?.untilLogged('leader_lost');
  // Whatever it still had under way is over when it has ended in good order.
  await former?.end('SIGTERM');
  expect(former?.logged('reconcile_vm_state').map(({ outcome }) => outcome)).not.toContain('applied');
  expect(lab.versions('cluster1', resources.virtualMachine)).toEqual(before);
  expect(lab.stateOf('cluster1', 'pg')).toBe('running');
});
