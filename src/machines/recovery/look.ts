import type { Instant } from '../../model/instant.ts';
import { observationOf, planSiteReads, type ReadPlan, readingOf } from '../../model/observation.ts';
import { type RecoveryEvidence } from '../../model/recovery/recovery-evidence.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import type { Outcome } from '../../model/request.ts';
import { type Satellite, satellitesOf } from '../../model/satellite.ts';
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

/** The first reads: where DRBD can be asked. */
export function satellitePlan({ request, otherSites }: RecoveryProspect): ReadPlan {
  const { driver, other, namespace, group } = request;
  return [driver, other, ...otherSites].flatMap((site) => planSiteReads(site, ['satellites'], { namespace, group }));
}

/** The satellites that answered to `satellitePlan`. */
export function satellitesIn(
  prospect: RecoveryProspect,
  outcomes: readonly Outcome[],
  at: Instant,
): readonly Satellite[] {
  const observation = observationOf(satellitePlan(prospect), outcomes, at);
  return Object.keys(observation.sites).flatMap((site) => {
    const pods = readingOf(observation, site, 'satellites');
    return pods.known ? satellitesOf(site, pods.value) : [];
  });
}

/** All that the machine looks at before it acts. */
export function lookPlan(prospect: RecoveryProspect, satellites: readonly Satellite[]): ReadPlan {
  const { state, context } = beforeLook(prospect, satellites);
  return recoveryDefinition.reads(state, context);
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
  satellites: readonly Satellite[],
  outcomes: readonly Outcome[],
  at: Instant,
): RecoveryLook {
  const { request } = prospect;
  const observation = observationOf(lookPlan(prospect, satellites), outcomes, at);
  const view = recoveryDefinition.project(observation, beforeLook(prospect, satellites));
  const evidence = evidenceIn({ request }, view);
  const accepted = evidence.needs.map((need) => ({ ...need, evidence: evidence.digest, givenBy: '', givenAt: '' }));
  return { view, evidence, objections: objections({ request: { ...request, consents: accepted } }, view) };
}

function beforeLook(
  { request, otherSites }: RecoveryProspect,
  satellites: readonly Satellite[],
): MachineRecord<RecoveryContext> {
  const { id, version } = recoveryDefinition;
  const context = beginContext({ request, otherSites, holder: '', now: 0, patient: false });
  return { machine: id, version, state: 'looking', context: { ...context, satellites } };
}
