import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { newRequest } from '../failover-run.ts';
import { startOperation } from '../operation-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from '../output.ts';
import { confirm } from '../prompt.ts';
import type { OpenSites } from '../sites.ts';
import { carryOut } from './carry-out.ts';
import { placeField, type SiteFailoverOrder } from './order.ts';
import { goes, type Move, planSiteFailover, type SiteFailoverPlan } from './plan.ts';
import { planLines, plannedTexts, shownMoveChecks } from './text.ts';

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
  const print = forPrograms ? printNotes : printLines;
  print(['⚠ FAILOVER OPERATION', ...planLines(plan, order, plannedTexts(plan, order))], context);
  const isAnythingToDo = plan.waves.some(({ moves }) => moves.some(goes));
  if (isAnythingToDo && !order.yes && !(await confirm('Continue?', context, forPrograms ? 'stderr' : 'stdout'))) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  return carryOut(order, plan, sites, context, ({ namespace, group }, ports) =>
    startOperation(newRequest({ ...order, namespace, group }, plan.source, context), ports),
  );
}

async function dryRun(
  order: SiteFailoverOrder,
  plan: SiteFailoverPlan<Move>,
  context: CommandContext,
): Promise<ExitName> {
  const moves = plan.waves.flatMap((wave) => wave.moves);
  const isReady = moves.every(({ standing }) => standing.kind !== 'cannot');
  const { output } = order;
  const { source, target } = plan;
  if (output === 'json' || output === 'yaml') {
    const groups = moves.map((one) => ({
      protectionGroup: one.group,
      namespace: one.namespace,
      wave: one.wave,
      standing: one.standing.kind,
      checks: shownMoveChecks(one),
    }));
    await printDocument({ ...placeField(order), source, target, ready: isReady, groups }, output, context);
  } else {
    const able = moves.filter(({ standing }) => standing.kind !== 'cannot').length;
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        ...planLines(plan, order, plannedTexts(plan, order)),
        `Ready for failover: ${isReady ? 'YES' : `NO (${able} of ${moves.length} protection groups)`}`,
      ],
      context,
    );
  }
  return isReady ? 'ok' : 'notReady';
}
