import { parseScenario } from '../../drills/scenario-file.ts';
import { executePlan, planSweep } from '../../drills/sweep/sweep.ts';
import type { SweepMessage, SweepOrder } from './messages.ts';

/** Takes part after part of the scenarios, and executes its plans, until other threads and this one have taken all. */
export function sweepOver(
  { definitions, scenarios, parts, taken }: SweepOrder,
  tell: (message: SweepMessage) => void,
): void {
  const counter = new Int32Array(taken);
  for (;;) {
    const next = Atomics.add(counter, 0, 1);
    const entry = scenarios[Math.floor(next / parts)];
    if (entry === undefined) return;
    const { file, document } = entry;
    const parsed = parseScenario(document);
    if (parsed.kind === 'problems') return tell({ kind: 'noScenario', file, problems: parsed.problems });
    const sweep = planSweep(parsed.scenario, definitions);
    const plans = sweep.plans.filter((_plan, index) => index % parts === next % parts);
    tell({ kind: 'planned', file, count: plans.length });
    // Where one fails many do, and alike: of each kind of plan and each property one is reduced.
    const reduced = new Set<string>();
    for (const plan of plans) {
      const result = executePlan(sweep, plan, definitions, (property) => {
        const isNew = !reduced.has(`${plan.kind} ${property}`);
        reduced.add(`${plan.kind} ${property}`);
        return isNew;
      });
      tell({ kind: 'executed', file, result });
    }
  }
}
