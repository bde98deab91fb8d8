import type { Tape } from './tape.ts';

/** Whether a tape still fails in the way that is looked for. */
export type StillFails = (tape: Tape) => boolean;

/**
 * The tape without what it does not need in order to fail: first whole items, by delta debugging (Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002), then VMs, nodes and durations. The result is 1-minimal: it
 * passes when any single item is taken away.
 */
export function shrink(tape: Tape, stillFails: StillFails): Tape {
  const asked = askedOnce(stillFails);
  let smallest = tape;
  for (;;) {
    const fewer = simpler(fewerItems(smallest, asked), asked);
    if (JSON.stringify(fewer) === JSON.stringify(smallest)) return smallest;
    smallest = fewer;
  }
}

/** Each tape is played once: the last round of a search asks for what the round before has asked. */
function askedOnce(stillFails: StillFails): StillFails {
  const answers = new Map<string, boolean>();
  return (tape) => {
    const key = JSON.stringify(tape);
    const answer = answers.get(key) ?? stillFails(tape);
    answers.set(key, answer);
    return answer;
  };
}

function fewerItems(tape: Tape, stillFails: StillFails): Tape {
  let current = tape;
  let parts = 2;
  while (current.items.length > 0) {
    const size = Math.ceil(current.items.length / parts);
    const smaller = pieces(current, size).find(stillFails);
    if (smaller !== undefined) {
      current = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size <= 1) {
      return current;
    } else {
      parts = Math.min(current.items.length, parts * 2);
    }
  }
  return current;
}

/** The tape without each of its parts of so many items, in turn. */
function* chunksOf(tape: Tape, size: number): Generator<Tape> {
  for (let start = 0; start < tape.items.length; start += size) {
    yield { ...tape, items: [...tape.items.slice(0, start), ...tape.items.slice(start + size)] };
  }
}

function pieces(tape: Tape, size: number): Tape[] {
  return [...chunksOf(tape, size)];
}

/** Each number at its smallest for which it still fails, one after the other. */
function simpler(tape: Tape, stillFails: StillFails): Tape {
  let current = tape;
  const attempt = (candidate: Tape): void => {
    if (JSON.stringify(candidate) !== JSON.stringify(current) && stillFails(candidate)) current = candidate;
  };
  attempt({ ...current, topology: { ...current.topology, nodes: 1 } });
  for (const virtualMachines of [1, 2, 3]) {
    if (virtualMachines < current.topology.virtualMachines)
      attempt({ ...current, topology: { ...current.topology, virtualMachines } });
  }
  attempt({
    ...current,
    items: current.items.map((item) => ('when' in item ? { ...item, when: withoutDelay(item.when) } : item)),
  });
  return current;
}

function withoutDelay<When extends object>(when: When): When {
  if (!('after' in when)) return when;
  const { after: _after, ...rest } = when;
  return rest as unknown as When;
}
