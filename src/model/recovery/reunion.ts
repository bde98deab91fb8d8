import { type DrbdCommand, drbdCommands, type DrbdPrecondition } from '../drbd-command.ts';
import { type DrbdOrder, guardedCommand, lastOperationOf } from '../drbd-order.ts';
import { type Copy, diskfulCopies, generationTowards, hasDisk, peerIn, placeOf, relationOf } from './copies.ts';
import type { VolumeCopies } from './copies.ts';

/** What a command is for. */
export type OrderKind = 'demote' | 'disconnect' | 'discard' | 'connect' | 'promote';

/** One command on one node, for one volume. */
export interface ReunionOrder {
  readonly kind: OrderKind;
  readonly resource: string;
  readonly node: string;
  /** The peer whose connection is meant; absent where the whole resource is. */
  readonly peer?: string;
  /** As it is typed on the node, without the precondition. */
  readonly command: readonly string[];
  readonly request: DrbdOrder;
}

/** What comes next for one volume. Neither orders nor blockers: its copies are together, and whole. */
export interface Reunion {
  readonly orders: readonly ReunionOrder[];
  /** What is waited for, in sentences. */
  readonly blockers: readonly string[];
}

export interface ReunionChoice {
  /** The node whose data survive. */
  readonly survivor: string;
  /** True for a copy whose data, as they are now, a person has given up. */
  readonly isGivenUp: (copy: Copy, survivor: Copy) => boolean;
  /** True for a node that was told so lately, to discard its data or as a tiebreaker to connect, that it may still be trying. */
  readonly isTold: (resource: string, node: string) => boolean;
}

/**
 * The next commands that bring the copies of a volume together again. Decided from what DRBD tells now, so that whoever goes
 * on from anywhere does the same; a command is given only while role and generation are as they were seen.
 */
export function reunionOf(volume: VolumeCopies, choice: ReunionChoice): Reunion {
  const survivor = volume.copies.find(({ satellite }) => satellite.node === choice.survivor);
  if (survivor === undefined || !hasDisk(survivor)) {
    return waiting([`${volume.resource}: ${choice.survivor} does not tell of a copy`, ...volume.silent]);
  }
  const others = diskfulCopies(volume).filter((copy) => copy !== survivor);
  // A copy that is not asked may be the one that counts.
  if (volume.silent.length > 0 || others.length === 0) {
    return waiting(volume.silent.length > 0 ? volume.silent : [`${volume.resource}: there is no other copy`]);
  }
  const stages = [
    () => demotions(survivor, others),
    () => others.map((other) => pairing(survivor, other, choice)),
    () => others.flatMap((one, index) => others.slice(index + 1).map((other) => plainPairing(one, other))),
    () => tiebreakers(volume, [survivor, ...others], choice),
    () => [waiting(endBlockers([survivor, ...others]))],
  ];
  for (const stage of stages) {
    const found = joined(stage());
    if (found.orders.length > 0 || found.blockers.length > 0) return found;
  }
  return nothing;
}

/**
 * Whoever must be cut off is, before anything else. A survivor that is Primary with nobody there was promoted by the way out
 * of Outdated.
 */
function demotions(survivor: Copy, others: readonly Copy[]): readonly Reunion[] {
  const apart = others.filter((other) => !areTogether(survivor, other));
  return [
    ...cutOffs(survivor, others).map((copy) => order('demote', copy, drbdCommands.demoteByForce(copy.report.resource))),
    ...(apart.length > 0 && isPrimary(survivor) && survivor.report.open === 'no'
      ? [order('demote', survivor, drbdCommands.demote(survivor.report.resource))]
      : []),
  ];
}

/**
 * The copies whose openers have to be cut off. A Primary whose data are given up cannot be told to discard them, and one that
 * lost quorum while its peer went on must be demoted before its connections come back: else both copies end Outdated, or its
 * disk changes under its application. What was opened gets I/O errors from then on. Where nobody went on a Primary that
 * lost quorum goes on by itself when its peers are back.
 */
