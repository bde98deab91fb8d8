import { failoverRequestOf } from '../../model/failover.ts';
import { allNamespaces } from '../../model/read-plan.ts';
import type { OperationView } from '../../model/projection.ts';
import type { SiteName } from '../../model/site.ts';
import { commandErrorOf } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { progressLines } from '../failover-progress.ts';
import { operationPorts } from '../failover-run.ts';
import { type LiveLine, openLiveLine } from '../live-line.ts';
import { continueOperation, type OperationEnd, type OperationPorts } from '../operation-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from '../output.ts';
import type { OpenSites } from '../sites.ts';
import { placeField, type SiteFailoverOrder } from './order.ts';
import { goes, type SiteFailoverPlan, type Turn } from './plan.ts';
import {
  endedResult,
  exitOfAll,
  failedResult,
  type GroupResult,
  hasArrived,
  resultDocument,
  settledResult,
} from './result.ts';
import { groupLine, summaryLines } from './text.ts';
import { goThroughWaves } from './waves.ts';

/** Starts the operation of one group, and follows it to its end. */
export type StartTurn<One extends Turn> = (one: One, ports: OperationPorts) => Promise<OperationEnd>;

/** Goes through a plan that has been agreed to, with its progress, and says what became of each group and of the whole. */
export async function carryOut<One extends Turn>(
  order: SiteFailoverOrder,
  plan: SiteFailoverPlan<One>,
  sites: OpenSites,
  context: CommandContext,
  start: StartTurn<One>,
): Promise<ExitName> {
  const print = (lines: readonly string[]): void =>
    (isForPrograms(order.output) ? printNotes : printLines)(lines, context);
  context.endsItself();
  const line = openLiveLine(context, print);
  const moving = new MovingGroups(plan, line);
  const results = await goThroughWaves(plan.waves, {
    parallel: order.parallel,
    continueOnFailure: order.continueOnFailure,
    signal: context.interrupted,
    onWave: ({ number, moves }) => {
      if (plan.waves.length > 1 && moves.some(goes)) line.print([`▶ Wave ${number}`]);
    },
    move: async (one) =>
      settledResult(one) ?? moving.follow(one, () => moveGroup(one, plan.target, sites, context, line, start)),
  }).finally(() => line.end());
  print(summaryLines(results, plan.target, order.namespace === allNamespaces));
  if (order.output === 'json' || order.output === 'yaml') {
    const { source, target } = plan;
    const groups = results.map(resultDocument);
    await printDocument({ ...placeField(order), source, target, groups }, order.output, context);
  }
  return context.interrupted.aborted && !results.every(hasArrived) ? 'timedOut' : exitOfAll(results);
}

async function moveGroup<One extends Turn>(
  one: One,
  target: SiteName,
  sites: OpenSites,
  context: CommandContext,
  line: LiveLine,
  start: StartTurn<One>,
): Promise<GroupResult> {
  const { label, standing } = one;
  let latest: OperationView | undefined;
  const show = (view: OperationView): void => {
    line.print(progressLines(latest, view).map((text) => groupLine(label, text)));
    latest = view;
  };
  const ports = operationPorts(sites, context, show);
  try {
    const end =
      standing.kind === 'underWay'
        ? await continueOperation(failoverRequestOf(standing.operation.object), ports)
        : await start(one, ports);
    if (end.how === 'ended') show(end.view);
    return endedResult(one, target, end);
  } catch (thrown) {
    const result = failedResult(one, commandErrorOf(thrown));
    line.print([
      `✗ ${label}: ${result.reason}`,
      ...(result.remedy === undefined ? [] : [`  ${label}: remedy: ${result.remedy}`]),
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

  async follow<Result>({ label }: Turn, run: () => Promise<Result>): Promise<Result> {
    this.#underWay.add(label);
    this.#show();
    try {
      return await run();
    } finally {
      this.#underWay.delete(label);
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
