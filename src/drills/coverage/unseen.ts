/** What a sample says of what it has not met. */
export interface UnseenEstimate {
  /** Classes that were seen. */
  readonly classes: number;
  /** Of them in one run only. */
  readonly seenOnce: number;
  /** Sum over all runs of the classes that each has seen. */
  readonly sightings: number;
  /** How probable it is that the next sighting is of a class that nobody has seen: 0 to 1; 1 where nothing was seen. */
  readonly unseenMass: number;
  /** How many classes the next run is expected to see first. */
  readonly newClassesPerRun: number;
}

/**
 * Estimates from `runsOf`, the number of runs that have seen each class, what was never seen: Good's and Turing's
 * estimator (I. J. Good, "The population frequencies of species", 1953) over incidences, with a run as the unit of the
 * sample, since what happens inside one run hangs together.
 */
export function estimateUnseen(runsOf: Readonly<Record<string, number>>, runs: number): UnseenEstimate {
  let seenOnce = 0;
  let sightings = 0;
  const counts = Object.values(runsOf);
  for (const count of counts) {
    sightings += count;
    if (count === 1) seenOnce++;
  }
  return {
    classes: counts.length,
    seenOnce,
    sightings,
    unseenMass: sightings === 0 ? 1 : seenOnce / sightings,
    newClassesPerRun: runs === 0 ? 0 : seenOnce / runs,
  };
}
