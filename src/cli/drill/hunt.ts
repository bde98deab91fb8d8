import { runTape, untilBroken } from '../../drills/run.ts';
import { parseScenario } from '../../drills/scenario-file.ts';
import { tapeOfScenario } from '../../drills/scenario.ts';
import { tapeOf } from '../../drills/swarm.ts';
import type { Tape } from '../../drills/tape.ts';
import type { HuntAnswer, HuntOrder, ScenarioDocument } from './messages.ts';
import { smallestFailure, type TapeOrigin } from './smallest-failure.ts';

/** Random runs before the scenarios that are not to come first; the others come after them. */
const firstRuns = 25;

/**
 * Plays random runs, then the scenarios that pass in the product, the shortest first, then more random runs, until the property
 * that is looked for breaks; reduces what broke it.
 */
export function hunt(order: HuntOrder): HuntAnswer {
  const { definitions, property, milliseconds } = order;
  const began = performance.now();
  const spent = (): number => Math.round(performance.now() - began);
  const alarms = new Set<string>();
  let runs = 0;
  for (const { tape, origin } of tapesOf(order)) {
    if (spent() >= milliseconds) break;
    runs++;
    const { violations } = runTape(tape, definitions, undefined, undefined, untilBroken(property));
    const broken = violations.map((violation) => violation.property);
    const sought = broken.find((each) => property === undefined || each === property);
    for (const each of broken) if (each !== sought) alarms.add(each);
    if (sought === undefined) continue;
    const time = spent();
    const found = smallestFailure(definitions, tape, sought, origin);
    return { kind: 'hunted', runs, milliseconds: time, alarms: [...alarms], by: origin.name, found };
  }
  return { kind: 'hunted', runs, milliseconds: spent(), alarms: [...alarms] };
}

interface HuntedTape {
  readonly tape: Tape;
  readonly origin: TapeOrigin;
}

function* tapesOf({ seed, runs, scenarios, first }: HuntOrder): Generator<HuntedTape> {
  const random = (run: number): HuntedTape => ({
    tape: tapeOf(seed, run),
    origin: { name: `Run ${run} of seed ${seed}`, run },
  });
  const written = scenarios.flatMap(tapeIn).toSorted(byPlaceAndLength);
  const isFirst = ({ tape }: HuntedTape): boolean => tape.items.some(({ kind }) => kind === first);
  yield* written.filter(isFirst);
  let run = 0;
  for (; run < Math.min(firstRuns, runs); run++) yield random(run);
  yield* written.filter((each) => !isFirst(each));
  for (; run < runs; run++) yield random(run);
}

/** Those of the folder itself first, which are about the most, then those of its folders; of each the shortest first. */
function byPlaceAndLength(a: HuntedTape, b: HuntedTape): number {
  const depth = ({ origin }: HuntedTape): number => origin.name.split('/').length;
  return depth(a) - depth(b) || a.tape.items.length - b.tape.items.length;
}

/** The tape of a scenario, if it passes in the product. */
function tapeIn({ file, document }: ScenarioDocument): readonly HuntedTape[] {
  const parsed = parseScenario(document);
  if (parsed.kind === 'problems') throw new Error(`${file} is no scenario: ${parsed.problems.join('; ')}`);
  const { scenario } = parsed;
  return scenario.expect.verdict === 'pass'
    ? [{ tape: tapeOfScenario(scenario), origin: { name: file, run: -1 } }]
    : [];
}
