import type { RandomStream } from '../random.ts';

/**
 * `verdictUnheard`: the node only sees the socket closed when its peer gives a connection up, and goes on trying.
 * `secondSourceRefused`: a second source begins a resync before it hears that its target is busy with another one, and
 * gives the connection up (-8, `Can not start OV/resync since it is already active`).
 */
export type DrbdRace = 'verdictUnheard' | 'secondSourceRefused';

/** How often a race was seen lost, in percent. */
const lostRaces: Readonly<Record<DrbdRace, number>> = { verdictUnheard: 10, secondSourceRefused: 25 };

/** Chance decides. */
export function racesByChance(random: RandomStream): (race: DrbdRace) => boolean {
  return (race) => random.integer(1, 100) <= lostRaces[race];
}
