import { usageError } from '../command-error.ts';

/** The waves of an order by the names of groups, counted from 0; groups that are not named go in the wave `others`. */
export interface GivenWaves {
  readonly ofGroup: ReadonlyMap<string, number>;
  readonly others: number;
}

/** Reads `dns-pg,db-pg/app-pg`: waves apart by slashes, their groups by commas. Throws a usage error for anything else. */
export function readWaves(text: string): GivenWaves {
  const waves = text.split('/').map((wave) => wave.split(',').map((name) => name.trim()));
  const ofGroup = new Map<string, number>();
  for (const [number, names] of waves.entries()) {
    for (const name of names) {
      if (name === '') throw usageError(`Expected --waves to be as dns-pg,db-pg/app-pg, got "${text}"`);
      if (ofGroup.has(name))
        throw usageError(`--waves names ${name} twice`, 'A group goes once: leave one of them out');
      ofGroup.set(name, number);
    }
  }
  return { ofGroup, others: waves.length };
}

/** Throws when waves are given of a group that the order does not mean: a slip of the pen there would send it last, unnoticed. */
export function requireMeant({ ofGroup }: GivenWaves, meant: readonly string[]): void {
  const strangers = [...ofGroup.keys()].filter((name) => !meant.includes(name));
  if (strangers.length === 0) return;
  throw usageError(
    `--waves names ${strangers.join(', ')}, which ${strangers.length === 1 ? 'is' : 'are'} not among the protection groups that are meant`,
    `These are meant: ${meant.join(', ')}`,
  );
}
