import type { Instant } from '../../model/instant.ts';
import { observationOf } from '../../model/observation.ts';
import type { ReadPlan } from '../../model/read-plan.ts';
import type { RecoveryEvidence } from '../../model/recovery/recovery-evidence.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import type { Outcome } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import type { MachineRecord } from '../definition.ts';
import { beginContext } from './begin.ts';
import type { RecoveryContext } from './context.ts';
import { recoveryDefinition } from './definition.ts';
import { evidenceIn, objections } from './looking.ts';

// What a person is shown before a recovery is the machine's own look before it acts: same reads, same reading.

/** A recovery that is looked at before it exists. */
export interface RecoveryProspect {
  readonly request: RecoveryRequest;
  readonly otherSites: readonly SiteName[];
}

/** What is looked at, and where. */
export type RecoveryPlaces = Pick<RecoveryContext, 'satellites' | 'resources'>;

const nowhere: RecoveryPlaces = { satellites: [], resources: [] };

/** The first reads: which volumes are concerned, and where DRBD can be asked. */
export function findPlan(prospect: RecoveryProspect): ReadPlan {
  return recoveryDefinition.reads('finding', recordOf(prospect, 'finding', nowhere).context);
}

/** What was found by `findPlan`. */
export function placesIn(prospect: RecoveryProspect, outcomes: readonly Outcome[], at: Instant): RecoveryPlaces {
  const observation = observationOf(findPlan(prospect), outcomes, at);
  const { satellites, volumes } = recoveryDefinition.project(observation, recordOf(prospect, 'finding', nowhere));
  return { satellites, resources: volumes.map(({ resource }) => resource) };
}

/** All that the machine looks at before it acts. */
export function lookPlan(prospect: RecoveryProspect, places: RecoveryPlaces): ReadPlan {
  return recoveryDefinition.reads('looking', recordOf(prospect, 'looking', places).context);
}

export interface RecoveryLook {
  readonly view: RecoveryView;
  readonly evidence: RecoveryEvidence;
  /** What speaks against it besides consents that are not given; empty when nothing does. */
  readonly objections: readonly string[];
}

/** What was seen by `lookPlan`. */
export function lookIn(
  prospect: RecoveryProspect,
  places: RecoveryPlaces,
  outcomes: readonly Outcome[],
  at: Instant,
): RecoveryLook {
  const { request } = prospect;
  const observation = observationOf(lookPlan(prospect, places), outcomes, at);
  const view = recoveryDefinition.project(observation, recordOf(prospect, 'looking', places));
  const evidence = evidenceIn({ request }, view);
  const accepted = evidence.needs.map((need) => ({ ...need, evidence: evidence.digest, givenBy: '', givenAt: '' }));
  return { view, evidence, objections: objections({ request: { ...request, consents: accepted } }, view) };
}

function recordOf(
  { request, otherSites }: RecoveryProspect,
  state: string,
  places: RecoveryPlaces,
): MachineRecord<RecoveryContext> {
  const { id, version } = recoveryDefinition;
  const context = beginContext({ request, otherSites, holder: '', now: 0, patient: false });
  return { machine: id, version, state, context: { ...context, ...places } };
}
