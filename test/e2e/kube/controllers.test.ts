import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFailover } from '../../../src/model/failover.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { newProtectionGroup } from '../../../src/model/protection-group.ts';
import type { ControllerProcess, LoggedLine } from '../controllers/controller-lab.ts';
import { ControlledClusters } from './controlled-clusters.ts';
import { virtualMachine } from './played-kubevirt.ts';

const timeouts = { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 };
const members = ['vm-1', 'vm-2'];
let clusters: ControlledClusters;
const processes: ControllerProcess[] = [];

beforeAll(async () => {
  clusters = await ControlledClusters.open();
  for (const name of members) {
    await clusters.create('cluster1', virtualMachine(name, 'Always'));
    await clusters.create('cluster2', virtualMachine(name, 'Halted'));
  }
  for (const [site, state] of [['cluster2', 'stopped'] as const, ['cluster1', 'running'] as const])
    await clusters.create(site, newProtectionGroup('pg', 'default', members, state) as unknown as JsonObject);
  for (const cluster of ['cluster1', 'cluster2'])
    for (const controller of ['protection-group-controller', 'failover-controller'])
      processes.push(await clusters.start(controller, cluster));
});
afterAll(() => clusters.close());

const stateOf = async (site: string): Promise<string | undefined> =>
  textAt(await clusters.get(site, resources.protectionGroup, 'pg'), 'status', 'currentState');
const phaseOf = async (site: string, name: string): Promise<string> => {
  const operation = await clusters.get(site, resources.failover, name);
  const message = textAt(operation, 'status', 'message');
  return `${textAt(operation, 'status', 'phase') ?? 'not there'}${message === undefined ? '' : `: ${message}`}`;
};

test('groups are reconciled, by processes that have no rights but their own', async () => {
  await expect.poll(() => stateOf('cluster1')).toBe('running');
  await expect.poll(() => stateOf('cluster2')).toBe('stopped');
});

async function order(name: string, source: string, target: string): Promise<void> {
  const requestedBy = { user: 'operator', host: 'desk', client: 'pgctl' };
  const spec = { name, namespace: 'default', group: 'pg', source, target, mode: 'Planned', rollBack: true } as const;
  await clusters.create(target, newFailover({ ...spec, timeouts, requestedBy }) as unknown as JsonObject);
}

test('an operation is carried out there and back, and known on both sides', async () => {
  for (const [name, source, target] of [
    ['away', 'cluster1', 'cluster2'],
    ['back', 'cluster2', 'cluster1'],
  ] as const) {
    await order(name, source, target);
    await expect.poll(() => phaseOf(target, name), { timeout: 60_000 }).toBe('Succeeded');
    await expect.poll(() => clusters.runningOn(source)).toEqual([]);
    await expect.poll(() => clusters.runningOn(target)).toEqual(members);
    await expect.poll(() => phaseOf(source, name)).toBe('Succeeded');
  }
});

test('what has happened to a group is told by Events', async () => {
  const outcome = await clusters.driver.perform({
    api: 'kube',
    site: 'cluster1',
    verb: 'list',
    resource: resources.event,
    namespace: 'default',
    options: { fieldSelector: 'involvedObject.kind=ProtectionGroup,involvedObject.name=pg' },
  });
  const events = outcome.kind === 'applied' ? listAt(outcome.body, 'items') : [];
  const reasons = new Set(events.map((event) => textAt(event, 'reason')));
  for (const reason of ['Stopped', 'Running']) expect(reasons).toContain(reason);
});

test('nothing was asked that a real API server does not allow, and nothing was malformed', async () => {
  for (const one of processes) {
    const calls = await one.metrics('api_requests_total');
    expect(calls.length).toBeGreaterThan(3);
    expect(calls.filter((line) => /code="(400|403|415)"/.test(line))).toEqual([]);
  }
});

// Last: a server that has just been started refuses this and that before it knows its own roles.
test.each([
  ['target', 'over', 'cluster1', 'cluster2'],
  ['source', 'home', 'cluster2', 'cluster1'],
])('an operation outlives the API server of its %s', async (which, name, source, target) => {
  await order(name, source, target);
  const isOfIt = (line: LoggedLine): boolean =>
    line['failover'] === `default/${name}` && line['state'] === 'stoppingSource';
  await Promise.any(processes.map((one) => one.untilLogged('failover_step', isOfIt)));
  await clusters.restartApiServer(which === 'target' ? target : source);
  await expect.poll(() => phaseOf(target, name), { timeout: 90_000 }).toBe('Succeeded');
  await expect.poll(() => clusters.runningOn(target)).toEqual(members);
  await expect.poll(() => clusters.runningOn(source)).toEqual([]);
});
