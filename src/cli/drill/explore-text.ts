import type { PropertyVerdict } from '../../drills/explore/exploration.ts';
import type { ExploreMessage } from './explore-messages.ts';

/** What a search has come to, and where its counterexamples were written, by property. */
export type Explored = Omit<Extract<ExploreMessage, { readonly kind: 'explored' }>, 'kind'> & {
  readonly files: ReadonlyMap<string, string>;
};

const signs = { pass: '✓', fail: '✗', unknown: '⚠' } as const;

const ends = {
  exhausted: 'that is all of them',
  depth: 'cut off at the depth that was allowed',
  states: 'cut off at the number of states that was allowed',
} as const;

/** A search for people: the counts, each property, what the states at rest have come to, and every counterexample. */
export function exploreLines({ report, milliseconds, files }: Explored): readonly string[] {
  const { states, edges, depth, end, bytes, verdict, properties, rests, settings, looks } = report;
  const { budgets, virtualMachines } = settings;
  const rate = grouped(Math.round(states / (milliseconds / 1_000)));
  return [
    `Searched: ${countOf(virtualMachines, 'VM')}, ${countOf(budgets.faults, 'fault')}, ${countOf(budgets.crashes, 'crash', 'es')}, ${countOf(budgets.acts, 'act')} of a person`,
    `${signs[verdict]} ${grouped(states)} states, ${grouped(edges)} edges, depth ${depth}: ${ends[end]}`,
    `  ${rate} states a second, ${Math.round(bytes / states)} bytes a state, ${grouped(looks)} different looks`,
    ...properties.map(({ id, name, verdict: held }) => `  ${signs[held]} ${id} ${name}: ${wordsOf(held)}`),
    'At rest:',
    ...Object.entries(rests).map(([what, count]) => `  ${grouped(count).padStart(9)}  ${what}`),
    ...properties.flatMap((property) => counterexampleLines(property, files)),
  ];
}

/** The same for programs. */
export function exploreDocument({ report, milliseconds, files }: Explored): object {
  const { states, edges, depth, end, bytes, verdict, properties, rests, settings, looks } = report;
  return {
    verdict,
    ...settings,
    states,
    edges,
    depth,
    end,
    looks,
    statesPerSecond: Math.round(states / (milliseconds / 1_000)),
    bytesPerState: Math.round(bytes / states),
    properties: properties.map(({ id, name, verdict: held, counterexample }) => ({
      id,
      name,
      verdict: held,
      ...(counterexample === undefined ? {} : { what: counterexample.what, file: files.get(id) }),
    })),
    rests,
  };
}

/** What playing a counterexample again has come to. */
export function retraceLines({
  property,
  choices,
  broken,
  missing,
}: Exclude<Extract<ExploreMessage, { readonly kind: 'retraced' }>['result'], string>): readonly string[] {
  const taken = missing === undefined ? choices.length : choices.indexOf(missing.choice);
  const found = broken.find((breach) => breach.property === property);
  return [
    ...choices.slice(0, taken).map((choice, index) => `${`${index + 1}`.padStart(4)}  ${choice}`),
    ...(missing === undefined
      ? []
      : [
          `✗ This cannot happen here any more: ${missing.choice}`,
          ...missing.instead.map((choice) => `      ${choice}`),
        ]),
    found === undefined ? `✗ ${property} is not broken` : `✓ ${property} is broken, as the file says: ${found.what}`,
  ];
}

function counterexampleLines(
  { id, counterexample }: PropertyVerdict,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  if (counterexample === undefined) return [];
  return [
    `✗ ${id} is broken: ${counterexample.what}`,
    ...counterexample.choices.map((choice, index) => `${`${index + 1}`.padStart(4)}  ${choice}`),
    `  again: pgctl drill explore --replay ${files.get(id)}`,
  ];
}

function wordsOf(verdict: PropertyVerdict['verdict']): string {
  if (verdict === 'pass') return 'holds in all of them';
  return verdict === 'fail' ? 'broken, see below' : 'not broken in what was searched';
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function countOf(count: number, what: string, plural = 's'): string {
  return `${count} ${what}${count === 1 ? '' : plural}`;
}
