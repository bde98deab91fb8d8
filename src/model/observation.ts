import type { Instant } from './instant.ts';
import { isJsonObject, type Json, listAt } from './json.ts';
import { type Known, known, unknown } from './known.ts';
import { type AgentReports, agentReports } from './drbd-operator/agent-reports.ts';
import { type DrbdReport, drbdReading } from './drbd-report.ts';
import { oncePer } from './memo.ts';
import { groupResourceOf, type KubeObject } from './kube.ts';
import type { PlannedRead, ReadPlan, StorageSubject, Subject } from './read-plan.ts';
import type { KubeRequest, Outcome } from './request.ts';
import type { SiteName } from './site.ts';

/** What one site answered. A subject that was not asked for reads as unknown. */
export interface SiteReadings {
  readonly site: SiteName;
  readonly readings: Readonly<Partial<Record<Subject, Known<readonly KubeObject[]>>>>;
  /** What DRBD said of the resources that it was asked for, by node; a node that was not asked is absent. */
  readonly drbd?: Readonly<Record<string, Known<DrbdReport>>>;
  /** Resource types that the site does not serve (its CRD is missing). */
  readonly missingTypes: readonly string[];
}

/** Readings of all sites and of the storage, taken at about one time. */
export interface Observation {
  /** When the last answer was in. */
  readonly at: Instant;
  readonly sites: Readonly<Record<SiteName, SiteReadings>>;
  readonly storage: Readonly<Partial<Record<StorageSubject, Known<Json>>>>;
}

/** An observation with what it was made from. */
export interface Look {
  readonly plan: ReadPlan;
  readonly outcomes: readonly Outcome[];
  readonly observation: Observation;
}

/** An observation with what it was projected to. */
export interface Seen<View> {
  readonly observation: Observation;
  readonly view: View;
}

/**
 * Folds the outcomes of a plan, in the plan's order, into an observation. Where an earlier look by the same plan brought the
 * very same outcomes, the readings are the very same as well: whoever derives something from them need not do it again.
 */
export function observationOf(plan: ReadPlan, outcomes: readonly Outcome[], at: Instant, earlier?: Look): Observation {
  const last = earlier?.plan === plan ? earlier : undefined;
  const sites: Record<SiteName, SiteReadings> = {};
  let storage = nothingAsked;
  for (const part of partsOf(plan)) {
    const { site } = part;
    const isSame = last !== undefined && part.indexes.every((index) => last.outcomes[index] === outcomes[index]);
    if (site === undefined) storage = isSame ? last.observation.storage : storageReadings(plan, part, outcomes);
    else sites[site] = (isSame && last.observation.sites[site]) || siteReadings(plan, part, outcomes, last);
  }
  return { at, sites, storage };
}

const nothingAsked: Observation['storage'] = {};

/** The reads of one site, or of the storage, by their places in the plan. */
interface PlanPart {
  readonly site: SiteName | undefined;
  readonly indexes: readonly number[];
}

const partsOf = oncePer((plan: ReadPlan): readonly PlanPart[] => {
  const sites = new Set(plan.map(({ site }) => site));
  return [...sites].map((site) => ({
    site,
    indexes: plan.flatMap((read, index) => (read.site === site ? [index] : [])),
  }));
});

function storageReadings(plan: ReadPlan, { indexes }: PlanPart, outcomes: readonly Outcome[]): Observation['storage'] {
  const storage: Partial<Record<StorageSubject, Known<Json>>> = {};
  for (const index of indexes) {
    const { subject } = plan[index] as PlannedRead;
    storage[subject as StorageSubject] = storageReading(outcomes[index] ?? noAnswer);
  }
  return storage;
}

function siteReadings(
  plan: ReadPlan,
  { site = '', indexes }: PlanPart,
  outcomes: readonly Outcome[],
  last: Look | undefined,
): SiteReadings {
  const readings: MutableSiteReadings = {
    site,
    readings: { ...last?.observation.sites[site]?.readings },
    drbd: { ...last?.observation.sites[site]?.drbd },
    missingTypes: [],
  };
  for (const index of indexes) {
    const outcome = outcomes[index];
    // The reading of an applied answer is kept; what was not applied may be about a type, so it is folded again.
    if (last !== undefined && outcome === last.outcomes[index] && outcome?.kind === 'applied') continue;
    const { subject, request, node = '' } = plan[index] as PlannedRead;
    if (request.api === 'exec') readings.drbd[node] = drbdReading(node, outcome ?? noAnswer);
    else foldSiteReading(readings, subject as Subject, request as KubeRequest, outcome ?? noAnswer);
  }
  return readings;
}

