import { runTape } from '../../drills/run.ts';
import { parseScenario } from '../../drills/scenario-file.ts';
import { tapeOfScenario } from '../../drills/scenario.ts';
import { tapeOf } from '../../drills/swarm.ts';
import type { Tape } from '../../drills/tape.ts';
import type { HuntAnswer, HuntOrder } from './messages.ts';
import { smallestFailure, type TapeOrigin } from './smallest-failure.ts';

/** Random runs before the scenarios; the others come after them. */
const firstRuns = 50;

/**
 * Plays random runs, then the scenarios that pass in the product, then more random runs, until the property that is looked for
 * breaks; reduces what broke it.
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
    const broken = runTape(tape, definitions).violations.map((violation) => violation.property);
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

function* tapesOf({ seed, runs, scenarios }: HuntOrder): Generator<HuntedTape> {
  const random = (run: number): HuntedTape => ({
    tape: tapeOf(seed, run),
    origin: { name: `Run ${run} of seed ${seed}`, run },
  });
  let run = 0;
  for (; run < Math.min(firstRuns, runs); run++) yield random(run);
  for (const { file, document } of scenarios) {
    const parsed = parseScenario(document);
    if (parsed.kind === 'problems') throw new Error(`${file} is no scenario: ${parsed.problems.join('; ')}`);
    if (parsed.scenario.expect.verdict === 'pass')
      yield { tape: tapeOfScenario(parsed.scenario), origin: { name: file, run: -1 } };
  }
  for (; run < runs; run++) yield random(run);
}
