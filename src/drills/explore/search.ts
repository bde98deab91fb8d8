import type { Cells } from './cells.ts';
import type { Breach, Choices } from './choices.ts';
import { isOfItself, type Move } from './moves/move.ts';
import { NumberList } from './number-list.ts';
import { classOfRest, hasEnded, judgeRest } from './rest.ts';
import type { Limits } from './settings.ts';
import { StateTable } from './state-table.ts';

/** The first way that was found to break a property. No way is shorter. */
export interface Finding extends Breach {
  /** The state that is left, and the choice that breaks it there; without a choice the state itself is what is wrong. */
  readonly state: number;
  readonly move?: Move;
}

/** Why a search ended. */
export type SearchEnd = 'exhausted' | 'depth' | 'states';

/**
 * Searches all states that can be reached, breadth first: in the order of how many choices it takes to get there. Keeps of each state how
 * it was found, and of what happens by itself where it leads.
 */
export class Search {
  readonly findings = new Map<string, Finding>();
  /** How many states at rest there are of each class. */
  readonly rests = new Map<string, number>();
  readonly #choices: Choices;
  readonly #limits: Limits;
  readonly #table: StateTable;
  readonly #parents = new NumberList();
  readonly #moves = new NumberList();
  /** Where in `#targets` the moves of a state begin that happen by themselves. */
  readonly #begins = new NumberList();
  readonly #targets = new NumberList();
  readonly #ended = new NumberList();
  readonly #state: Cells;
  #edges = 0;
  #expanded = 0;
  #depth = 0;
  #levelEnd = 1;
  #end: SearchEnd | undefined;

  constructor(choices: Choices, limits: Limits, initial: Cells = choices.world.initial()) {
    this.#choices = choices;
    this.#limits = limits;
    this.#table = new StateTable(initial.length);
    this.#state = new Uint16Array(initial.length);
    this.#table.numberOf(initial);
    this.#parents.push(0);
    this.#moves.push(0);
  }

  /** Distinct states so far. */
  get states(): number {
    return this.#table.size;
  }

  /** States whose choices are all known. */
  get expanded(): number {
    return this.#expanded;
  }

  get edges(): number {
    return this.#edges;
  }

  /** The most choices that it takes to get to one of the states. */
  get depth(): number {
    return this.#expanded < this.#levelEnd && this.#table.size > this.#levelEnd ? this.#depth + 1 : this.#depth;
  }

  get end(): SearchEnd | undefined {
    return this.#end;
  }

  /** Bytes that are held for the states, for how they were found and for where they lead. */
  get bytes(): number {
    return [this.#parents, this.#moves, this.#begins, this.#targets, this.#ended].reduce(
      (sum, list) => sum + list.bytes,
      this.#table.bytes,
    );
  }

  /** Looks at the choices of so many more states. Answers whether there is more to do. */
  advance(count: number): boolean {
    for (let done = 0; done < count && this.#end === undefined; done++) {
      if (this.#expanded === this.#table.size) this.#end = 'exhausted';
      else if (this.#table.size >= this.#limits.states) this.#end = 'states';
      else if (this.#expanded === this.#levelEnd && !this.#nextLevel()) this.#end = 'depth';
      else this.#expand();
    }
    return this.#end === undefined;
  }

  /** The cells of a state, in a row of their own. */
  cellsOf(state: number): Cells {
    const cells = new Uint16Array(this.#state.length);
    this.#table.read(state, cells);
    return cells;
  }

  /** The choices that lead to a state, from the beginning on. */
  wayTo(state: number): readonly Move[] {
    const moves: Move[] = [];
    for (let here = state; here !== 0; here = this.#parents.at(here)) moves.push(this.#moves.at(here));
    return moves.reverse();
  }

  /** Visits what happens by itself: from which state to which. */
  eachLead(visit: (from: number, to: number) => void): void {
    for (let from = 0; from < this.#expanded; from++) {
      const end = from + 1 < this.#expanded ? this.#begins.at(from + 1) : this.#targets.length;
      for (let index = this.#begins.at(from); index < end; index++) visit(from, this.#targets.at(index));
    }
  }

  /** True for a state whose choices are known and in which every operation has come to an end. */
  hasEnded(state: number): boolean {
    return this.#ended.at(state) === 1;
  }

  #nextLevel(): boolean {
    if (this.#depth + 1 >= this.#limits.depth) return false;
    this.#depth++;
    this.#levelEnd = this.#table.size;
    return true;
  }

  #expand(): void {
    const from = this.#expanded++;
    const state = this.#state;
    this.#table.read(from, state);
    const begin = this.#targets.length;
    this.#begins.push(begin);
    this.#ended.push(hasEnded(this.#choices.world, state) ? 1 : 0);
    this.#choices.from(state, (move, to, breaches) => {
      this.#edges++;
      const known = this.#table.size;
      const number = this.#table.numberOf(to);
      if (number === known) {
        this.#parents.push(from);
        this.#moves.push(move);
      }
      if (isOfItself(move)) this.#targets.push(number);
      for (const breach of breaches) this.note({ ...breach, state: from, move });
    });
    if (this.#targets.length === begin) this.#noteRest(from);
  }

  /** Keeps a finding, unless its property was found broken before. */
  note(finding: Finding): void {
    if (!this.findings.has(finding.property)) this.findings.set(finding.property, finding);
  }

  #noteRest(from: number): void {
    const { world } = this.#choices;
    const name = classOfRest(world, this.#state);
    this.rests.set(name, (this.rests.get(name) ?? 0) + 1);
    const what = judgeRest(world, this.#state);
    if (what !== undefined) this.note({ property: 'L1', what, state: from });
  }
}
