import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { newFailover } from '../../../src/model/failover.ts';
import { grantedRights, rightsOnOccasion, withheldFromViewers } from './granted-rights.ts';
import { Stage } from './stage.ts';

const timeout = 180_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage?.endControllers();
  expect(stage?.truth.breaches).toEqual([]);
  expect(stage?.world.faults).toEqual([]);
});
afterAll(() => stage?.close());

/** `DESIRED/CURRENT` of each line of `kubectl get pg -w`, the same ones in a row once; `mixed` is not always caught. */
function progressOf(lines: readonly string[]): readonly string[] {
  const states = lines.slice(1).map((line) => line.split(/\s+/).slice(1, 3).join('/'));
  return states.filter((state, place) => !state.endsWith('/mixed') && state !== states[place - 1]);
}

test('a group of two VMs goes to the other site and comes back', { timeout }, async () => {
  const processes = stage.startControllers();
  const vms = await stage.protect('app', 2);
  expect(await stage.succeeds(['validate', 'protectiongroup', 'app'])).toContain('ready for failover');
  const [first, second] = ['cluster1', 'cluster2'].map((cluster) => stage.watch(cluster, ['get', 'pg', 'app', '-w']));

  expect(await stage.succeeds(['failover', 'app', '--yes'])).toContain('All VMs now running on cluster2');
  expect(stage.executingOn('cluster1', vms)).toEqual([]);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
  await expect.poll(() => progressOf(second?.lines ?? []).at(-1)).toBe('running/running');

  expect(await stage.succeeds(['failback', 'app', '--yes'])).toContain('All VMs now running on cluster1');
  expect(stage.executingOn('cluster1', vms)).toEqual(vms);
  expect(stage.executingOn('cluster2', vms)).toEqual([]);
  await expect.poll(() => progressOf(second?.lines ?? []).at(-1)).toBe('stopped/stopped');
  await expect.poll(() => progressOf(first?.lines ?? []).at(-1)).toBe('running/running');

  for (const watch of [first, second]) watch?.child.kill();
  const there = ['running/running', 'stopped/running', 'stopped/stopped'];
  expect(progressOf(first?.lines ?? [])).toEqual([...there, 'running/stopped', 'running/running']);
  expect(progressOf(second?.lines ?? [])).toEqual(['stopped/stopped', 'running/stopped', ...there]);

  const about = '--field-selector=involvedObject.kind=ProtectionGroup,involvedObject.name=app';
  const events = await stage.kubectl('cluster1', ['get', 'events', about, '-o', 'jsonpath={.items[*].reason}']);
  expect(events.split(' ')).toEqual(expect.arrayContaining(['Stopped', 'Running']));
  // Nothing was asked that their rights do not allow, and nothing was malformed.
  for (const one of processes) {
    const calls = await one.metrics('api_requests_total');
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter((line) => /code="(400|403|415)"/.test(line))).toEqual([]);
  }
});

test('a pgctl that is killed in a step leaves an operation that the Failover Controller brings to its end', {
  timeout,
}, async () => {
  stage.startControllers();
  const killed = await Promise.all([1, 2, 3, 4, 5].map((step) => killedIn(step)));
  for (const group of killed) {
    await expect.poll(() => stage.operations('cluster2', group), { timeout: 90_000 }).toEqual(['Succeeded/succeeded']);
    expect(stage.executingOn('cluster2', [`${group}-vm-1`])).toHaveLength(1);
  }
});

/** The group whose failover was killed, as by `kill -9`, when it told of that step. */
async function killedIn(step: number): Promise<string> {
  const group = `killed-${step}`;
  await stage.protect(group, 1);
  const { code, stdout } = await stage.me.pgctl(['failover', group, '--yes'], {
    onOutput: (text, signal) => text.includes(`▶ Step ${step}`) && signal('SIGKILL'),
  });
  expect(code, stdout).toBe(null);
  return group;
}

/** States of operations in which a leader is killed, each on a group of its own: half a minute each, so usually not in all of them. */
const deaths = {
  cluster2: ['acquiringLease', 'preflight', 'stoppingSource', 'awaitingRelease'],
  cluster1: ['removingTaints', 'startingTarget', 'monitoringStartup', 'rollingBack'],
};
const isUsual = (state: string): boolean =>
  /^(stoppingSource|awaitingRelease|startingTarget|monitoringStartup)$/.test(state);

test('a leader that is killed in a step is succeeded by a process that finishes', {
  timeout: 3 * timeout,
}, async () => {
  for (const cluster of ['cluster1', 'cluster2']) stage.start('protection-group-controller', cluster);
  const isMet = process.env.KUBE_DEATHS === 'all' ? (): boolean => true : isUsual;
  const [away, back] = [deaths.cluster2, deaths.cluster1].map((states) => states.filter(isMet)) as [string[], string[]];
  // Those that were killed-1 and so on have gone to cluster2, from where they come back.
  for (const [place] of away.entries()) await stage.protect(`led-${place + 1}`, 1);
  await Promise.all([
    killLeaders(
      'cluster1',
      'cluster2',
      away.map((state, place) => [`led-${place + 1}`, state] as const),
    ),
    killLeaders(
      'cluster2',
      'cluster1',
      back.map((state, place) => [`killed-${place + 1}`, state] as const),
    ),
  ]);
});

