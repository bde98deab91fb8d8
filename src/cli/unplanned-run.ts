import { evidenceIn, type EvidenceLook, evidencePlan, satellitePlan, satellitesIn } from '../machines/failover/look.ts';
import { type Consent, type ConsentKind, type ConsentNeed, consentKinds } from '../model/consent.ts';
import { missingConsents, obstaclesIn, targetChecks } from '../model/unplanned-checks.ts';
import { unfinishedOperations, type FailoverRequest } from '../model/failover.ts';
import { errorsOf, type Finding } from '../model/findings.ts';
import { heartbeatName, heartbeatNamespace, lastHeartbeat } from '../model/heartbeat.ts';
import { timestamp } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { ReadPlan } from '../model/observation.ts';
import type { Outcome } from '../model/request.ts';
import { readingOfSite } from '../model/site-reading.ts';
import { checkLines, findingLines, shownChecks } from './check-text.ts';
import { CommandError } from './command-error.ts';
import { consentForm, type ConsentScope, consentsOfForm, readForm } from './consent-form.ts';
import type { CommandContext } from './context.ts';
import type { ExitName } from './exit-codes.ts';
import { type FailoverOrder, follow, goOn, newRequest } from './failover-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from './output.ts';
import { startOperation } from './operation-run.ts';
import { askWord } from './prompt.ts';
import type { OpenSites } from './sites.ts';

/**
 * Moves a group to the target without the source: shows what is known and what is not, has the person accept what cannot be
 * proven, and starts the operation with that; or goes on with the one that is under way.
 */
export async function runUnplanned(order: FailoverOrder, sites: OpenSites, context: CommandContext): Promise<ExitName> {
  const source = order.target === sites.dr ? sites.primary : sites.dr;
  const request: FailoverRequest = { ...newRequest(order, source, context), mode: 'Unplanned' };
  const { look, heard } = await lookAt(request, sites, context);
  requireTargetGroup(order, look);
  const operation = underWay(order, look);
  if (operation !== undefined && !order.dryRun)
    return goOn(order, { object: operation, site: order.target, target: order.target }, sites, context);
  const findings = [
    ...errorsOf(targetChecks(look.view.group, undefined)),
    ...obstaclesIn(look.view.group, look.evidence),
  ];
  if (order.dryRun) return dryRun(order, request, { look, heard, findings }, context);
  const print = isForPrograms(order.output) ? printNotes : printLines;
  print(introduction(request, look, heard), context);
  if (findings.length > 0) throw refused(order, findings);
  const consents = await consentsTo(order, request, look, context);
  if (consents === undefined) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  // Without a source that can be told to run again there is no way back.
  const rollBack = order.rollBack && look.view.group.source.group.known;
  return follow(order, sites, context, (ports) => startOperation({ ...request, rollBack, consents }, ports));
}

interface Seen {
  readonly look: EvidenceLook;
  /** When the source was last heard of, in a sentence; empty without a quorum cluster that tells. */
  readonly heard: readonly string[];
}