const noAnswer: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };

interface MutableSiteReadings {
  readonly site: SiteName;
  readonly readings: Partial<Record<Subject, Known<readonly KubeObject[]>>>;
  readonly drbd: Record<string, Known<DrbdReport>>;
  readonly missingTypes: string[];
}

/** The objects read for a subject of a site; unknown when it was not asked for or not answered. */
export function readingOf(observation: Observation, site: SiteName, subject: Subject): Known<readonly KubeObject[]> {
  return observation.sites[site]?.readings[subject] ?? unknown(`${subject} of ${site} were not read`);
}

/** The one object of a single subject: known(undefined) when the site says that it does not exist. */
export function objectReadingOf(
  observation: Observation,
  site: SiteName,
  subject: Subject,
): Known<KubeObject | undefined> {
  const reading = readingOf(observation, site, subject);
  return reading.known ? known(reading.value[0]) : reading;
}

/** What DRBD said on a node of a site; unknown when the node was not asked, or its answer cannot be read. */
export function drbdReportOf(observation: Observation, site: SiteName, node: string): Known<DrbdReport> {
  return drbdReportsOf(observation, site)[node] ?? unknown(`DRBD on ${node} was not asked`);
}

/** What DRBD said on the nodes of a site, by node: when it was asked, or as its agents have written it. */
export function drbdReportsOf({ sites }: Observation, site: SiteName): AgentReports {
  const told = sites[site];
  return (told && agentReportsOf(told)) ?? told?.drbd ?? noReports;
}

const noReports: AgentReports = {};

/** What the agents of DRBD Operator on a site say, by node; undefined where nobody asked for it. */
export function agentReportsOf({ site, readings }: SiteReadings): AgentReports | undefined {
  const { drbdVolumes, satellites } = readings;
  if (drbdVolumes === undefined || satellites === undefined) return undefined;
  return agentReports(site, drbdVolumes, satellites);
}

/** What LINSTOR answered for a subject. */
export function storageReadingOf(observation: Observation, subject: StorageSubject): Known<Json> {
  return observation.storage[subject] ?? unknown('LINSTOR was not asked');
}

// The same answer makes the same reading, whoever asked: what is derived from it can be kept for as long as it stands.
const storageReading = oncePer(
  (outcome: Outcome): Known<Json> =>
    outcome.kind === 'applied' ? known(outcome.body) : unknown(`LINSTOR: ${outcome.message}`),
);

function foldSiteReading(into: MutableSiteReadings, subject: Subject, request: KubeRequest, outcome: Outcome): void {
  const single = request.verb === 'get';
  if (outcome.kind === 'applied') {
    const { body } = outcome;
    into.readings[subject] = known(single ? [body as unknown as KubeObject] : objectsOf(body));
    return;
  }
  const type = groupResourceOf(request.resource);
  if (outcome.kind === 'refused' && outcome.status === 404) {
    if (single && !isMissingType(outcome)) {
      into.readings[subject] = known([]);
      return;
    }
    if (!into.missingTypes.includes(type)) into.missingTypes.push(type);
    into.readings[subject] = unknown(`${into.site} does not serve ${type}: its CustomResourceDefinition is missing`);
    return;
  }
  into.readings[subject] = unknown(`${into.site}: ${type} could not be read: ${outcome.message}`);
}

// A 404 for an object carries `details.name`; a 404 for the whole type carries none.
function isMissingType(outcome: Extract<Outcome, { kind: 'refused' }>): boolean {
  const details = outcome.body?.details;
  return !isJsonObject(details) || details.name === undefined;
}

function objectsOf(list: Json): readonly KubeObject[] {
  return listAt(list, 'items') as unknown as readonly KubeObject[];
}