export function cutOffs(survivor: Copy, others: readonly Copy[]): readonly Copy[] {
  const apart = others.filter((other) => !areTogether(survivor, other));
  const isLosing = (other: Copy): boolean =>
    mustDiscard(survivor, other) || (isSuspended(other) && relationOf(survivor, other) === 'ahead');
  const isOvertaken = isSuspended(survivor) && apart.some((other) => mustDiscard(survivor, other));
  return [...apart.filter(isLosing), ...(isOvertaken ? [survivor] : [])].filter(isPrimary);
}

function pairing(survivor: Copy, other: Copy, choice: ReunionChoice): Reunion {
  if (areTogether(survivor, other)) return isOutdated(survivor, other) ? promotion(survivor, other) : nothing;
  if (areConnected(survivor, other)) return waiting([progress(survivor, other)]);
  const relation = relationOf(survivor, other);
  if (relation === 'unknown') return waiting([`the data generations of ${placeOf(other)} are not known`]);
  if (mustDiscard(survivor, other)) return discarding(survivor, other, choice);
  return isOutdated(survivor, other) ? promotion(survivor, other) : plainPairing(survivor, other);
}

/**
 * The word counts only on a connection that was StandAlone, and for one attempt; then the survivor has to try as well: the
 * victim is told first, so that it never meets the survivor without that word.
 */
function discarding(survivor: Copy, other: Copy, { isGivenUp, isTold }: ReunionChoice): Reunion {
  const { resource } = other.report;
  const peer = survivor.satellite.node;
  if (!isGivenUp(other, survivor)) {
    return waiting([`${resource}: nobody has agreed to give up what ${placeOf(other)} holds now`]);
  }
  const answer = isAlone(survivor, other) ? [connect(survivor, other)] : [];
  if (isAlone(other, survivor)) {
    return joined([order('discard', other, drbdCommands.connectDiscarding(resource, peer), survivor), ...answer]);
  }
  const unmet = waiting([`${resource}: ${other.satellite.node} and ${peer} do not reach each other yet`]);
  if (!isTold(resource, other.satellite.node)) return joined([disconnect(other, survivor), unmet]);
  return answer[0] ?? unmet;
}

/**
 * Both are Outdated, so that no copy counts as the newest: the survivor is taken for it, while the other one is away; while
 * they are connected the promotion may leave the connection half-way for good.
 */
function promotion(survivor: Copy, other: Copy): Reunion {
  const { resource, open } = survivor.report;
  if (open !== 'no') {
    return waiting([
      `${resource}: whoever has it open on ${placeOf(survivor)} gets I/O errors, and has to let go of it`,
    ]);
  }
  if (!isAlone(other, survivor)) return disconnect(other, survivor);
  return order('promote', survivor, drbdCommands.forcePrimary(resource), other);
}

/** Two copies of which one follows the other by itself, once both try. */
function plainPairing(one: Copy, other: Copy): Reunion {
  if (areTogether(one, other)) return nothing;
  const alone = [
    ...(isAlone(other, one) ? [connect(other, one)] : []),
    ...(isAlone(one, other) ? [connect(one, other)] : []),
  ];
  return alone.length > 0 ? joined(alone) : waiting([progress(one, other)]);
}

/**
 * A tiebreaker takes over the generation of the copies once they are one: it is told first, then they are. One that shows the
 * generation of a copy that has lost refuses; without data of its own it can be started anew at any time.
 */
function tiebreakers(volume: VolumeCopies, diskful: readonly Copy[], { isTold }: ReunionChoice): readonly Reunion[] {
  const { resource } = volume;
  const pairs = volume.copies
    .filter((copy) => !hasDisk(copy))
    .flatMap((tiebreaker) => diskful.map((copy) => ({ tiebreaker, copy })));
  return pairs.map(({ tiebreaker, copy }) => {
    const { node } = tiebreaker.satellite;
    if (isAlone(tiebreaker, copy)) {
      if (!isTold(resource, node)) return connect(tiebreaker, copy);
      const remedy = `it has no data: on ${node}, drbdadm down ${resource}, then drbdadm up ${resource}`;
      return waiting([`${resource}: the tiebreaker ${node} refuses ${copy.satellite.node}; ${remedy}`]);
    }
    if (isAlone(copy, tiebreaker)) return connect(copy, tiebreaker);
    return areConnected(copy, tiebreaker) ? nothing : waiting([progress(copy, tiebreaker)]);
  });
}