async function lookAt(request: FailoverRequest, sites: OpenSites, { clock }: CommandContext): Promise<Seen> {
  const ask = (plan: ReadPlan): Promise<readonly Outcome[]> =>
    Promise.all(plan.map((read) => sites.driver.perform(read.request)));
  const heard = lastHeard(request, sites, clock.now());
  const satellites = satellitesIn(request, await ask(satellitePlan(request)), clock.now());
  const outcomes = await ask(evidencePlan(request, satellites));
  return { look: evidenceIn(request, satellites, outcomes, clock.now()), heard: await heard };
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

function requireTargetGroup({ group, namespace, target }: FailoverOrder, { view }: EvidenceLook): void {
  const reading = view.group.target.group;
  if (reading.known && reading.value !== undefined) return;
  throw new CommandError(`Protection group ${group} was not found in namespace ${namespace} of ${target}`, {
    reason: reading.known ? `${target} has no such group: nothing was prepared there` : reading.why,
    remedy: reading.known
      ? `List the groups: pgctl get protectiongroups -n ${namespace}`
      : 'An unplanned failover needs its target: pgctl config test',
    ...(reading.known ? {} : { exit: 'notReady' as const }),
  });
}

function underWay({ group, target }: FailoverOrder, { view }: EvidenceLook): KubeObject | undefined {
  const operations = readingOfSite(view.group.target, 'operations');
  if (!operations.known) return undefined;
  return unfinishedOperations(operations.value, group).find(({ spec }) => spec?.targetCluster === target);
}

/** What is known, what is not, and what will be done. */
function introduction(
  { group, source, target }: FailoverRequest,
  { evidence, view }: EvidenceLook,
  heard: readonly string[],
): readonly string[] {
  const { needs, facts } = evidence;
  const answers = view.group.source.group.known;
  const isForced = needs.some(({ kind }) => kind === 'ForceQuorum');
  const steps = [
    answers ? `Stop VMs on ${source}, as far as it carries that out` : `Tell ${source} to stop when it answers again`,
    ...(isForced ? [`Force DRBD on ${target} to promote`] : []),
    `Start VMs on ${target}`,
  ];
  return [
    '⚠ UNPLANNED FAILOVER',
    `Protection Group: ${group}`,
    `Source: ${source} (${answers ? 'answers' : 'does not answer'})`,
    `Target: ${target}`,
    'What is known:',
    ...[...facts, ...heard].map((fact) => `- ${fact}`),
    ...(answers && needs.length === 0
      ? [`⚠ ${source} answers: a planned failover loses nothing: pgctl failover ${group} --to ${target}`]
      : []),
    ...(needs.length === 0 ? [] : ['What has to be accepted:', ...needs.map(needLine)]),
    'This will:',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
  ];
}

function needLine({ kind, statement }: ConsentNeed): string {
  return `⚠ ${kind}: ${statement}`;
}

/** The consents that a file brings, or that the person types; undefined when the person does not accept. */
async function consentsTo(
  order: FailoverOrder,
  request: FailoverRequest,
  { evidence, view }: EvidenceLook,
  context: CommandContext,
): Promise<readonly Consent[] | undefined> {
  const givenAt = timestamp(context.clock.now());
  if (order.consentFile !== undefined) {
    const form = await readForm(order.consentFile, 'pgctl failover --unplanned --dry-run -o yaml');
    const consents = consentsOfForm(form, order.consentFile, consentScope(request), evidence.digest, givenAt);
    const [first] = missingConsents(view.group, evidence, consents);
    if (first === undefined) return consents;
    throw new CommandError(`${order.consentFile} does not accept everything that has to be`, {
      reason: first.what,
      remedy: `Fill in accepted of each consent with the name of the group: ${request.group}`,
      exit: 'notReady',
    });
  }
  const to = isForPrograms(order.output) ? 'stderr' : 'stdout';
  const { group } = request;
  const plain = evidence.needs.filter(({ kind }) => kind !== 'ForceQuorum');
  const force = evidence.needs.filter(({ kind }) => kind === 'ForceQuorum');
  const questions = [
    ...(plain.length > 0 || force.length === 0
      ? [`Type the name of the protection group to accept${plain.map(({ kind }) => ` ${kind}`).join(' and')}: `]
      : []),
    ...(force.length > 0 ? ['Type it once more to override DRBD (ForceQuorum): '] : []),
  ];
  for (const question of questions) if ((await askWord(question, context, to)) !== group) return undefined;
  const givenBy = `${request.requestedBy.user}@${request.requestedBy.host}`;
  return evidence.needs.map((need) => ({ ...need, evidence: evidence.digest, givenBy, givenAt }));
}

function consentScope({ group, namespace, target }: FailoverRequest): ConsentScope<ConsentKind> {
  return {
    form: 'FailoverConsent',
    operation: 'failover',
    group,
    namespace,
    cluster: ['targetCluster', target],
    kinds: consentKinds,
    renew: `pgctl failover ${group} --unplanned --dry-run -o yaml`,
  };
}

async function dryRun(
  { output, group, target }: FailoverOrder,
  request: FailoverRequest,
  { look, heard, findings }: Seen & { readonly findings: readonly Finding[] },
  context: CommandContext,
): Promise<ExitName> {
  if (output === 'json' || output === 'yaml')
    await printDocument(consentForm(consentScope(request), look.evidence), output, context);
  else {
    const { group: view } = look.view;
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        ...introduction(request, look, heard),
        'Pre-flight checks:',
        ...checkLines(shownChecks(targetChecks(view, undefined), view.target, view)),
        ...obstaclesIn(view, look.evidence).flatMap(findingLines),
        `Ready for unplanned failover: ${findings.length === 0 ? 'YES' : 'NO'}`,
        ...(findings.length === 0 && look.evidence.needs.length > 0
          ? [`A form to accept it in advance: pgctl failover ${group} --to ${target} --unplanned --dry-run -o yaml`]
          : []),
      ],
      context,
    );
  }
  return findings.length === 0 ? 'ok' : 'notReady';
}

function refused({ group, target }: FailoverOrder, findings: readonly Finding[]): CommandError {
  const [first] = findings;
  return new CommandError(`Unplanned failover of ${group} to ${target} refused`, {
    reason: findings.map(({ what, why }) => `${what} (${why})`).join('; '),
    remedy: first?.remedy ?? 'pgctl config test',
    exit: 'notReady',
  });
}
