import { type DrbdCommand, drbdCommands } from '../drbd-command.ts';
import { type DrbdOrder, guardedCommand, lastOperationOf } from '../drbd-order.ts';
import { operationName } from '../drbd-operator/operation-order.ts';
import { type Instant, second, timestamp } from '../instant.ts';
import type { JsonObject } from '../json.ts';
import type { SiteName } from '../site.ts';
import { statusMessage } from '../status-message.ts';
import { type Copy, diskfulCopies, peerIn, placeOf, type VolumeCopies } from './copies.ts';
import { areConnected, areTogether, progress } from './reunion.ts';

/** Two copies of a volume that are compared block by block, and what has come of it. */
export interface Comparison {
  readonly resource: string;
  /** The node that reads both. */
  readonly node: string;
  readonly peer: string;
  /** `Unknown`: it was not begun, or did not come to its end undisturbed, and says nothing of the copies. */
  readonly result: 'Pending' | 'Running' | 'Equal' | 'Different' | 'Repaired' | 'Unknown';
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  /** While it runs: when both nodes told of it last, give or take five seconds. */
  readonly heardAt?: Instant;
  readonly differingKib?: number;
  readonly message?: string;
  /** While it runs on DRBD Operator: when the entries that were seen last had been written, by their own words. */
  readonly heardOf?: string;
  /** Pending, and ordered of DRBD Operator: the operation that its node had reported last when it was. */
  readonly after?: string;
}

/** Every two copies of a volume. */
export function comparisonsOf(volume: VolumeCopies): readonly Comparison[] {
  const copies = diskfulCopies(volume);
  return copies.flatMap((one, index) =>
    copies.slice(index + 1).map((other): Comparison => {
      const [node, peer] = [one.satellite.node, other.satellite.node];
      return { resource: volume.resource, node, peer, result: 'Pending' };
    }),
  );
}

/** What a comparison that is to begin waits for, since it will pass: a node that is silent now, a resync or verify that runs. */
export function waitOf(comparison: Comparison, volume: VolumeCopies): string | undefined {
  const { resource, node, peer } = comparison;
  const pair = pairOf(comparison, volume);
  if (pair === undefined) return `${resource}: ${node} or ${peer} does not tell of its copy`;
  return areConnected(...pair) && !areTogether(...pair) ? progress(...pair) : undefined;
}

/** How far a comparison is, in a sentence. */
export function comparisonProgress(comparison: Comparison, volume: VolumeCopies): string {
  const { resource, node, peer, result } = comparison;
  const pair = pairOf(comparison, volume);
  const wait = result === 'Pending' ? waitOf(comparison, volume) : undefined;
  if (pair === undefined || wait !== undefined)
    return wait ?? `${resource}: ${node} or ${peer} does not tell of its copy`;
  const { donePercentage, outOfSyncKib = 0 } = peerIn(...pair) ?? {};
  const done = donePercentage === undefined ? '' : `, ${donePercentage} %`;
  const found = outOfSyncKib > 0 ? `, ${outOfSyncKib} KiB differ` : '';
  return `${resource}: ${node} and ${peer} are compared${done}${found}`;
}

/** True while both nodes tell of their copies. */
export function isTold(comparison: Comparison, volume: VolumeCopies): boolean {
  return pairOf(comparison, volume) !== undefined;
}

/** The command that begins a comparison, or why it cannot begin. From the first block: an earlier one may have been cut off. */
export function beginning(comparison: Comparison, volume: VolumeCopies): DrbdOrder | string {
  const pair = pairOf(comparison, volume);
  if (pair === undefined) return 'not both nodes tell of their copies';
  const [one, other] = pair;
  const peer = peerIn(one, other);
  if (!areTogether(one, other) || peer === undefined) return 'the copies are not connected, or not in sync';
  const stale = pair.find(({ report }) => report.disk !== 'UpToDate');
  if (stale !== undefined) return `${placeOf(stale)} is ${stale.report.disk ?? 'unknown'}`;
  const { resource, role } = one.report;
  const seen = { resource, role: role === 'Primary' ? 'Primary' : 'Secondary' } as const;
  const after = comparison.after ?? lastOperationOf(one.report);
  return guardedCommand(one.satellite, seen, drbdCommands.verify(resource, peer), after);
}

/**
 * A comparison that is to begin, after another look. A program has begun it by its end; of an operation the agent of the node
 * tells what has become. One that was refused is ordered again: somebody has opened or let go of the volume just then.
 */
export function ordered(comparison: Comparison, volume: VolumeCopies, now: Instant): Comparison {
  const pair = pairOf(comparison, volume);
  if (pair === undefined || pair[0].satellite.agent === undefined) return comparison;
  const [{ satellite, report }, other] = pair;
  const { after, ...unordered } = comparison;
  if (after === undefined) return { ...comparison, after: lastOperationOf(report) };
  const command = { type: 'Verify', peer: other.satellite.node } as const;
  const name = operationName({ agent: satellite, resource: comparison.resource, command, after });
  // Another operation has come in between, or another agent: what was ordered may have been carried out or not.
  if (report.lastOperation?.name !== name) return lastOperationOf(report) === after ? comparison : unordered;
  const { phase, message } = report.lastOperation;
  if (phase === 'Succeeded') return begun(unordered, now);
  return phase === 'Refused' ? unordered : unknownResult(unordered, now, message);
}

/** For how long a comparison may be out of sight: a connection is not lost and made again in less. */
const blinkTime = 15 * second;
/** How exactly it is noted when it was last seen. */
const heardGrain = 5 * second;

/** A comparison that has been begun. */
export function begun(comparison: Comparison, now: Instant): Comparison {
  return { ...comparison, result: 'Running', startedAt: now, heardAt: now };
}

