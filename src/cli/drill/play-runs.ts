import { runTape } from '../../drills/run.ts';
import { tapeOf } from '../../drills/swarm.ts';
import { DrillTally } from './drill-tally.ts';
import type { DrillOrder, ThreadMessage } from './messages.ts';
import { smallestFailure } from './smallest-failure.ts';

/** How long runs are gathered before they are told of, in milliseconds: a message for each is half the work of a short run. */
const gatherTime = 250;

/** Failures that a thread reduces. Whoever breaks something in every run learns no more from a thousand of them. */
const reducedFailures = 10;

/** Plays the runs of an order, and tells of them in batches. */
export function playRuns(order: DrillOrder, tell: (message: ThreadMessage) => void): void {
  const { definitions, seed, first, step, end, milliseconds } = order;
  const began = performance.now();
  let told = began;
  let tally = new DrillTally();
  let reduced = 0;
  for (let run = first; run < end && performance.now() - began < milliseconds; run += step) {
    const tape = tapeOf(seed, run);
    const report = runTape(tape, definitions);
    const property = report.violations[0]?.property;
    const isToReduce = property !== undefined && reduced < reducedFailures;
    if (isToReduce) reduced++;
    tally.add(
      run,
      report,
      isToReduce
        ? smallestFailure(definitions, tape, property, { name: `Run ${run} of seed ${seed}`, run })
        : undefined,
    );
    if (performance.now() - told < gatherTime) continue;
    told = performance.now();
    tell({ kind: 'runs', counts: tally.counts() });
    tally = new DrillTally();
  }
  if (tally.runs > 0) tell({ kind: 'runs', counts: tally.counts() });
}
