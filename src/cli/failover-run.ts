import { type FailoverRequest, failoverRequestOf, type FailoverTimeouts } from '../model/failover.ts';
import { groupOverview } from '../model/group-overview.ts';
import { operationName } from '../model/operation-name.ts';
import type { OperationView } from '../model/projection.ts';
import type { Settings } from '../model/settings.ts';
import type { SiteName } from '../model/site.ts';
import { backendField } from '../model/storage-backend.ts';
import { checkLines, findingLines, type ShownCheck, shownChecks } from './check-text.ts';
import type { CommandContext } from './context.ts';
import { type ExitName, exitOfVerdict } from './exit-codes.ts';
import { type FailoverPlan, planFailover, type UnfinishedOperation } from './failover-plan.ts';
import { activityOf, failoverIntroduction, progressLines } from './failover-progress.ts';
import { estimateFailover } from './failover-estimate.ts';
import { standingOf } from './failover-standing.ts';
import { failoverSubjects, observe } from './observe.ts';
import {
  continueOperation,
  type OperationEnd,
  type OperationPorts,
  requestCancel,
  startOperation,
} from './operation-run.ts';
import type { RunnerPorts } from './operation-runner.ts';
import { isForPrograms, type OutputFormat, printDocument, printLines, printNotes } from './output.ts';
import { operationDocument } from './operation-document.ts';
import { openProgressPrinter } from './progress-printer.ts';
import { confirm } from './prompt.ts';
import { requireAnyGroup } from './require-group.ts';
import type { OpenSites } from './sites.ts';

/** What a failover, or a failback, was asked to do. */
export interface FailoverOrder {
  readonly settings: Settings;
  readonly namespace: string;
  readonly group: string;
  readonly target: SiteName;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly rollBack: boolean;
  /** The target is expected to get nodes for VMs for which it has no room now. */
  readonly withoutRoom: boolean;
  /** Without the source: what cannot be proven is accepted by a person. */
  readonly unplanned: boolean;
  /** A form in which it was accepted. */
  readonly consentFile: string | undefined;
  /** Instead of FAILOVER_TIMEOUT. */
  readonly timeoutSeconds: number | undefined;
  readonly output: OutputFormat;
}

/** Says that there is nothing to do. */
export async function alreadyThere(
  { group, namespace, target, output }: FailoverOrder,
  context: CommandContext,
): Promise<ExitName> {
  if (output === 'json' || output === 'yaml')
    await printDocument({ protectionGroup: group, namespace, target, alreadyThere: true }, output, context);
  else printLines([`✓ ${group} runs on ${target} already: nothing to do`], context);
  return 'ok';
}

/** Moves a group to the target: looks, asks, then starts the operation or goes on with the one that is under way. */
export async function runFailover(order: FailoverOrder, sites: OpenSites, context: CommandContext): Promise<ExitName> {
  const { namespace, group, target, output } = order;
  const source = target === sites.dr ? sites.primary : sites.dr;
  const ports = { driver: sites.driver, clock: context.clock, storage: sites.storage };
  const observation = await observe(ports, [sites.primary, sites.dr], failoverSubjects(target), { namespace, group });
  const plan = planFailover(observation, { namespace, group, source, target, withoutRoom: order.withoutRoom });
  requireAnyGroup(groupOverview(observation, { namespace, group, primary: sites.primary, dr: sites.dr }));
  const standing = standingOf(plan);
  if (standing.kind === 'alreadyThere') return alreadyThere(order, context);
  if (order.dryRun) return dryRun(order, plan, context);
  if (standing.kind === 'underWay') return goOn(order, standing.operation, sites, context);
  if (standing.kind === 'cannot') {
    const isToldByChecks = standing.error.exit === 'notReady' && !isForPrograms(output);
    if (isToldByChecks) printLines(['Pre-flight checks:', ...checkLines(shown(plan))], context);
    throw standing.error;
  }
  const print = isForPrograms(output) ? printNotes : printLines;
  const { runningVirtualMachines } = plan;
  print(failoverIntroduction({ protectionGroup: group, source, target, runningVirtualMachines }), context);
  for (const line of plan.checks) print(line.findings.flatMap(findingLines), context);
  if (!order.yes && !(await confirm('Continue?', context, isForPrograms(output) ? 'stderr' : 'stdout'))) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  const request = newRequest(order, source, context);
  return follow(order, sites, context, (operation) => startOperation(request, operation));
}

async function dryRun(order: FailoverOrder, plan: FailoverPlan, context: CommandContext): Promise<ExitName> {
  const { output, group, namespace } = order;
  const estimate = plan.isReady ? await estimateFailover(plan, timeoutsOf(order)) : undefined;
  if (output === 'json' || output === 'yaml') {
    const { source, target, isReady } = plan;
    const checks = shown(plan);
    const document = {
      protectionGroup: group,
      namespace,
      source,
      target,
      ready: isReady,
      estimateSeconds: estimate,
      checks,
    };
    await printDocument(document, output, context);
  } else {
    const range = estimate === undefined ? [] : [`Estimated failover time: ${estimate.least}-${estimate.most} seconds`];
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        'Pre-flight checks:',
        ...checkLines(shown(plan)),
        ...range,
        `Ready for failover: ${plan.isReady ? 'YES' : 'NO'}`,
      ],
      context,
    );
  }
  return plan.isReady ? 'ok' : 'notReady';
}

