import { expect, test } from 'vitest';
import type { MachineDefinition } from '../../src/machines/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import type { FailoverView } from '../../src/model/failover-view.ts';
import { second } from '../../src/model/instant.ts';
import type { ApiRequest } from '../../src/model/request.ts';
import type { Breach } from '../../src/runtime/breach.ts';
import { failoverJournal } from '../../src/runtime/failover-journal.ts';
import { type LiveHostEnd, runLive } from '../../src/runtime/live-host.ts';
import { begin } from '../../src/runtime/step.ts';
import { TraceWriter } from '../../src/runtime/trace.ts';
import { startOperationHost } from '../../src/twin/operations.ts';
import { HostSet } from '../../src/twin/hosts.ts';
import { productMachines } from '../../src/twin/machines.ts';
import { createOperation, plannedRequest, protectedTwin } from '../twin/protected-group.ts';
import { livePorts } from './live-ports.ts';

const request = plannedRequest('away', 'cluster1', 'cluster2');

/** The failover with a bug in it: it orders groups whatever their version. */
const careless: MachineDefinition<FailoverContext, FailoverView> = {
  ...failoverDefinition,
  effects: {
    ...failoverDefinition.effects,
    stopSource: (context, fact) =>
      (failoverDefinition.effects.stopSource?.(context, fact) ?? []).map((order): ApiRequest => {
        if (order.api !== 'kube') return order;
        const { metadata: _, ...body } = order.body as { readonly metadata: never };
        return { ...order, body };
      }),
  },
};

test('a live host whose next pass would break a promise sends and stores nothing of it, and in the end gives up', async () => {
  const { end, orders, breaches, trace } = await driveCarelessly();
  expect(end).toMatchObject({ how: 'halted', record: { state: 'preflight' } });
  expect(end.why).toBe('S9 would be broken: stopSource changes protectiongroups/pg on cluster1 whatever its version');
  expect(orders).not.toContain('protectiongroups');
  expect(breaches[0]).toEqual({
    machine: 'failover',
    state: 'preflight',
    property: 'S9',
    what: 'stopSource changes protectiongroups/pg on cluster1 whatever its version',
  });
  expect(trace.find(({ event }) => event?.kind === 'breach')).toMatchObject({
    actor: 'pgctl/live',
    event: { property: 'S9', state: 'preflight' },
  });
});

test('a host in a simulated world drops the same pass, and says so', () => {
  const twin = protectedTwin();
  const hosts = new HostSet(twin.world, { ...productMachines, failover: careless });
  const told: string[] = [];
  hosts.onBreach((hostId, { property }) => told.push(`${hostId} ${property}`));
  createOperation(twin, request);
  const options = { id: 'pgctl/away', request, holder: 'pgctl/away', otherSites: twin.otherSites, patient: false };
  const host = startOperationHost(twin.world, hosts, 'operator', options);
  twin.world.runUntil(twin.world.now + 30 * second);
  expect(host.record.state).toBe('preflight');
  expect(new Set(told)).toEqual(new Set(['pgctl/away S9']));
});

async function driveCarelessly(): Promise<{
  readonly end: LiveHostEnd<FailoverContext>;
  readonly orders: readonly string[];
  readonly breaches: readonly Breach[];
  readonly trace: readonly { readonly actor?: string; readonly event?: { readonly kind: string } }[];
}> {
  const twin = protectedTwin();
  createOperation(twin, request);
  const orders: string[] = [];
  const breaches: Breach[] = [];
  const lines: string[] = [];
  const { driver, clock } = livePorts(twin, (order) => {
    if (order.api === 'kube' && order.verb !== 'get' && order.verb !== 'list') orders.push(order.resource.plural);
    return undefined;
  });
  const input = { request, holder: 'pgctl/live', otherSites: twin.otherSites, patient: false, now: clock.now() };
  const end = await runLive({
    definition: careless,
    record: begin(careless, input, clock.now()).record,
    driver,
    clock,
    journal: failoverJournal,
    poll: () => 2 * second,
    journalPatience: 10 * second,
    onBreach: (breach) => breaches.push(breach),
    trace: { writer: new TraceWriter({ program: 'test' }, (line) => lines.push(line)), actor: 'pgctl/live' },
  });
  return { end, orders, breaches, trace: lines.map((line) => JSON.parse(line)) };
}