/**
 * Orders a failover of each group, and kills the Failover Controller of the target when it is in that state of it. The next one takes up
 * what the one before it has left, and is killed in the middle of its own; the last one finishes everything.
 */
async function killLeaders(
  source: string,
  target: string,
  orders: readonly (readonly [group: string, state: string])[],
): Promise<void> {
  let leader = stage.start('failover-controller', target);
  for (const [group, state] of orders) {
    await leader.untilLogged('leader_elected');
    const successor = stage.start('failover-controller', target);
    await stage.kubectl(target, ['create', '-f', '-'], failoverOf(group, source, target));
    const reaches = (step: string): Promise<void> =>
      leader.untilLogged(
        'failover_step',
        (line) => line['failover'] === `default/${group}-led` && line['state'] === step,
      );
    if (state === 'rollingBack') {
      await reaches('stoppingSource');
      await stage.kubectl(target, [
        'patch',
        'failover',
        `${group}-led`,
        '--type=merge',
        '-p',
        '{"spec":{"cancel":true}}',
      ]);
    }
    await reaches(state);
    await leader.end('SIGKILL');
    leader = successor;
  }
  for (const [group, state] of orders) {
    const isCancelled = state === 'rollingBack';
    // Of what has ended elsewhere a site knows a copy, which has no record.
    const known = (): Promise<readonly string[]> => stage.operations(target, group);
    await expect
      .poll(known, { timeout: 90_000 })
      .toContain(isCancelled ? 'Cancelled/cancelled' : 'Succeeded/succeeded');
    const vm = `${group}-vm-1`;
    expect([stage.executingOn(source, [vm]), stage.executingOn(target, [vm])]).toEqual(
      isCancelled ? [[vm], []] : [[], [vm]],
    );
  }
}

test('a leader that is asked to end in the middle of an operation lets go of it, and of its Lease', {
  timeout,
}, async () => {
  for (const cluster of ['cluster1', 'cluster2']) stage.start('protection-group-controller', cluster);
  const leader = stage.start('failover-controller', 'cluster2');
  await leader.untilLogged('leader_elected');
  const successor = stage.start('failover-controller', 'cluster2');
  await stage.kubectl('cluster2', ['create', '-f', '-'], failoverOf('app', 'cluster1', 'cluster2'));
  await leader.untilLogged('failover_step', ({ state }) => state === 'stoppingSource');
  expect(await leader.end('SIGTERM')).toBe(0);
  expect(leader.logged('leader_released')).toHaveLength(1);
  // Well before Leases run out that nobody lets go of: thirty seconds.
  const begun = (): number => successor.logged('failover_step').length;
  await expect.poll(begun, { timeout: 20_000 }).toBeGreaterThan(0);
  const known = (): Promise<readonly string[]> => stage.operations('cluster2', 'app');
  await expect.poll(known, { timeout: 60_000 }).toContain('Succeeded/succeeded');
});

/** The order of a planned failover, as a pgctl leaves it that dies at once. */
function failoverOf(group: string, source: string, target: string): string {
  const timeouts = { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 };
  const requestedBy = { user: 'operator', host: 'desk', client: 'pgctl' };
  const order = {
    name: `${group}-led`,
    namespace: 'default',
    group,
    source,
    target,
    mode: 'Planned',
    rollBack: true,
  } as const;
  return JSON.stringify(newFailover({ ...order, timeouts, requestedBy }));
}

test('of two pgctl that order the same at once one moves the group; the other one joins it, or is refused', {
  timeout,
}, async () => {
  stage.startControllers();
  const vms = await stage.protect('twice', 1);
  const both = await Promise.all([1, 2].map(() => stage.me.pgctl(['failover', 'twice', '--yes'])));
  const [first, second] = both.toSorted((a, b) => (a.code ?? 9) - (b.code ?? 9));
  expect(first?.code, first?.stdout).toBe(0);
  // Joined; or the operation is there already (same second, same name); or the preflight of its own finds the group on its way.
  expect([0, 1, 3], `${second?.stdout}${second?.stderr}`).toContain(second?.code);
  const operations = await stage.operations('cluster2', 'twice');
  expect(operations.filter((operation) => operation !== 'Failed/refused')).toEqual(['Succeeded/succeeded']);
  expect(stage.executingOn('cluster1', vms)).toEqual([]);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
});

test('by the books of the API servers nobody asked for what he may not, and no right is for nothing', async () => {
  await stage.succeeds(['sync', 'protectiongroup', 'twice']);
  await stage.succeeds(['delete', 'protectiongroup', 'twice', '--yes']);
  for (const words of ['get pg -o wide', 'describe protectiongroup app', 'history app'])
    expect(await stage.views(words.split(' '))).toContain('app');
  const asked = stage.asked();
  const isWithheld = (account: string, permission: string): boolean =>
    account === 'viewer' && withheldFromViewers.includes(permission);
  expect(asked.filter(({ account, permission, code }) => code === 403 && !isWithheld(account, permission))).toEqual([]);
  const occasional = new Set([...rightsOnOccasion.values()].flat());
  const unused = [...grantedRights].map(([account, granted]) => {
    const used = new Set(asked.filter((request) => request.account === account).map(({ permission }) => permission));
    return [account, [...granted].filter((permission) => !used.has(permission) && !occasional.has(permission))];
  });
  expect(unused).toEqual([...grantedRights.keys()].map((account) => [account, []]));
});
