import type { AnyStateMachine } from 'xstate';
import type { MachineDefinition } from '../../src/machines/definition.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { protectionGroupDefinition } from '../../src/machines/protection-group/definition.ts';
import type { KubeRequest } from '../../src/model/request.ts';
import type { TwinMachines } from '../../src/twin/machines.ts';
import { productMachines } from '../../src/twin/machines.ts';

/** A bug planted into the product, and the properties of which it must break one. */
export interface Mutant {
  readonly id: string;
  readonly breaks: readonly string[];
  readonly machines: TwinMachines;
}

const always = (): boolean => true;
const never = (): boolean => false;

/** Ways to fail over without care. */
export const mutants: readonly Mutant[] = [
  failover('the source is taken for stopped', ['S20'], {
    sourceIsStopped: always,
    locksAreReleased: always,
    targetMayStart: always,
  }),
  failover('the lock gate is left out', ['S20'], { locksAreReleased: always, targetMayStart: always }),
  failover('a lost Lease is not noticed', ['S8', 'S10', 'S11', 'S20'], {
    leaseIsLost: never,
    mayBegin: always,
    preflightPasses: always,
  }),
  failover('the target is taken for running at once', ['S21'], { targetIsOrdered: always, targetRuns: always }),
  failover('it never counts as running', ['L3'], { targetRuns: never }),
  failover('nobody stops waiting for a start', ['L2'], { vmStartIsOver: never, targetRuns: never }),
  failover('no time is ever up', ['L2'], { timeIsUp: never, timeIsUpAndTurnsBack: never, sourceIsStopped: never }),
  requests('the order for a group carries no version', ['S9'], 'failover', withoutVersion),
  requests('a group is ordered under the epoch before', ['L3'], 'failover', withEarlierEpoch),
  requests('the power of a VM is set whatever its version', ['S9'], 'protectionGroup', withoutVersion),
  group('the group counts as running', ['L3'], { isRunning: always }),
  group('the group counts as stopped', ['L3'], { isStopped: always, isRunning: never }),
];

function failover(id: string, breaks: readonly string[], guards: Readonly<Record<string, () => boolean>>): Mutant {
  return { id, breaks, machines: { ...productMachines, failover: withGuards(failoverDefinition, guards) } };
}

function group(id: string, breaks: readonly string[], guards: Readonly<Record<string, () => boolean>>): Mutant {
  return {
    id,
    breaks,
    machines: { ...productMachines, protectionGroup: withGuards(protectionGroupDefinition, guards) },
  };
}

function withGuards<Context, View>(
  definition: MachineDefinition<Context, View>,
  guards: Readonly<Record<string, () => boolean>>,
): MachineDefinition<Context, View> {
  return { ...definition, machine: definition.machine.provide({ guards } as never) as AnyStateMachine };
}

function requests(
  id: string,
  breaks: readonly string[],
  machine: keyof TwinMachines,
  change: (request: KubeRequest) => KubeRequest,
): Mutant {
  const definition = productMachines[machine] as MachineDefinition<unknown, unknown>;
  const effects = Object.fromEntries(
    Object.entries(definition.effects).map(([name, build]) => [
      name,
      (...args: Parameters<typeof build>) =>
        build(...args).map((request) => (request.api === 'kube' ? change(request) : request)),
    ]),
  );
  return { id, breaks, machines: { ...productMachines, [machine]: { ...definition, effects } } };
}

function withoutVersion(request: KubeRequest): KubeRequest {
  if (request.patch !== 'merge' || request.subresource !== undefined || request.resource.plural === 'leases')
    return request;
  const { metadata: _metadata, ...body } = request.body as Record<string, never>;
  return { ...request, body };
}

function withEarlierEpoch(request: KubeRequest): KubeRequest {
  const spec = (request.body as { readonly spec?: { readonly epoch?: number } } | undefined)?.spec;
  if (request.resource.plural !== 'protectiongroups' || spec?.epoch === undefined) return request;
  return { ...request, body: { ...(request.body as Record<string, never>), spec: { ...spec, epoch: spec.epoch - 1 } } };
}
