import { findPlan, lookIn, lookPlan, placesIn, type RecoveryLook } from '../machines/recovery/look.ts';
import type { RecoveryContext } from '../machines/recovery/context.ts';
import type { MachineRecord } from '../machines/definition.ts';
import { timestamp } from '../model/instant.ts';
import type { Json } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import { recoveryConsents } from '../model/recovery/recovery-evidence.ts';
import { newRecovery, type RecoveryRequest } from '../model/recovery/recovery-request.ts';
import type { RecoveryView } from '../model/recovery/recovery-view.ts';
import type { Outcome } from '../model/request.ts';
import type { SimHost } from '../runtime/sim-host.ts';
import { startRecoveryHost } from './operations.ts';
import { answerTo } from './protect.ts';
import type { Twin } from './twin.ts';

/** What a person at the operator's desk sees before a recovery. */
export function lookBeforeRecovery(twin: Twin, request: RecoveryRequest): RecoveryLook {
  const prospect = { request, otherSites: twin.otherSites };
  const now = twin.world.wall();
  const ask = (plan: ReadPlan): readonly Outcome[] => plan.map((read) => answerTo(twin, read.request));
  const places = placesIn(prospect, ask(findPlan(prospect)), now);
  return lookIn(prospect, places, ask(lookPlan(prospect, places)), now);
}

/** The request as a person gives it who accepts all that is asked for now. */
export function accepted(twin: Twin, request: RecoveryRequest): RecoveryRequest {
  const { evidence } = lookBeforeRecovery(twin, request);
  const givenAt = timestamp(twin.world.wall());
  return { ...request, consents: recoveryConsents(evidence, request.requestedBy.user, givenAt) };
}

/** What became of an order: pgctl drives the recovery, or could not even record it. */
export type OrderedRecovery =
  | { readonly kind: 'driven'; readonly host: SimHost<RecoveryContext, RecoveryView> }
  | { readonly kind: 'notRecorded'; readonly why: string };

/** Records a recovery, for whoever drives it. */
export function recordRecovery(twin: Twin, request: RecoveryRequest): Outcome {
  const { namespace, driver: site } = request;
  const body = newRecovery(request) as unknown as Json;
  return answerTo(twin, { api: 'kube', site, verb: 'create', resource: resources.recovery, namespace, body });
}

/** Records a recovery and drives it from the operator's desk, as pgctl does. */
export function orderRecovery(
  twin: Twin,
  request: RecoveryRequest,
  onRecord?: (record: MachineRecord<RecoveryContext>) => void,
): OrderedRecovery {
  const outcome = recordRecovery(twin, request);
  if (outcome.kind !== 'applied') return { kind: 'notRecorded', why: outcome.message };
  const id = `pgctl/${request.name}`;
  const host = startRecoveryHost(twin.world, twin.hosts, 'operator', {
    id,
    request,
    holder: id,
    otherSites: twin.otherSites,
    patient: false,
    ...(onRecord === undefined ? {} : { onRecord }),
  });
  return { kind: 'driven', host };
}
