import type { Cells } from './cells.ts';
import type { Breach, Choices } from './choices.ts';
import type { Move } from './moves/move.ts';

/** What was followed of a list of choices. */
export interface Followed {
  /** The state that they lead to. */
  readonly state: Cells;
  readonly breaches: readonly Breach[];
  /** The first choice that is not there, and those that are there instead; absent when all could be taken. */
  readonly missing?: { readonly choice: string; readonly instead: readonly string[] };
}

/** The words of a row of choices, from the beginning on. */
export function wordsAlong(choices: Choices, moves: readonly Move[]): readonly string[] {
  const words: string[] = [];
  let state = choices.world.initial();
  for (const move of moves) {
    words.push(choices.wordsOf(move, state));
    state = after(choices, state, move)?.state ?? state;
  }
  return words;
}

/** Makes the choices of these words, one after the other, from the beginning on. */
export function follow(choices: Choices, words: readonly string[]): Followed {
  let state = choices.world.initial();
  const breaches: Breach[] = [];
  for (const choice of words) {
    const there = new Map<string, Move>();
    choices.from(state, (move) => there.set(choices.wordsOf(move, state), move));
    const move = there.get(choice);
    const taken = move === undefined ? undefined : after(choices, state, move);
    if (taken === undefined) return { state, breaches, missing: { choice, instead: [...there.keys()] } };
    breaches.push(...taken.breaches);
    state = taken.state;
  }
  return { state, breaches };
}

function after(
  choices: Choices,
  from: Cells,
  wanted: Move,
): { readonly state: Cells; readonly breaches: readonly Breach[] } | undefined {
  let found: { readonly state: Cells; readonly breaches: readonly Breach[] } | undefined;
  choices.from(from, (move, to, breaches) => {
    if (move === wanted) found ??= { state: to.slice(), breaches };
  });
  return found;
}
