import { evidenceIn, type EvidenceLook, evidencePlan, satellitePlan, satellitesIn } from '../machines/failover/look.ts';
import { consentsFor } from '../model/unplanned-checks.ts';
import type { ConsentKind } from '../model/consent.ts';
import type { FailoverRequest } from '../model/failover.ts';
import { timestamp } from '../model/instant.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import type { Outcome } from '../model/request.ts';
import { type OrderedFailover, orderFailover } from './operator.ts';
import { answerTo } from './protect.ts';
import type { Twin } from './twin.ts';

/** What a person at the operator's desk sees before an unplanned failover. */
export function lookBefore(twin: Twin, request: FailoverRequest): EvidenceLook {
  const now = twin.world.wall();
  const ask = (plan: ReadPlan): readonly Outcome[] => plan.map((read) => answerTo(twin, read.request));
  const satellites = satellitesIn(request, ask(satellitePlan(request)), now);
  return evidenceIn(request, satellites, ask(evidencePlan(request, satellites)), now);
}

/** Orders an unplanned failover as a person does who accepts what of these kinds is asked for. */
export function orderUnplanned(twin: Twin, request: FailoverRequest, accepts: readonly ConsentKind[]): OrderedFailover {
  const { evidence } = lookBefore(twin, request);
  const asked = consentsFor(evidence, request.requestedBy.user, timestamp(twin.world.wall()));
  return orderFailover(twin, { ...request, consents: asked.filter(({ kind }) => accepts.includes(kind)) });
}
