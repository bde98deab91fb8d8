import { failoverRequestOf } from '../../model/failover.ts';
import type { OperationView } from '../../model/projection.ts';
import { commandErrorOf } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { progressLines } from '../failover-progress.ts';
import { newRequest, operationPorts } from '../failover-run.ts';
import { type LiveLine, openLiveLine } from '../live-line.ts';
import { continueOperation, startOperation } from '../operation-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from '../output.ts';
import { confirm } from '../prompt.ts';
import type { OpenSites } from '../sites.ts';
import type { SiteFailoverOrder } from './order.ts';
import { goes, type Move, planSiteFailover, type SiteFailoverPlan } from './plan.ts';
import {
  endedResult,
  exitOfAll,
  failedResult,
  type GroupResult,
  hasArrived,
  resultDocument,
  settledResult,
} from './result.ts';
import { groupLine, planLines, shownMoveChecks, summaryLines } from './text.ts';
import { goThroughWaves } from './waves.ts';

/**
 * Moves several groups to the target: shows which can go and which not, asks once, and brings them there wave by wave, each by
 * an operation of its own. What is there already is done, so that the same order goes on where an earlier one has ended.
 */
export async function runSiteFailover(
  order: SiteFailoverOrder,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  const plan = await planSiteFailover(order, sites, context);
  if (order.dryRun) return dryRun(order, plan, context);
  const forPrograms = isForPrograms(order.output);
  const print = (lines: readonly string[]): void => (forPrograms ? printNotes : printLines)(lines, context);
  print(['⚠ FAILOVER OPERATION', ...planLines(plan, order)]);
  const isAnythingToDo = plan.waves.some(({ moves }) => moves.some(goes));
  if (isAnythingToDo && !order.yes && !(await confirm('Continue?', context, forPrograms ? 'stderr' : 'stdout'))) {
    print(['✗ Cancelled: nothing was changed']);
    return 'cancelled';
  }
  const results = await carryOut(order, plan, sites, context, print);
  print(summaryLines(results, plan.target));
  if (order.output === 'json' || order.output === 'yaml') {
    const { source, target } = plan;
    const groups = results.map(resultDocument);
    await printDocument({ namespace: order.namespace, source, target, groups }, order.output, context);
  }
  return context.interrupted.aborted && !results.every(hasArrived) ? 'timedOut' : exitOfAll(results);
}

async function carryOut(
  order: SiteFailoverOrder,
  plan: SiteFailoverPlan,
  sites: OpenSites,
  context: CommandContext,
  print: (lines: readonly string[]) => void,
): Promise<readonly GroupResult[]> {
  context.endsItself();
  const line = openLiveLine(context, print);
  const moving = new MovingGroups(plan, line);
  try {
    return await goThroughWaves(plan.waves, {
      parallel: order.parallel,
      continueOnFailure: order.continueOnFailure,
      signal: context.interrupted,
      onWave: ({ number, moves }) => {
        if (plan.waves.length > 1 && moves.some(goes)) line.print([`▶ Wave ${number}`]);
      },
      move: async (one) =>
        settledResult(one) ?? moving.follow(one, () => moveGroup(one, order, plan, sites, context, line)),
    });
  } finally {
    line.end();
  }
}

async function moveGroup(
  one: Move,
  order: SiteFailoverOrder,
  { source, target }: SiteFailoverPlan,
  sites: OpenSites,
  context: CommandContext,
  line: LiveLine,
): Promise<GroupResult> {
  const { group, standing } = one;
  let latest: OperationView | undefined;
  const show = (view: OperationView): void => {
    line.print(progressLines(latest, view).map((text) => groupLine(group, text)));
    latest = view;
  };
  const ports = operationPorts(sites, context, show);
  try {
    const end =
      standing.kind === 'underWay'
        ? await continueOperation(failoverRequestOf(standing.operation.object), ports)
        : await startOperation(newRequest({ ...order, group }, source, context), ports);
    if (end.how === 'ended') show(end.view);
    return endedResult(one, target, end);
  } catch (thrown) {
    const result = failedResult(one, commandErrorOf(thrown));
    line.print([
      `✗ ${group}: ${result.reason}`,
      ...(result.remedy === undefined ? [] : [`  ${group}: remedy: ${result.remedy}`]),
    ]);
    return result;
  }
}

/** Keeps the moving line of a terminal to what goes on: how many have ended, and which are on their way. */
class MovingGroups {
  readonly #underWay = new Set<string>();
  readonly #line: LiveLine;
  readonly #total: number;
  #ended = 0;

  constructor({ waves }: SiteFailoverPlan, line: LiveLine) {
    this.#line = line;
    this.#total = waves.flatMap(({ moves }) => moves.filter(goes)).length;
  }

  async follow<Result>({ group }: Move, run: () => Promise<Result>): Promise<Result> {
    this.#underWay.add(group);
    this.#show();
    try {
      return await run();
    } finally {
      this.#underWay.delete(group);
      this.#ended += 1;
      this.#show();
    }
  }

  #show(): void {
    this.#line.show(
      `Moving ${this.#total} protection groups`,
      `${this.#ended} ended; ${[...this.#underWay].join(', ')}`,
    );
  }
}

async function dryRun(order: SiteFailoverOrder, plan: SiteFailoverPlan, context: CommandContext): Promise<ExitName> {
  const moves = plan.waves.flatMap((wave) => wave.moves);
  const isReady = moves.every(({ standing }) => standing.kind !== 'cannot');
  const { namespace, output } = order;
  const { source, target } = plan;
  if (output === 'json' || output === 'yaml') {
    const groups = moves.map((one) => ({
      protectionGroup: one.group,
      wave: one.wave,
      standing: one.standing.kind,
      checks: shownMoveChecks(one),
    }));
    await printDocument({ namespace, source, target, ready: isReady, groups }, output, context);
  } else {
    const able = moves.filter(({ standing }) => standing.kind !== 'cannot').length;
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        ...planLines(plan, order),
        `Ready for failover: ${isReady ? 'YES' : `NO (${able} of ${moves.length} protection groups)`}`,
      ],
      context,
    );
  }
  return isReady ? 'ok' : 'notReady';
}