/** A comparison that is to begin from the first block, whatever had come of it. */
export function begunAnew({ resource, node, peer }: Comparison): Comparison {
  return { resource, node, peer, result: 'Pending' };
}

/**
 * A comparison that was begun, after another look. A connection that was lost meanwhile takes the marks of what was found
 * with it, so there is no result then; where nobody has looked for a while it may have been lost, and all is done anew. Blocks
 * that are written at that moment are passed over by DRBD: those of a volume in use are compared as far as it stands still.
 */
export function followed(comparison: Comparison, volume: VolumeCopies, now: Instant): Comparison {
  const pair = pairOf(comparison, volume);
  if (pair === undefined) return comparison;
  const { heardAt = now, heardOf: _of, ...rest } = comparison;
  if (now - heardAt > blinkTime) return begunAnew(comparison);
  const views = [peerIn(pair[0], pair[1]), peerIn(pair[1], pair[0])];
  if (views.some((view) => view?.connection !== 'Connected')) {
    return unknownResult(comparison, now, 'the connection was lost meanwhile, and what was found with it');
  }
  if (!areTogether(...pair)) return heard(comparison, pair, now - heardAt, now);
  const marked = views.map((view) => view?.outOfSyncKib);
  if (marked.includes(undefined)) return comparison;
  const differingKib = Math.max(...marked.map((kib) => kib ?? 0));
  const inUse = pair.some(({ report }) => report.role === 'Primary');
  return {
    ...rest,
    result: differingKib === 0 ? 'Equal' : 'Different',
    finishedAt: now,
    differingKib,
    ...(inUse ? { message: 'the volume is in use: blocks that were being written were passed over' } : {}),
  };
}

/** A comparison that goes on. An agent's entry that nobody has written anew since it was last looked at tells nothing new. */
function heard(comparison: Comparison, pair: readonly [Copy, Copy], silence: number, now: Instant): Comparison {
  if (silence < heardGrain) return comparison;
  const written = pair.map(({ report }) => report.writtenAt);
  if (written.includes(undefined)) return { ...comparison, heardAt: now };
  const heardOf = written.join(' ');
  return heardOf === comparison.heardOf ? comparison : { ...comparison, heardAt: now, heardOf };
}

/** Ends a comparison without a result. */
export function unknownResult(comparison: Comparison, now: Instant, message: string): Comparison {
  const { heardAt: _over, heardOf: _of, ...rest } = comparison;
  return { ...rest, result: 'Unknown', finishedAt: now, message };
}

/**
 * The commands that make two copies equal that were found to differ, by the node whose blocks are replaced: while the
 * connection lasts, for DRBD forgets the marks with it, and never on a node that has the volume in use.
 */
export function repairsOf(comparison: Comparison, volume: VolumeCopies): ReadonlyMap<Copy, DrbdCommand> {
  const pair = comparison.result === 'Different' ? (pairOf(comparison, volume) ?? []) : [];
  return new Map(
    pair.flatMap((copy) => {
      const { role, minor } = copy.report;
      return role === 'Secondary' && minor !== undefined ? [[copy, drbdCommands.invalidateMarked(minor)] as const] : [];
    }),
  );
}

/** The order to replace the differing blocks of the copy of a site, or why it cannot be given. */
export function repairOrder(comparison: Comparison, volume: VolumeCopies, site: SiteName): DrbdOrder | string {
  const pair = pairOf(comparison, volume);
  const victim = pair?.find(({ satellite }) => satellite.site === site);
  if (pair === undefined || victim === undefined) return `no copy of ${site} is one of the two`;
  const other = pair[0] === victim ? pair[1] : pair[0];
  if (other.satellite.site === site) return `both copies are on ${site}`;
  const [peer, command] = [peerIn(victim, other), repairsOf(comparison, volume).get(victim)];
  // Whoever is not connected would make the good copy follow it.
  if (!areTogether(...pair)) return 'the connection has been lost since, and what was found with it';
  if (command === undefined) return `${placeOf(victim)} has the volume in use`;
  const current = peer?.generation?.current;
  if (peer === undefined || current === undefined) return `the data generation of ${placeOf(victim)} is not known`;
  const generation = { peer: peer.node, peerNodeId: peer.nodeId, current };
  const seen = { resource: comparison.resource, role: 'Secondary', generation } as const;
  return guardedCommand(victim.satellite, seen, command, lastOperationOf(victim.report));
}

/** A comparison whose repair was ordered, after another look: repaired once nothing is marked any more. */
export function repaired(comparison: Comparison, volume: VolumeCopies, now: Instant): Comparison {
  const after = followed({ ...comparison, result: 'Running' }, volume, now);
  if (after.result === 'Equal') return { ...after, result: 'Repaired', differingKib: comparison.differingKib ?? 0 };
  return after.result === 'Unknown' ? after : comparison;
}

/** An entry of `status.volumes` of a Recovery object. */
export function comparisonStatus(comparison: Comparison): JsonObject {
  const { resource, node, peer, result, startedAt, finishedAt, differingKib, message } = comparison;
  return {
    name: `${resource}/${node}/${peer}`,
    result,
    ...(startedAt === undefined ? {} : { startedAt: timestamp(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: timestamp(finishedAt) }),
    ...(differingKib === undefined ? {} : { differingKib }),
    ...(message === undefined ? {} : { message: statusMessage(message) }),
  };
}

function pairOf({ node, peer }: Comparison, volume: VolumeCopies): readonly [Copy, Copy] | undefined {
  const found = (name: string): Copy | undefined =>
    diskfulCopies(volume).find(({ satellite }) => satellite.node === name);
  const [one, other] = [found(node), found(peer)];
  return one === undefined || other === undefined ? undefined : [one, other];
}
