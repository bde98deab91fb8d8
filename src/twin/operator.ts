import type { MachineRecord } from '../machines/definition.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import { type FailoverRequest, newFailover } from '../model/failover.ts';
import type { FailoverView } from '../model/failover-view.ts';
import type { Json } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import type { SimHost } from '../runtime/sim-host.ts';
import { startOperationHost } from './operations.ts';
import { answerTo } from './protect.ts';
import type { Twin } from './twin.ts';

/** What became of an order at the operator's desk: pgctl drives the operation, or could not even record it. */
export type OrderedFailover =
  | { readonly kind: 'driven'; readonly host: SimHost<FailoverContext, FailoverView> }
  | { readonly kind: 'notRecorded'; readonly why: string };

/** Records an operation on its target and drives it from the operator's desk, as `pgctl failover --yes` does. */
export function orderFailover(
  twin: Twin,
  request: FailoverRequest,
  onRecord?: (record: MachineRecord<FailoverContext>) => void,
): OrderedFailover {
  const { namespace, target: site, name } = request;
  const body = newFailover(request) as unknown as Json;
  const resource = resources.failover;
  const outcome = answerTo(twin, { api: 'kube', site, verb: 'create', resource, namespace, body });
  if (outcome.kind !== 'applied') return { kind: 'notRecorded', why: outcome.message };
  const id = `pgctl/${name}`;
  const host = startOperationHost(twin.world, twin.hosts, 'operator', {
    id,
    request,
    holder: id,
    otherSites: twin.otherSites,
    patient: false,
    ...(onRecord === undefined ? {} : { onRecord }),
  });
  return { kind: 'driven', host };
}