/** What the end state lacks once every connection is there. */
function endBlockers(copies: readonly Copy[]): readonly string[] {
  return copies.flatMap((copy) => {
    const { resource, disk, peers } = copy.report;
    if (disk !== 'UpToDate') return [`${resource} is ${disk ?? 'not reported'} on ${placeOf(copy)}`];
    return copies.flatMap((other) => {
      if (other === copy) return [];
      const outOfSync = peers.find(({ node }) => node === other.satellite.node)?.outOfSyncKib;
      if (outOfSync !== 0) return [`${resource}: ${outOfSync ?? 'unknown'} KiB out of sync on ${placeOf(copy)}`];
      return relationOf(copy, other) === 'same' ? [] : [`${resource}: the generations of the copies are not the same`];
    });
  });
}

/** True when the other copy has data that the survivor does not have, and DRBD knows it. */
export function mustDiscard(survivor: Copy, other: Copy): boolean {
  const relation = relationOf(survivor, other);
  return relation === 'parted' || relation === 'behind';
}

export function areConnected(one: Copy, other: Copy): boolean {
  return peerIn(one, other)?.connection === 'Connected' && peerIn(other, one)?.connection === 'Connected';
}

/** Also seen from both sides: one may be Established while the other one hangs in the exchange of bitmaps. */
export function areTogether(one: Copy, other: Copy): boolean {
  return (
    areConnected(one, other) &&
    peerIn(one, other)?.replication === 'Established' &&
    peerIn(other, one)?.replication === 'Established'
  );
}

function isAlone(copy: Copy, other: Copy): boolean {
  return peerIn(copy, other)?.connection === 'StandAlone';
}

function isPrimary({ report }: Copy): boolean {
  return report.role === 'Primary';
}

function isSuspended({ report }: Copy): boolean {
  return report.suspended !== undefined && report.suspended !== 'no';
}

function isOutdated(one: Copy, other: Copy): boolean {
  return one.report.disk === 'Outdated' && other.report.disk === 'Outdated';
}

function disconnect(copy: Copy, from: Copy): Reunion {
  return order('disconnect', copy, drbdCommands.disconnect(copy.report.resource, from.satellite.node), from);
}

function connect(copy: Copy, to: Copy): Reunion {
  return order('connect', copy, drbdCommands.connect(copy.report.resource, to.satellite.node), to);
}

function order(kind: OrderKind, copy: Copy, command: DrbdCommand, peer?: Copy): Reunion {
  const { satellite, report } = copy;
  const { resource } = report;
  const named = peer === undefined ? {} : { peer: peer.satellite.node };
  const request = guardedCommand(satellite, asSeen(copy, peer), command, lastOperationOf(report));
  return {
    orders: [{ kind, resource, node: satellite.node, ...named, command: command.program, request }],
    blockers: [],
  };
}

function asSeen(copy: Copy, peer: Copy | undefined): DrbdPrecondition {
  const { resource, role } = copy.report;
  const current = peer && generationTowards(copy, peer);
  const seen = peer && peerIn(copy, peer);
  return {
    resource,
    role: role === 'Primary' ? 'Primary' : 'Secondary',
    ...(current === undefined || seen === undefined
      ? {}
      : { generation: { peer: seen.node, peerNodeId: seen.nodeId, current } }),
  };
}

/** How far two copies have come with each other, in a sentence. */
export function progress(one: Copy, other: Copy): string {
  const view = peerIn(one, other);
  const done = view?.donePercentage === undefined ? '' : `, ${view.donePercentage} %`;
  const left = view?.outOfSyncKib === undefined ? '' : `, ${view.outOfSyncKib} KiB to go`;
  const state = view?.replication === undefined || view.replication === 'Off' ? view?.connection : view.replication;
  return `${one.report.resource}: ${one.satellite.node} towards ${other.satellite.node} is ${state ?? 'unknown'}${done}${left}`;
}

function joined(reunions: readonly Reunion[]): Reunion {
  return {
    orders: reunions.flatMap(({ orders }) => orders),
    blockers: reunions.flatMap(({ blockers }) => blockers),
  };
}

function waiting(blockers: readonly string[]): Reunion {
  return { orders: [], blockers };
}

const nothing: Reunion = { orders: [], blockers: [] };
