import { expect, test } from 'vitest';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import type { FailoverRequest } from '../../src/model/failover.ts';
import { second } from '../../src/model/instant.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { failoverJournal } from '../../src/runtime/failover-journal.ts';
import { type LiveHostEnd, runLive } from '../../src/runtime/live-host.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { begin } from '../../src/runtime/step.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { createOperation, plannedRequest, protectedTwin, runToEnd, startPlanned } from '../twin/protected-group.ts';
import { livePorts } from './live-ports.ts';

const request = plannedRequest('away', 'cluster1', 'cluster2');

test.each([
  ['nothing in its way', () => undefined],
  ['a volume that stays open on the source', (twin: Twin) => twin.guests.setFault('default', 'vm-2', 'opener-stuck')],
  ['a source that does not answer', (twin: Twin) => twin.world.network.startOutage('cluster1', 'refuse')],
] as const)('the live host and the simulation host go through the same states, with %s', async (_what, prepare) => {
  const simulated = protectedTwin();
  prepare(simulated);
  const drive = startPlanned(simulated, request);
  runToEnd(simulated, request);

  const real = protectedTwin();
  prepare(real);
  const truth = watchGroundTruth(real);
  const { states, end } = await driveLive(real, request);
  expect(end.how).toBe('ended');
  expect(states).toEqual(drive.states);
  expect(end.record.context.verdict?.kind).toEqual(drive.record.context.verdict?.kind);
  expect(truth.breaches).toEqual([]);
});

test('a live host that is told to leave stores nothing more, and the controller goes on from its journal', async () => {
  const twin = protectedTwin();
  const leave = new AbortController();
  const { states, end } = await driveLive(
    twin,
    request,
    (state) => {
      if (state === 'stoppingSource') leave.abort();
    },
    leave.signal,
  );
  expect(end.how).toBe('left');
  expect(states.at(-1)).toBe('stoppingSource');
  expect(runToEnd(twin, request)).toBe('Succeeded');
});

test('a live host whose journal went to another stops at once', async () => {
  const twin = protectedTwin();
  const { world } = twin;
  const { end } = await driveLive(twin, request, (state) => {
    if (state !== 'stoppingSource') return;
    world.cluster('cluster2').api.request({
      verb: 'patch',
      patch: 'merge',
      resource: resources.failover,
      namespace: 'default',
      name: 'away',
      subresource: 'status',
      body: { status: { holder: 'somebody-else' } },
    });
  });
  expect(end.how).toBe('lost');
});

test('a live host that may not write its journal gives up in time, says why and has ordered nothing', async () => {
  const twin = protectedTwin();
  const orders: string[] = [];
  const refuseJournal = (order: ApiRequest): Outcome | undefined => {
    if (order.api !== 'kube' || order.verb === 'get' || order.verb === 'list') return undefined;
    if (order.resource.plural === 'failovers' && order.subresource === 'status') {
      return { kind: 'refused', status: 403, reason: 'Forbidden', message: 'may not patch failovers/status' };
    }
    orders.push(order.resource.plural);
    return undefined;
  };
  const before = twin.world.now;
  const { end } = await driveLive(twin, request, undefined, undefined, refuseJournal);
  expect(end.how).toBe('unstored');
  expect(end.why).toBe('may not patch failovers/status');
  expect(twin.world.now - before).toBeLessThan(15 * second);
  expect(new Set(orders)).toEqual(new Set(['leases']));
});

/** Drives an operation by the live host against a twin, whose time moves while the host waits for an answer or sleeps. */
async function driveLive(
  twin: Twin,
  operation: FailoverRequest,
  onState: (state: string) => void = () => undefined,
  signal?: AbortSignal,
  answerInstead?: (order: ApiRequest) => Outcome | undefined,
): Promise<{ readonly states: readonly string[]; readonly end: LiveHostEnd<FailoverContext> }> {
  const { driver, clock } = livePorts(twin, answerInstead);
  createOperation(twin, operation);
  const states: string[] = [];
  const input = { request: operation, holder: 'pgctl/live', otherSites: twin.otherSites, patient: false };
  const end = await runLive({
    definition: failoverDefinition,
    record: begin(failoverDefinition, { ...input, now: clock.now() }, clock.now()).record,
    driver,
    clock,
    journal: failoverJournal,
    poll: () => 2 * second,
    journalPatience: 10 * second,
    onRecord: ({ state }) => {
      if (states.at(-1) === state) return;
      states.push(state);
      onState(state);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  return { states, end };
}