/** A second call while an operation is under way goes on with it: the consent was given when it was begun. */
export async function goOn(
  order: FailoverOrder,
  unfinished: UnfinishedOperation,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  const { name } = unfinished.object.metadata;
  const print = isForPrograms(order.output) ? printNotes : printLines;
  print([`▶ Continuing operation ${name}: ${order.group} to ${order.target}`], context);
  return follow(order, sites, context, (operation) =>
    continueOperation(failoverRequestOf(unfinished.object), operation),
  );
}

/** Shows an operation that `run` starts or goes on with to its end; Ctrl-C leaves it, or gives it up. */
export async function follow(
  order: Pick<FailoverOrder, 'output'>,
  sites: OpenSites,
  context: CommandContext,
  run: (ports: OperationPorts) => Promise<OperationEnd>,
): Promise<ExitName> {
  const printer = openProgressPrinter({ progressLines, activityOf }, context, isForPrograms(order.output));
  let latest: OperationView | undefined;
  context.endsItself();
  const ports = operationPorts<OperationView>(sites, context, (view) => {
    latest = view;
    printer.show(view);
  });
  try {
    let end = await run(ports);
    if (end.how === 'left') {
      printer.end();
      if (!(await wantsToCancel(end.operation, latest, context))) return 'timedOut';
      await requestCancel(end.operation, sites.driver);
      // A second Ctrl-C ends pgctl at once, and leaves the way back to the controllers.
      end = await continueOperation(end.operation, { ...ports, signal: new AbortController().signal });
    }
    if (end.how === 'left') return 'timedOut';
    printer.show(end.view);
    if (order.output === 'json' || order.output === 'yaml') {
      await printDocument(operationDocument(end.view), order.output, context);
    }
    return end.view.verdict === undefined ? 'error' : exitOfVerdict(end.view.verdict);
  } finally {
    printer.end();
  }
}

/** What an operation of this run of pgctl is driven with; Ctrl-C leaves it. */
export function operationPorts<View>(
  { driver, quorum }: OpenSites,
  { clock, identify, interrupted }: CommandContext,
  onView: (view: View) => void,
): RunnerPorts<View> {
  const { user, host, run } = identify();
  const otherSites = quorum === undefined ? [] : [quorum];
  return { driver, clock, holder: `pgctl/${user}@${host}/${run}`, otherSites, onView, signal: interrupted };
}

/** After Ctrl-C: the operation is left to the Failover Controller, or given up, as the person says; without one, left. */
async function wantsToCancel(
  { name, group, target }: FailoverRequest,
  view: OperationView | undefined,
  context: CommandContext,
): Promise<boolean> {
  const question = `⚠ Interrupted. Cancel operation ${name}, instead of leaving it to the controllers?`;
  const mayTurnBack = view?.steps.some((step) => step.name === 'startTarget' && step.startedAt !== undefined) !== true;
  if (!mayTurnBack) printNotes([`⚠ VMs may have started on ${target}: from here on it goes forward only`], context);
  else if (context.stdin.isTerminal && (await confirm(question, context, 'stderr'))) return true;
  printNotes(
    [
      `⚠ Operation ${name} goes on without pgctl: the Failover Controller, or the next pgctl failover, finishes it`,
      `remedy: Follow it: pgctl failover ${group} --to ${target}`,
    ],
    context,
  );
  return false;
}

function shown(plan: FailoverPlan): readonly ShownCheck[] {
  return shownChecks(plan.checks, plan.view.target, plan.view);
}

/** What an order says of the operation itself. */
export type RequestedMove = Pick<
  FailoverOrder,
  'settings' | 'namespace' | 'group' | 'target' | 'rollBack' | 'withoutRoom' | 'timeoutSeconds'
>;

/** The planned operation that an order asks for. */
export function newRequest(order: RequestedMove, source: SiteName, context: CommandContext): FailoverRequest {
  const { namespace, group, target, rollBack } = order;
  const who = context.identify();
  const { user, host } = who;
  return {
    name: operationName(group, 'failover', context.clock.now(), who),
    namespace,
    group,
    source,
    target,
    mode: 'Planned',
    rollBack,
    ...(order.withoutRoom ? { withoutRoom: true } : {}),
    ...backendField(order.settings.storageBackend),
    timeouts: timeoutsOf(order),
    requestedBy: { user, host, client: 'pgctl' },
  };
}

function timeoutsOf({
  settings,
  timeoutSeconds,
}: Pick<FailoverOrder, 'settings' | 'timeoutSeconds'>): FailoverTimeouts {
  return {
    failoverSeconds: timeoutSeconds ?? settings.failoverTimeoutSeconds,
    vmStartSeconds: settings.vmStartTimeoutSeconds,
    drbdWaitSeconds: settings.drbdWaitTimeSeconds,
    taintRemovalWindowSeconds: settings.taintRemovalWindowSeconds,
  };
}
