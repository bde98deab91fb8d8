import type { FailoverContext } from '../machines/failover/context.ts';
import type { MachineRecord } from '../machines/definition.ts';
import type { FailoverRequest, FailoverTimeouts } from '../model/failover.ts';
import { minute, type Millis } from '../model/instant.ts';
import { orderFailover } from './operator.ts';
import type { GroupToProtect } from './protect.ts';
import type { Twin } from './twin.ts';

export const pageTimeouts: FailoverTimeouts = {
  failoverSeconds: 300,
  vmStartSeconds: 120,
  drbdWaitSeconds: 30,
  taintRemovalWindowSeconds: 30,
};

export interface PlannedRun {
  readonly record: MachineRecord<FailoverContext>;
  /** World time from the order to the end. */
  readonly duration: Millis;
}

/** Moves a group from its source to its target, as `pgctl failover --yes` does, and runs the world until that has ended. */
export function runPlanned(
  twin: Twin,
  { namespace, group, source, target }: Omit<GroupToProtect, 'virtualMachines'>,
  name: string,
  timeouts: FailoverTimeouts = pageTimeouts,
): PlannedRun {
  const request: FailoverRequest = {
    name,
    namespace,
    group,
    source,
    target,
    mode: 'Planned',
    rollBack: true,
    timeouts,
    requestedBy: { user: 'operator', host: 'operator', client: 'pgctl' },
  };
  const { world } = twin;
  const startedAt = world.now;
  const order = orderFailover(twin, request);
  if (order.kind !== 'driven') throw new Error(`${name} could not be recorded: ${order.why}`);
  const { host } = order;
  const limit = startedAt + (timeouts.failoverSeconds + 2 * timeouts.vmStartSeconds) * 1000 + minute;
  while (host.end === undefined && world.now < limit) world.step();
  return { record: host.record, duration: world.now - startedAt };
}
