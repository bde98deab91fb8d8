import type { Property } from '../properties/property.ts';
import { stageSites } from '../stage-sites.ts';
import { type EndState, watchEnd } from './end-state.ts';

/** What the runs of a scenario are compared with. */
export interface Reference {
  /** What the scenario comes to when nothing else is done to it. */
  readonly end: EndState;
  /** True when more happens in the scenario than orders, at moments that operations meet or miss: a fault, a person's cancel. */
  readonly isInterrupted: boolean;
  /** Calm runs of the same sites, which end with the group at rest on one site or the other. */
  readonly rests: readonly EndState[];
}

/** A run with probes comes to what it comes to without them. */
export const crashEquivalence = {
  id: 'L4',
  name: 'CrashEquivalence',
  says: 'Whatever dies, is lost or is seen too late, a run ends as its reference does, with as many objects created and deleted; or its operations end otherwise, and the group stands where they say, each object as a calm run leaves it.',
} as const;

/** Judges a run that has probes by what came of the run without them. */
export function equivalentTo(reference: Reference): Property {
  return {
    ...crashEquivalence,
    watch: (stage, judge) => {
      const end = watchEnd(stage);
      return {
        rested: () => {
          const all = inequivalences(end(), reference);
          judge.check(all.length === 0, () => `${all[0]}${all.length > 1 ? `; and ${all.length - 1} more` : ''}`);
        },
      };
    },
  };
}

/**
 * In what a run is not equivalent to its reference; nothing when it is. There are two ways of being it:
 *
 * - The operations end as in the reference. Then everything is as there after masking, and of each kind of object as many
 *   were created and deleted on each site.
 * - An operation ends otherwise: rolled back, refused or cancelled for the reference's success, or the other way round; or
 *   in the scenario something breaks or a person interferes, and the operations meet that at another moment. Then no operation needs a
 *   person that did not in the reference; each group is told to run where the successes lead it; each object is as the
 *   reference or a calm run that ends on that site leaves it; and but for what comes and goes with operations and with
 *   starts and stops of VMs, nothing was created or deleted that was not in the reference.
 */
export function inequivalences(end: EndState, reference: Reference): readonly string[] {
  if (outcomesOf(end) !== outcomesOf(reference.end)) return differencesInKind(end, reference);
  const differences = [
    ...differencesOf(end.world, [reference.end.world]),
    ...differencesOf(end.history, [reference.end.history]),
    ...countsThatDiffer(end, reference.end, () => false),
  ];
  return reference.isInterrupted && differences.length > 0 ? differencesInKind(end, reference) : differences;
}

function differencesInKind(end: EndState, reference: Reference): readonly string[] {
  const due = placeAfter(end);
  const rests = [reference.end, ...reference.rests].filter((rest) => placeIn(rest) === due);
  const worlds = [
    ...(due === placeAfter({ ...end, operations: [] }) ? [nothingChanged] : []),
    ...rests.map(({ world }) => world),
  ];
  return [
    ...pleas(end, reference.end),
    ...(placeIn(end) === due ? [] : [`told to run is ${placeIn(end)}; the operations lead to ${due}`]),
    ...differencesOf(end.world, worlds),
    ...countsThatDiffer(end, reference.end, (kind) => comesAndGoes.has(kind)),
  ];
}

const nothingChanged: ReadonlyMap<string, string> = new Map();

/**
 * Kinds of which one is made and thrown away whenever a VM starts or stops; an operation takes a Lease on each site, and an
 * order that waits for the success of an operation may never come.
 */
const comesAndGoes: ReadonlySet<string> = new Set([
  'failovers',
  'virtualmachineinstances',
  'pods',
  'volumeattachments',
  'controllerrevisions',
  'leases',
]);

function outcomesOf({ operations }: EndState): string {
  return operations
    .map(({ name, phase }) => `${name} ${phase}`)
    .toSorted()
    .join();
}

/** Where each group stands after operations of which each success moves it to its target. */
function placeAfter({ operations, runningOn }: EndState): string {
  return [...runningOn.keys()]
    .map((group) => {
      const last = operations.findLast((operation) => operation.group === group && operation.phase === 'Succeeded');
      return `${group} on ${last?.target ?? stageSites[0]}`;
    })
    .join(', ');
}

function placeIn({ runningOn }: EndState): string {
  return [...runningOn].map(([group, sites]) => `${group} on ${sites.join(' and ') || 'no site'}`).join(', ');
}

function pleas({ operations }: EndState, reference: EndState): readonly string[] {
  return operations
    .filter(({ name, phase }) => phase === 'NeedsAttention' && phaseOf(reference, name) !== phase)
    .map(({ name }) => `${name} needs a person, and ended as ${phaseOf(reference, name)} in the reference`);
}

function phaseOf({ operations }: EndState, name: string): string {
  return operations.find((operation) => operation.name === name)?.phase ?? 'nothing';
}

/** Objects that are not as in any of the worlds; one that a world does not tell of is there as at the beginning. */
function differencesOf(
  world: ReadonlyMap<string, string>,
  worlds: readonly ReadonlyMap<string, string>[],
): readonly string[] {
  const keys = new Set([...world.keys(), ...worlds.flatMap((each) => [...each.keys()])]);
  return [...keys].flatMap((key) => {
    const text = world.get(key);
    if (worlds.some((each) => each.get(key) === text)) return [];
    return [`${key} is ${text === undefined ? 'as at the beginning' : where(text, worlds.at(-1)?.get(key))}`];
  });
}

/** The first place in which a text is not the other one, with what stands there. */
function where(text: string, other: string | undefined): string {
  if (text === '') return 'gone';
  if (other === undefined) return `otherwise than at the beginning: ${text.slice(0, 120)}`;
  if (other === '') return 'there';
  let index = 0;
  while (index < text.length && text[index] === other[index]) index++;
  const start = Math.max(0, index - 40);
  return `"…${text.slice(start, index + 60)}…", not "…${other.slice(start, index + 60)}…"`;
}

function countsThatDiffer(
  { counts }: EndState,
  { counts: expected }: EndState,
  mayDiffer: (kind: string) => boolean,
): readonly string[] {
  const keys = new Set([...counts.keys(), ...expected.keys()]);
  return [...keys].flatMap((key) => {
    const [is, was] = [counts.get(key) ?? 0, expected.get(key) ?? 0];
    const kind = key.slice(key.lastIndexOf(' ') + 1);
    return is === was || mayDiffer(kind) ? [] : [`${key}: ${is}, and ${was} in the reference`];
  });
}
