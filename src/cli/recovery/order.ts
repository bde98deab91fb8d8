import {
  findPlan,
  lookIn,
  lookPlan,
  placesIn,
  type RecoveryLook,
  type RecoveryProspect,
} from '../../machines/recovery/look.ts';
import type { Instant } from '../../model/instant.ts';
import type { ReadPlan } from '../../model/read-plan.ts';
import { operationName } from '../../model/operation-name.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { Outcome } from '../../model/request.ts';
import type { CommandContext } from '../context.ts';
import type { OpenSites } from '../sites.ts';

/** What a command asks for, besides who asks. */
export type RecoveryOrder = Omit<RecoveryRequest, 'name' | 'consents' | 'requestedBy'>;

/** The recovery that an order asks for. */
export function newRequest(order: RecoveryOrder, { clock, identify }: CommandContext): RecoveryRequest {
  const who = identify();
  const { user, host } = who;
  return {
    ...order,
    name: operationName(order.group, 'recovery', clock.now(), who),
    consents: [],
    requestedBy: { user, host, client: 'pgctl' },
  };
}

/** Looks at what a recovery would be decided from. */
export async function lookAt(
  request: RecoveryRequest,
  { driver, quorum }: OpenSites,
  { clock }: { readonly clock: { now(): Instant } },
): Promise<RecoveryLook> {
  const prospect: RecoveryProspect = { request, otherSites: quorum === undefined ? [] : [quorum] };
  const ask = (plan: ReadPlan): Promise<readonly Outcome[]> =>
    Promise.all(plan.map((read) => driver.perform(read.request)));
  const places = placesIn(prospect, await ask(findPlan(prospect)), clock.now());
  const outcomes = await ask(lookPlan(prospect, places));
  return lookIn(prospect, places, outcomes, clock.now());
}
