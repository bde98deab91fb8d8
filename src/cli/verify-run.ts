import { minute, second } from '../model/instant.ts';
import { execResultOf } from '../model/exec-result.ts';
import { drbdReportOf, observationOf, planDrbdReads } from '../model/observation.ts';
import {
  beginning,
  type Comparison,
  followed,
  repaired,
  repairOrder,
  unknownResult,
} from '../model/recovery/comparison.ts';
import { type VolumeCopies, volumeCopies } from '../model/recovery/copies.ts';
import type { SiteName } from '../model/site.ts';
import type { Reach } from './observe.ts';

/** How often a running comparison is looked at: often enough to see a connection that is lost and made again. */
const pollInterval = second;

/** How long a node may be silent before its comparison counts as lost. */
const patience = minute;

/** Compares two copies, from the first look to the end. DRBD goes on by itself when it is left. */
export async function compare(
  pending: Comparison,
  volume: VolumeCopies,
  reach: Reach,
  { signal }: { readonly signal: AbortSignal },
): Promise<Comparison> {
  const { driver, clock } = reach;
  if (signal.aborted) return unknownResult(pending, clock.now(), 'it was left before it began');
  const request = beginning(pending, volume);
  if (typeof request === 'string') return unknownResult(pending, clock.now(), request);
  const startedAt = clock.now();
  const answer = execResultOf(await driver.perform(request));
  const refusal = answer.known ? (answer.value.exitCode === 0 ? undefined : answer.value.stderr.trim()) : answer.why;
  if (refusal !== undefined) return unknownResult(pending, clock.now(), refusal);
  let comparison: Comparison = { ...pending, result: 'Running', startedAt };
  for (let heardAt = startedAt; comparison.result === 'Running'; ) {
    await clock.sleepUntil(clock.now() + pollInterval, signal);
    if (signal.aborted) return unknownResult(comparison, clock.now(), 'it was left; DRBD goes on with it');
    const now = await look(volume, reach);
    if (now.copies.length === volume.copies.length) heardAt = clock.now();
    else if (clock.now() - heardAt > patience) {
      return unknownResult(comparison, clock.now(), now.silent[0] ?? 'a node does not answer any more');
    }
    comparison = followed(comparison, now, clock.now());
  }
  return comparison;
}

/** How long the blocks that differ may take to be replaced. */
const repairPatience = 10 * minute;

/** Replaces the differing blocks of the copy of a site, at once: DRBD forgets the marks with the connection. */
export async function repair(
  found: Comparison,
  volume: VolumeCopies,
  site: SiteName,
  reach: Reach,
  signal: AbortSignal,
): Promise<Comparison> {
  const { driver, clock } = reach;
  const request = repairOrder(found, await look(volume, reach), site);
  if (typeof request === 'string') return { ...found, message: `not repaired: ${request}` };
  const answer = execResultOf(await driver.perform(request));
  if (!answer.known) return { ...found, message: `whether it is repaired is not known: ${answer.why}` };
  if (answer.value.exitCode !== 0) return { ...found, message: `not repaired: ${answer.value.stderr.trim()}` };
  const until = clock.now() + repairPatience;
  let comparison = found;
  while (comparison.result === 'Different' && clock.now() < until && !signal.aborted) {
    await clock.sleepUntil(clock.now() + pollInterval, signal);
    comparison = repaired(comparison, await look(volume, reach), clock.now());
  }
  return comparison;
}

/** The same volume, on the same nodes, as it is now. */
export async function look({ resource, copies }: VolumeCopies, { driver, clock }: Reach): Promise<VolumeCopies> {
  const satellites = copies.map(({ satellite }) => satellite);
  const plan = planDrbdReads(satellites, [resource]);
  const outcomes = await Promise.all(plan.map((read) => driver.perform(read.request)));
  const observation = observationOf(plan, outcomes, clock.now());
  return volumeCopies(
    resource,
    satellites.map((satellite) => ({
      satellite,
      report: drbdReportOf(observation, satellite.site, satellite.node),
    })),
  );
}
