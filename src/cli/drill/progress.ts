import type { CommandContext } from '../context.ts';
import type { DrillTally } from './drill-tally.ts';

/** How much is to be done: whatever comes first. */
export interface Budget {
  readonly runs: number;
  readonly milliseconds: number;
}

/** Tells how a drill goes, with the rate, what was reached and the time left: at most one line a second, on a terminal only. */
export function progressOn({ stderr }: CommandContext, budget: Budget): (tally: DrillTally) => void {
  const began = performance.now();
  let told = began;
  return (tally) => {
    const now = performance.now();
    if (!stderr.isTerminal || now - told < 1_000) return;
    told = now;
    stderr.write(`▶ ${progressText(tally, budget, now - began)}\n`);
  };
}

/** The line after so many milliseconds. */
export function progressText(
  { runs, failed, marks }: Pick<DrillTally, 'runs' | 'failed' | 'marks'>,
  budget: Budget,
  spent: number,
): string {
  const rate = runs / (spent / 1_000);
  const left = Math.min((budget.runs - runs) / rate, (budget.milliseconds - spent) / 1_000);
  const of = Number.isSafeInteger(budget.runs + 1) ? ` of ${budget.runs}` : '';
  return `${runs}${of} runs, ${failed} failed, ${rate.toFixed(1)} a second, ${marks} marks, ${timeText(left)} left`;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.ceil(seconds))} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
