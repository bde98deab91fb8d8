import { CommandError } from '../command-error.ts';
import type { PlayedDrill } from './drill-document.ts';
import { DrillTally } from './drill-tally.ts';

/** A drill, or a part of one, and the file that it was read from. */
export interface DrillFile {
  readonly file: string;
  readonly drill: PlayedDrill;
}

/** Joins parts of one drill. Throws an error that names the file that does not belong to the first, or holds what another one holds. */
export function joinDrills(files: readonly [DrillFile, ...DrillFile[]]): PlayedDrill {
  const [first] = files;
  const owners = new Map<number, string>();
  const tally = new DrillTally();
  for (const { file, drill } of files) {
    refuseStranger(first, { file, drill });
    for (const part of drill.joined ?? [drill.shard.index + 1]) {
      const owner = owners.get(part);
      if (owner !== undefined) throw overlap(file, owner, part, drill);
      owners.set(part, file);
    }
    tally.merge(drill.counts);
  }
  return {
    ...first.drill,
    joined: [...owners.keys()].toSorted((a, b) => a - b),
    // The parts were played side by side, each on a machine of its own.
    seconds: Math.max(...files.map(({ drill }) => drill.seconds)),
    counts: tally.counts(),
    files: new Map(),
  };
}

function refuseStranger(first: DrillFile, { file, drill }: DrillFile): void {
  const differences = [
    ['seed', first.drill.seed, drill.seed],
    ['number of parts', first.drill.shard.count, drill.shard.count],
    [
      'number of runs',
      first.drill.total ?? 'as many as there was time for',
      drill.total ?? 'as many as there was time for',
    ],
  ].filter(([, a, b]) => a !== b);
  if (differences.length === 0) return;
  throw new CommandError(`${file} is of another drill than ${first.file}`, {
    exit: 'usage',
    reason: differences.map(([what, a, b]) => `the ${what} is ${b}, not ${a}`).join('; '),
    remedy: 'give the parts of one drill: the same --seed and --runs, and each --shard once',
  });
}

function overlap(file: string, owner: string, part: number, { shard }: PlayedDrill): CommandError {
  return new CommandError(`${file} holds runs that ${owner} holds too`, {
    exit: 'usage',
    reason: `both are part ${part} of ${shard.count}, so that its runs would count twice`,
    remedy: 'give each part once',
  });
}
