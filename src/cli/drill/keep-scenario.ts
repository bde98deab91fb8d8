import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../drills/scenario.ts';
import type { ToldFailure } from './messages.ts';

/** Writes a scenario into a folder, which is made when it is not there, and answers the file. */
export function keepScenario(folder: string, name: string, scenario: Scenario): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(scenario, undefined, 2)}\n`);
  return file;
}

/** Writes the scenarios of failures that were reduced, and answers the files by the numbers of the runs. */
export function keepFailures(
  folder: string,
  seed: number,
  failures: readonly ToldFailure[],
): ReadonlyMap<number, string> {
  return new Map(
    failures.flatMap(({ run, scenario }) =>
      scenario === undefined ? [] : [[run, keepScenario(folder, `seed-${seed}-run-${run}`, scenario)]],
    ),
  );
}
