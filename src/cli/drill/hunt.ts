import { runTape } from '../../drills/run.ts';
import { tapeOf } from '../../drills/swarm.ts';
import type { HuntAnswer, HuntOrder } from './messages.ts';
import { smallestFailure } from './smallest-failure.ts';

/** Plays run after run until the property that is looked for breaks, and reduces that run. */
export function hunt({ definitions, seed, property, runs, milliseconds }: HuntOrder): HuntAnswer {
  const began = performance.now();
  const alarms = new Set<string>();
  let played = 0;
  while (played < runs && performance.now() - began < milliseconds) {
    const broken = runTape(tapeOf(seed, played), definitions).violations.map((violation) => violation.property);
    const run = played++;
    const sought = broken.find((each) => property === undefined || each === property);
    for (const each of broken) if (each !== sought) alarms.add(each);
    if (sought === undefined) continue;
    const spent = Math.round(performance.now() - began);
    const found = smallestFailure(definitions, seed, run, sought);
    return { kind: 'hunted', runs: played, milliseconds: spent, alarms: [...alarms], found };
  }
  return { kind: 'hunted', runs: played, milliseconds: Math.round(performance.now() - began), alarms: [...alarms] };
}
