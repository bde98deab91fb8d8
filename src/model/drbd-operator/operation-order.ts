import type { DrbdCommand, DrbdPrecondition } from '../drbd-command.ts';
import { digestOf } from '../digest.ts';
import { apiVersionOf, resources } from '../kube.ts';
import type { JsonObject } from '../json.ts';
import type { KubeRequest } from '../request.ts';
import type { Satellite } from '../satellite.ts';

/** An order to the agent of a node. */
export interface OperationOrder {
  readonly agent: Satellite;
  readonly resource: string;
  readonly command: DrbdCommand['operation'] | { readonly type: 'Snapshot'; readonly snapshot: string };
  readonly precondition?: DrbdPrecondition;
  /**
   * What the order comes after: the operation that the node reported last. The name is made of it, so that an order that was sent
   * twice is one order, and one that is given again after the node has answered is another.
   */
  readonly after: string;
}

/**
 * The name of the DRBDOperation of an order. The precondition is not in it: the same command after the same answer is the same
 * order, and the precondition of the one that was sent first counts.
 */
export function operationName({ agent, resource, command, after }: Omit<OperationOrder, 'precondition'>): string {
  return `site-recovery-${digestOf([agent.agent ?? '', agent.node, resource, wordsOf(command), after])}`;
}

/** For how long an order may wait for its agent: what was agreed to was agreed to now. */
const expiresAfterSeconds = 30;

/** Gives an order to DRBD Operator. That one of the same name exists is no failure: it is the same order. */
export function operationRequest(order: OperationOrder): KubeRequest {
  const { agent, resource, command, precondition } = order;
  return {
    api: 'kube',
    site: agent.site,
    verb: 'create',
    resource: resources.drbdOperation,
    body: {
      apiVersion: apiVersionOf(resources.drbdOperation),
      kind: resources.drbdOperation.kind,
      metadata: { name: operationName(order) },
      spec: {
        volume: resource,
        node: agent.node,
        ...wordsOf(command),
        expiresAfterSeconds,
        ...(precondition === undefined ? {} : { precondition: guardOf(precondition) }),
      },
    },
  };
}

function wordsOf(command: OperationOrder['command']): JsonObject {
  if (command.type === 'Snapshot') return { type: command.type, snapshot: command.snapshot };
  return { type: command.type, ...(command.peer === undefined ? {} : { peer: command.peer }) };
}

function guardOf({ role, generation }: DrbdPrecondition): JsonObject {
  return {
    role,
    ...(generation === undefined ? {} : { generation: { peer: generation.peer, current: generation.current } }),
  };
}
