import { Exploration, replayCounterexample } from '../../drills/explore/exploration.ts';
import { parseCounterexample } from '../../drills/explore/counterexample.ts';
import type { ExploreMessage, ExploreOrder } from './explore-messages.ts';

/** Looked at between two glances at the clock. */
const portion = 2_000;
const tellEvery = 500;

/** Searches the small world, or plays a counterexample again, in a drill thread. */
export function explore(order: ExploreOrder, tell: (message: ExploreMessage) => void): void {
  if (order.kind === 'retrace') {
    const counterexample = parseCounterexample(order.document);
    if (typeof counterexample === 'string') {
      tell({ kind: 'retraced', result: counterexample });
      return;
    }
    const { property, choices } = counterexample;
    const replay = replayCounterexample(counterexample, order.definitions);
    tell({ kind: 'retraced', result: { ...replay, property, choices } });
    return;
  }
  const exploration = new Exploration(order.settings, order.definitions);
  const began = performance.now();
  let told = began;
  while (exploration.advance(portion)) {
    const now = performance.now();
    if (now - told < tellEvery) continue;
    told = now;
    tell({ kind: 'exploring', progress: exploration.progress });
  }
  const milliseconds = performance.now() - began;
  tell({ kind: 'explored', report: exploration.report(), milliseconds });
}
