import { sortMachines } from './canonical.ts';
import { cell, type Cells, sites } from './cells.ts';
import { ControllerMoves } from './moves/controller-moves.ts';
import { DriverMoves } from './moves/driver-moves.ts';
import { gatherGuestMoves, guestSteps } from './moves/guest-moves.ts';
import { type Gathering, kinds, type Move, partsOf } from './moves/move.ts';
import { gatherPersonMoves } from './moves/person-moves.ts';
import { gatherTroubleMoves, troubles } from './moves/trouble-moves.ts';
import { processes } from './processes.ts';
import { judgeState } from './safety.ts';
import { orders } from './scenery.ts';
import type { Budgets } from './settings.ts';
import type { SmallWorld } from './small-world.ts';

/** A property that a move breaks. */
export interface Breach {
  readonly property: string;
  readonly what: string;
}

/** Called for each choice with the state that it leads to, which is good only during the call, and what it breaks. */
export type Visit = (move: Move, to: Cells, breaches: readonly Breach[]) => void;

const unbroken: readonly Breach[] = [];

/** Everything that may happen next in a state, and in which words. */
export class Choices {
  readonly world: SmallWorld;
  readonly #budgets: Budgets;
  readonly #drivers: DriverMoves;
  readonly #controllers: ControllerMoves;

  constructor(world: SmallWorld, budgets: Budgets) {
    this.world = world;
    this.#budgets = budgets;
    this.#drivers = new DriverMoves(world, budgets);
    this.#controllers = new ControllerMoves(world);
  }

  /** How many different looks a machine of the product was stepped for. */
  get looks(): number {
    return this.#drivers.looks + this.#controllers.looks;
  }

  /** Visits every choice there is in a state. A choice that changes nothing is none. */
  from(state: Cells, visit: Visit): void {
    const next = new Uint16Array(state.length);
    let breaches: Breach[] | undefined;
    const to: Gathering = {
      from: state,
      fresh: () => {
        next.set(state);
        return next;
      },
      breaks: (property, what) => {
        breaches = [...(breaches ?? []), { property, what }];
      },
      found: (move) => {
        sortMachines(next);
        const broken = judgeState(this.world, next);
        const all = broken === undefined ? (breaches ?? unbroken) : [...(breaches ?? []), broken];
        breaches = undefined;
        if (all.length > 0 || !isSame(state, next)) visit(move, next, all);
      },
    };
    this.#drivers.gather(to);
    this.#controllers.gather(to);
    gatherGuestMoves(this.world, to);
    gatherTroubleMoves(this.world, this.#budgets, to);
    gatherPersonMoves(this.world, this.#budgets, to);
  }

  /** A choice in a state, in words for people. No two choices of one state have the same words. */
  wordsOf(move: Move, from: Cells): string {
    const { kind, who, which } = partsOf(move);
    const name = processes[who]?.name ?? '';
    switch (kind) {
      case kinds.look:
        return `${name} ${this.#drivers.wordsOfLook(from, who, which)}`;
      case kinds.store:
      case kinds.act:
        return `${name}: ${this.#drivers.wordsOfRequest(from, who)} ${this.#drivers.wordsOfArrival(from, who)}`;
      case kinds.ask:
        return `${name} asks whose the journal is`;
      case kinds.start:
        return `${name} takes the operation up`;
      case kinds.crash:
        return `${name} dies`;
      case kinds.stall:
        return `${name} stalls: it goes on when it likes, and its Leases may lapse`;
      case kinds.loseAnswer:
        return `${name}: ${this.#drivers.wordsOfRequest(from, who)} arrives, and its answer is lost`;
      case kinds.loseRequest:
        return `${name}: ${this.#drivers.wordsOfRequest(from, who)} is lost`;
      default:
        return wordsOfSurroundings(kind, who, which);
    }
  }
}

function wordsOfSurroundings(kind: number, who: number, which: number): string {
  switch (kind) {
    case kinds.reconcile:
      return `the Protection Group Controller of ${sites[who]} orders`;
    case kinds.obey:
      return `its order for VM ${which + 1} arrives on ${sites[who]}`;
    case kinds.guest:
      return `VM ${(which >> 1) + 1} on ${sites[which & 1]} ${guestSteps[who]?.says}`;
    case kinds.breaks:
      return troubles[who]?.says ?? '';
    case kinds.mends:
      return troubles[who]?.mended ?? '';
    case kinds.cancel:
      return `a person gives ${orders[who >> 1]?.name} up`;
    default:
      return `a person orders ${orders[who >> 1]?.name}, to ${orders[who >> 1]?.target}`;
  }
}

function isSame(one: Cells, other: Cells): boolean {
  for (let index = cell.used; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
