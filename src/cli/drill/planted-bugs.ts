import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TapeItem } from '../../drills/tape.ts';
import { CommandError } from '../command-error.ts';
import { packageFolder } from '../product-files.ts';

/** A bug that a drill thread is to have, to see whether drills find it. */
export interface PlantedBug {
  readonly id: string;
  /** The property that must break. */
  readonly property: string;
  readonly why: string;
  /** What is changed in the sources, as the thread's program understands it. */
  readonly changes: readonly unknown[];
  /** The kind of item of a tape without which the bug does nothing. */
  readonly first?: TapeItem['kind'];
  /** The program of a thread that plants the changes before it loads the product. */
  readonly threadFile: string;
}

/** All bugs that can be planted. They are part of a checkout, and of no package: anywhere else this throws. */
export async function readPlantedBugs(): Promise<readonly PlantedBug[]> {
  const folder = join(packageFolder(), 'test', 'drills', 'mutants');
  const list = join(folder, 'catalogue.ts');
  if (!existsSync(list)) {
    throw new CommandError('Bugs can be planted in a checkout only', {
      exit: 'usage',
      reason: `${list} does not exist: no package has bugs to plant`,
      remedy: 'clone the repository, and run bin/pgctl there',
    });
  }
  const { mutants } = (await import(pathToFileURL(list).href)) as {
    readonly mutants: readonly Omit<PlantedBug, 'threadFile'>[];
  };
  return mutants.map((mutant) => ({ ...mutant, threadFile: join(folder, 'thread.ts') }));
}

/** The bug of that id; undefined when none is asked for. */
export async function plantedBugNamed(id: string | undefined): Promise<PlantedBug | undefined> {
  if (id === undefined) return undefined;
  const found = (await readPlantedBugs()).find((bug) => bug.id === id);
  if (found !== undefined) return found;
  throw new CommandError(`There is no bug "${id}" to plant`, {
    exit: 'usage',
    reason: 'the list of planted bugs does not have it',
    remedy: 'pgctl drill mutants --list',
  });
}
