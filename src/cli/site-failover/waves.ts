import { inParallel } from './in-parallel.ts';
import type { Turn, Wave } from './plan.ts';
import { didNotBegin, type GroupResult, hasArrived } from './result.ts';

/** How waves are gone through. */
export interface WaveRules<One extends Turn> {
  /** Groups of a wave that are on their way at the same time, at most. */
  readonly parallel: number;
  /** Whether a wave begins although not every group of the earlier ones has arrived. */
  readonly continueOnFailure: boolean;
  /** Aborted: what has not begun does not begin. */
  readonly signal: AbortSignal;
  /** Brings one group to its end, whatever that is; never throws. */
  readonly move: (one: One) => Promise<GroupResult>;
  readonly onWave: (wave: Wave<One>) => void;
}

/**
 * Goes through the waves in their order, and answers a result for each group, in the order of the plan. A group that does not
 * arrive stops no other of its wave; the later waves wait for the next call.
 */
export async function goThroughWaves<One extends Turn>(
  waves: readonly Wave<One>[],
  rules: WaveRules<One>,
): Promise<readonly GroupResult[]> {
  const { parallel, continueOnFailure, signal, move, onWave } = rules;
  const results: GroupResult[] = [];
  let incomplete: number | undefined;
  for (const wave of waves) {
    if (incomplete !== undefined && !continueOnFailure) {
      const why = `wave ${incomplete} is not complete`;
      results.push(...wave.moves.map((one) => didNotBegin(one, why)));
      continue;
    }
    if (!signal.aborted) onWave(wave);
    const ended = await inParallel(wave.moves, parallel, async (one) =>
      signal.aborted ? didNotBegin(one, 'pgctl was interrupted before its turn') : move(one),
    );
    results.push(...ended);
    if (!ended.every(hasArrived)) incomplete ??= wave.number;
  }
  return results;
}
