import { evidenceIn, type EvidenceLook, evidencePlan, satellitePlan, satellitesIn } from '../machines/failover/look.ts';
import { type FailoverRequest, unfinishedOperations } from '../model/failover.ts';
import { errorsOf, type Finding } from '../model/findings.ts';
import { heartbeatName, heartbeatNamespace, lastHeartbeat } from '../model/heartbeat.ts';
import { timestamp } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import type { Outcome } from '../model/request.ts';
import { readingOfSite } from '../model/site-reading.ts';
import { obstaclesIn, targetChecks } from '../model/unplanned-checks.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import type { UnfinishedOperation } from './failover-plan.ts';
import { newRequest, type RequestedMove } from './failover-run.ts';
import type { OpenSites } from './sites.ts';

/** What is known before an unplanned failover of one group. */
export interface UnplannedLook {
  /** The operation that is asked for, still without consents. */
  readonly request: FailoverRequest;
  readonly look: EvidenceLook;
  /** When the source was last heard of, in a sentence; empty without a quorum cluster that tells. */
  readonly heard: readonly string[];
  /** What speaks against it, whatever a person accepts. */
  readonly findings: readonly Finding[];
  /** One that moves the group there already. */
  readonly operation: UnfinishedOperation | undefined;
}

/** Looks at all that an unplanned failover goes by, as the operation itself will before it acts. */
export async function lookUnplanned(
  order: RequestedMove,
  sites: OpenSites,
  context: CommandContext,
): Promise<UnplannedLook> {
  const source = order.target === sites.dr ? sites.primary : sites.dr;
  const planned: FailoverRequest = { ...newRequest(order, source, context), mode: 'Unplanned' };
  const heard = lastHeard(planned, sites, context.clock.now());
  const look = await lookAt(planned, sites, context);
  // Without a source that can be told to run again there is no way back.
  const request = { ...planned, rollBack: order.rollBack && look.view.group.source.group.known };
  const findings = [
    ...errorsOf(targetChecks(look.view.group, undefined)),
    ...obstaclesIn(look.view.group, look.evidence),
  ];
  return { request, look, heard: await heard, findings, operation: underWay(order, look) };
}

/** Why an unplanned failover is refused, whatever a person accepts. */
export function unplannedRefusal({ request: { group, target }, findings }: UnplannedLook): CommandError {
  const [first] = findings;
  return new CommandError(`Unplanned failover of ${group} to ${target} refused`, {
    reason: findings.map(({ what, why }) => `${what} (${why})`).join('; '),
    remedy: first?.remedy ?? 'pgctl config test',
    exit: 'notReady',
  });
}

async function lookAt(request: FailoverRequest, sites: OpenSites, { clock }: CommandContext): Promise<EvidenceLook> {
  const ask = (plan: ReadPlan): Promise<readonly Outcome[]> =>
    Promise.all(plan.map((read) => sites.driver.perform(read.request)));
  const satellites = satellitesIn(request, await ask(satellitePlan(request)), clock.now());
  const outcomes = await ask(evidencePlan(request, satellites));
  return evidenceIn(request, satellites, outcomes, clock.now());
}

async function lastHeard({ source }: FailoverRequest, sites: OpenSites, now: number): Promise<readonly string[]> {
  const { quorum, driver } = sites;
  if (quorum === undefined) return [];
  const name = heartbeatName(source);
  const place = { site: quorum, resource: resources.lease, namespace: heartbeatNamespace, name } as const;
  const outcome = await driver.perform({ api: 'kube', verb: 'get', ...place });
  const at = outcome.kind === 'applied' ? lastHeartbeat(outcome.body as unknown as KubeObject) : undefined;
  if (at === undefined) return [`when ${source} was last heard of is not known to ${quorum}`];
  return [`${source} told ${quorum} that it is alive ${Math.round((now - at) / 1000)} s ago, at ${timestamp(at)}`];
}

function underWay({ group, target }: RequestedMove, { view }: EvidenceLook): UnfinishedOperation | undefined {
  const operations = readingOfSite(view.group.target, 'operations');
  if (!operations.known) return undefined;
  const object = unfinishedOperations(operations.value, group).find(({ spec }) => spec?.targetCluster === target);
  return object === undefined ? undefined : { object, site: target, target };
}
