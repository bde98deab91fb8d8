import { at, cell, type Cells } from '../../../src/drills/explore/cells.ts';
import type { Choices } from '../../../src/drills/explore/choices.ts';
import { StateTable } from '../../../src/drills/explore/state-table.ts';

/** What the journals of both operations say, one after the other: `preflight | no state`. */
export type JournalStates = string;

/**
 * How far a history of journals can be followed in the small world: the number of its entries that some way through it shows, in
 * this order and with nothing in between. All of them: the small world allows the history.
 */
export function followed(choices: Choices, history: readonly JournalStates[]): number {
  let here: readonly Cells[] = [choices.world.initial()];
  for (let entry = 0; entry < history.length; entry++) {
    const next = new StateTable(choices.world.initial().length);
    for (const state of whileSame(choices, here)) {
      choices.from(state, (_move, to) => {
        if (journalsOf(choices, to) === history[entry]) next.numberOf(to);
      });
    }
    if (next.size === 0) return entry;
    here = everyOf(next, choices.world.initial().length);
  }
  return history.length;
}

/** Everything that can be reached while the journals say the same. */
function whileSame(choices: Choices, begin: readonly Cells[]): readonly Cells[] {
  const width = choices.world.initial().length;
  const known = new StateTable(width);
  for (const state of begin) known.numberOf(state);
  const state = new Uint16Array(width);
  for (let number = 0; number < known.size; number++) {
    known.read(number, state);
    const journals = journalsOf(choices, state);
    choices.from(state, (_move, to) => {
      if (journalsOf(choices, to) === journals) known.numberOf(to);
    });
  }
  return everyOf(known, width);
}

function everyOf(table: StateTable, width: number): readonly Cells[] {
  return Array.from({ length: table.size }, (_, number) => {
    const cells = new Uint16Array(width);
    table.read(number, cells);
    return cells;
  });
}

function journalsOf({ world }: Choices, cells: Cells): JournalStates {
  return [0, 1].map((operation) => world.facts(at(cells, cell.operations + operation)).state).join(' | ');
}
