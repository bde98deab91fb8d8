import { type Evidence, evidenceOf } from '../../model/evidence.ts';
import type { FailoverRequest } from '../../model/failover.ts';
import type { FailoverView } from '../../model/failover-view.ts';
import type { Instant } from '../../model/instant.ts';
import { observationOf, readingOf } from '../../model/observation.ts';
import { planSiteReads, type ReadPlan } from '../../model/read-plan.ts';
import type { Outcome } from '../../model/request.ts';
import { type Satellite, satellitesOf } from '../../model/satellite.ts';
import type { MachineRecord } from '../definition.ts';
import { beginContext } from './begin.ts';
import type { FailoverContext } from './context.ts';
import { failoverDefinition } from './definition.ts';

// What a person is shown before an unplanned failover is the machine's own look before it acts: same reads, same reading.

/** The first reads: where DRBD of the target can be asked. */
export function satellitePlan({ target, namespace, group }: FailoverRequest): ReadPlan {
  return planSiteReads(target, ['satellites'], { namespace, group });
}

/** The satellites that answered to `satellitePlan`; none when the target does not tell. */
export function satellitesIn(
  request: FailoverRequest,
  outcomes: readonly Outcome[],
  at: Instant,
): readonly Satellite[] {
  const pods = readingOf(observationOf(satellitePlan(request), outcomes, at), request.target, 'satellites');
  return pods.known ? satellitesOf(request.target, pods.value) : [];
}

/** All that preflight looks at. */
export function evidencePlan(request: FailoverRequest, satellites: readonly Satellite[]): ReadPlan {
  const { state, context } = beforePreflight(request, satellites);
  return failoverDefinition.reads(state, context);
}

export interface EvidenceLook {
  readonly view: FailoverView;
  readonly evidence: Evidence;
}

/** What was seen by `evidencePlan`. */
export function evidenceIn(
  request: FailoverRequest,
  satellites: readonly Satellite[],
  outcomes: readonly Outcome[],
  at: Instant,
): EvidenceLook {
  const observation = observationOf(evidencePlan(request, satellites), outcomes, at);
  const view = failoverDefinition.project(observation, beforePreflight(request, satellites));
  return { view, evidence: evidenceOf(view.group, view.drbd) };
}

function beforePreflight(request: FailoverRequest, satellites: readonly Satellite[]): MachineRecord<FailoverContext> {
  const { id, version } = failoverDefinition;
  const context = beginContext({ request, otherSites: [], holder: '', now: 0, patient: false });
  return { machine: id, version, state: 'preflight', context: { ...context, satellites } };
}
