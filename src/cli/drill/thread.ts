// A thread of `pgctl drill` and its kin, `pgctl replay` and `pgctl scenario validate`: the twin is loaded and runs here, so that the
// program stays small and answers Ctrl-C.
import { parentPort, workerData } from 'node:worker_threads';
import { explore } from './explore-thread.ts';
import { hunt } from './hunt.ts';
import type { ThreadMessage, ThreadOrder } from './messages.ts';
import { playRuns } from './play-runs.ts';
import { replay, validate } from './replay-thread.ts';
import { soak } from './soak-thread.ts';
import { sweepOver } from './sweep-over.ts';

const order = workerData as ThreadOrder;
if (order.kind === 'drill') playRuns(order, tell);
else if (order.kind === 'sweep') sweepOver(order, tell);
else if (order.kind === 'soak') tell(soak(order));
else if (order.kind === 'hunt') tell(hunt(order));
else if (order.kind === 'explore' || order.kind === 'retrace') explore(order, tell);
else tell(order.kind === 'replay' ? replay(order) : validate(order.document));

function tell(message: ThreadMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
  parentPort?.postMessage(message);
}
