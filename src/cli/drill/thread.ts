// A thread of `pgctl drill`, `pgctl drill sweep`, `pgctl replay` and `pgctl scenario validate`: the twin is loaded and runs here, so that the
// program stays small and answers Ctrl-C.
import { parentPort, workerData } from 'node:worker_threads';
import { runTape } from '../../drills/run.ts';
import { tapeOf } from '../../drills/swarm.ts';
import { explore } from './explore-thread.ts';
import { hunt } from './hunt.ts';
import type { DrillOrder, DrillProgress, ThreadMessage, ThreadOrder } from './messages.ts';
import { replay, validate } from './replay-thread.ts';
import { sweepOver } from './sweep-over.ts';
import { smallestFailure } from './smallest-failure.ts';

const order = workerData as ThreadOrder;
if (order.kind === 'drill') drill(order);
else if (order.kind === 'sweep') sweepOver(order, tell);
else if (order.kind === 'hunt') tell(hunt(order));
else if (order.kind === 'explore' || order.kind === 'retrace') explore(order, tell);
else tell(order.kind === 'replay' ? replay(order) : validate(order.document));

function drill(runs: DrillOrder): void {
  const { definitions, seed, first, step, end, milliseconds } = runs;
  const deadline = performance.now() + milliseconds;
  for (let run = first; run < end && performance.now() < deadline; run += step) {
    const { verdict, properties, digest, marks, coverage, simulated, violations } = runTape(
      tapeOf(seed, run),
      definitions,
    );
    const progress: DrillProgress = { run, verdict, properties, digest, marks: [...marks], coverage, simulated };
    const property = violations[0]?.property;
    const failure = property === undefined ? {} : { failure: smallestFailure(definitions, seed, run, property) };
    tell({ kind: 'run', progress: { ...progress, ...failure } });
  }
}

function tell(message: ThreadMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
  parentPort?.postMessage(message);
}
