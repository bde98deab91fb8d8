import type { JsonObject } from '../../model/json.ts';
import { productMachines, type TwinMachines } from '../../twin/machines.ts';
import { properties } from '../properties/catalogue.ts';
import { Choices } from './choices.ts';
import type { Counterexample } from './counterexample.ts';
import { firstWithoutEnd } from './liveness.ts';
import { judged } from './safety.ts';
import { takeScenery } from './scenery.ts';
import { type Finding, Search, type SearchEnd } from './search.ts';
import type { ExploreSettings } from './settings.ts';
import { SmallWorld } from './small-world.ts';
import { follow, wordsAlong } from './trail.ts';

/** What a search has come to so far. */
export interface ExploreProgress {
  readonly states: number;
  /** Choices that lead from one state to another. */
  readonly edges: number;
  readonly depth: number;
  /** States that still wait for a look at their choices. */
  readonly waiting: number;
  readonly bytes: number;
}

/** What a search has come to in the end. `exhausted`: there is no further state. */
export interface ExploreReport extends ExploreProgress {
  readonly settings: ExploreSettings;
  readonly end: SearchEnd;
  /** `unknown`: nothing was found, and not everything was searched. */
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly properties: readonly PropertyVerdict[];
  /** The states at rest, by what they have come to, with their number. */
  readonly rests: Readonly<Record<string, number>>;
  /** Different views of the world that a machine of the product was stepped with, all others having been stepped before. */
  readonly looks: number;
}

/** What is said of a property, and the shortest way to break it. */
export interface PropertyVerdict {
  readonly id: string;
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly counterexample?: Counterexample;
}

/** A search of the small world, to be driven in portions. */
export class Exploration {
  readonly #settings: ExploreSettings;
  readonly #choices: Choices;
  readonly #search: Search;

  /** With `machines` other machines than the product's are searched. */
  constructor(settings: ExploreSettings, definitions: readonly JsonObject[], machines: TwinMachines = productMachines) {
    this.#settings = settings;
    this.#choices = choicesOf(settings, definitions, machines);
    this.#search = new Search(this.#choices, settings.limits);
  }

  /** Looks at the choices of so many more states. Answers whether there is more to do. */
  advance(count: number): boolean {
    return this.#search.advance(count);
  }

  /** True once any property was found broken. */
  get isBroken(): boolean {
    return this.#search.findings.size > 0;
  }

  get progress(): ExploreProgress {
    const { states, expanded, edges, depth, bytes } = this.#search;
    return { states, edges, depth, waiting: states - expanded, bytes };
  }

  /** What all of it says. */
  report(): ExploreReport {
    const end = this.#search.end ?? 'states';
    const stuck = firstWithoutEnd(this.#search);
    if (stuck !== undefined)
      this.#search.note({ property: 'L2', what: 'no operation can end any more by itself', state: stuck });
    if (end === 'exhausted' && ![...this.#search.rests.keys()].some((rest) => rest.includes('Succeeded')))
      this.#search.note({ property: 'L3', what: 'no way leads to a success', state: 0 });
    const verdicts = [...judged, 'L1', 'L2', 'L3', 'L11', 'L14'].map((id) => this.#verdictOn(id, end));
    const others = [...this.#search.findings.keys()].filter((id) => !verdicts.some((verdict) => verdict.id === id));
    const all = [...verdicts, ...others.map((id) => this.#verdictOn(id, end))];
    return {
      ...this.progress,
      settings: this.#settings,
      end,
      verdict: all.some(({ verdict }) => verdict === 'fail') ? 'fail' : end === 'exhausted' ? 'pass' : 'unknown',
      properties: all,
      rests: Object.fromEntries([...this.#search.rests].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      looks: this.#choices.looks,
    };
  }

  #verdictOn(id: string, end: SearchEnd): PropertyVerdict {
    const name = properties.find((property) => property.id === id)?.name ?? id;
    const finding = this.#search.findings.get(id);
    if (finding === undefined) return { id, name, verdict: end === 'exhausted' ? 'pass' : 'unknown' };
    return { id, name, verdict: 'fail', counterexample: this.#counterexample(finding) };
  }

  #counterexample({ property, what, state, move }: Finding): Counterexample {
    const way = [...this.#search.wayTo(state), ...(move === undefined ? [] : [move])];
    const { virtualMachines, budgets } = this.#settings;
    return { property, what, virtualMachines, budgets, choices: wordsAlong(this.#choices, way) };
  }
}

/** What came of playing a counterexample again. */
export interface ExploreReplay {
  /** What it breaks now, with the sentence. */
  readonly broken: readonly { readonly property: string; readonly what: string }[];
  readonly missing?: { readonly choice: string; readonly instead: readonly string[] };
}

/** Plays a counterexample again, choice by choice. */
export function replayCounterexample(
  { virtualMachines, budgets, choices: words, property }: Counterexample,
  definitions: readonly JsonObject[],
  machines: TwinMachines = productMachines,
): ExploreReplay {
  const choices = choicesOf({ virtualMachines, budgets }, definitions, machines);
  const { state, breaches, missing } = follow(choices, words);
  if (missing !== undefined) return { broken: breaches, missing };
  if (property !== 'L1' && property !== 'L2') return { broken: breaches };
  // What only shows in what can follow: with nothing left to break, and nobody to do anything.
  const still = new Choices(choices.world, { faults: 0, crashes: 0, acts: 0 });
  const search = new Search(still, { depth: 10_000, states: 1_000_000 }, state);
  while (search.advance(1_000));
  const stuck = firstWithoutEnd(search) === 0;
  const rest = search.findings.get('L1');
  return {
    broken: [
      ...breaches,
      ...(stuck ? [{ property: 'L2', what: 'no operation can end any more by itself' }] : []),
      ...(rest === undefined ? [] : [rest]),
    ],
  };
}

function choicesOf(
  { virtualMachines, budgets }: Pick<ExploreSettings, 'virtualMachines' | 'budgets'>,
  definitions: readonly JsonObject[],
  machines: TwinMachines,
): Choices {
  return new Choices(new SmallWorld(takeScenery(virtualMachines, definitions), machines), budgets);
}
