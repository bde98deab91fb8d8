import { type Instant, minute, second } from '../../model/instant.ts';
import { drbdCommands } from '../../model/drbd-command.ts';
import { type DrbdOrder, guardedCommand } from '../../model/drbd-order.ts';
import { keepLast } from '../../model/memo.ts';
import { generationTowards, hasDisk, type VolumeCopies } from '../../model/recovery/copies.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { type Reunion, type ReunionOrder, reunionOf } from '../../model/recovery/reunion.ts';
import type { RecoveryContext } from './context.ts';

/** How long a node that was told to discard its data, or as a tiebreaker to connect, may go on trying. */
const tryingTime = 30 * second;
/**
 * How long it may take until a forced demotion shows: the agent of the node marks it within five seconds. A comparison that
 * begins before that would not count for what the mark says.
 */
const showTime = 10 * second;
/** How long a command that was given is given no second time. */
const repeatTime = 5 * second;

const lastReunion = keepLast<Reunion>();

/** What comes next for the volumes of the group, and what is waited for. */
export function reunionIn(context: RecoveryContext, view: RecoveryView, now: Instant): Reunion {
  return lastReunion([view, context, now], () => {
    const found = view.volumes.map((volume) => reunionOfVolume(context, volume, now));
    const orders = found.flatMap((each) => each.orders);
    const blockers = found.flatMap((each) => each.blockers);
    const isFresh = orders.length + blockers.length === 0 && wasGiven(context, 'demote', now, showTime);
    return { orders, blockers: isFresh ? ['the nodes have yet to show that somebody was cut off'] : blockers };
  });
}

/** The commands that are given now: those of the next ones that were not given a moment ago. */
export function dueOrders(context: RecoveryContext, view: RecoveryView, now: Instant): readonly ReunionOrder[] {
  return reunionIn(context, view, now).orders.filter((order) => !wasGiven(context, keyOf(order), now, repeatTime));
}

/** What keeps the copies apart, in sentences. */
export function reunionBlockers(context: RecoveryContext, view: RecoveryView, now: Instant): readonly string[] {
  const { orders, blockers } = reunionIn(context, view, now);
  return [...blockers, ...orders.map(({ resource, node, kind }) => `${resource}: ${node} is told to ${verbs[kind]}`)];
}

const verbs: Readonly<Record<ReunionOrder['kind'], string>> = {
  demote: 'let go of it',
  disconnect: 'disconnect',
  discard: 'give up its data for those of its peer',
  connect: 'connect',
  promote: 'count as the newest',
};

/** When each command was given, with those that are given now: for as long as it counts, or a discard is still to happen. */
export function toldAfter(
  context: RecoveryContext,
  view: RecoveryView,
  now: Instant,
): Readonly<Record<string, Instant>> {
  const kept = Object.entries(context.told).filter(([key, at]) =>
    key.startsWith('discard ') ? !hasMet(key, view) : now - at < minute,
  );
  const given = dueOrders(context, view, now).map((order) => [keyOf(order), now] as const);
  return Object.fromEntries([...kept, ...given]);
}

/** True once the node of a command is connected to the peer that it was about. */
function hasMet(key: string, { volumes }: RecoveryView): boolean {
  const [, resource, node, peer] = key.split(' ');
  const copies = volumes.find((volume) => volume.resource === resource)?.copies ?? [];
  const copy = copies.find(({ satellite }) => satellite.node === node);
  return copy?.report.peers.some((each) => each.node === peer && each.connection === 'Connected') === true;
}

/**
 * The commands that end the attempts of nodes that were told to give up their data and have not met their peer: that is remembered
 * until they do, and somebody may work with them until then.
 */
export function withdrawals({ told, satellites }: RecoveryContext): readonly DrbdOrder[] {
  return Object.entries(told).flatMap(([key, at]) => {
    const [kind, resource = '', node, peer = ''] = key.split(' ');
    const satellite = satellites.find((each) => each.node === node);
    if (kind !== 'discard' || satellite === undefined) return [];
    const command = drbdCommands.disconnect(resource, peer);
    return [guardedCommand(satellite, { resource, role: 'Secondary' }, command, `the discard of ${at}`)];
  });
}

function reunionOfVolume(context: RecoveryContext, volume: VolumeCopies, now: Instant): Reunion {
  const { resource } = volume;
  return reunionOf(volume, {
    survivor: context.survivors[resource] ?? '',
    isGivenUp: (copy, survivor) => {
      const generation = generationTowards(copy, survivor);
      return context.givenUp.some(
        (given) => given.resource === resource && given.node === copy.satellite.node && given.generation === generation,
      );
    },
    isTold: (_resource, node) => {
      const isDiskless = volume.copies.some((copy) => copy.satellite.node === node && !hasDisk(copy));
      return (isDiskless ? ['connect'] : ['discard']).some((kind) =>
        wasGiven(context, `${kind} ${resource} ${node}`, now, tryingTime),
      );
    },
  });
}

function wasGiven({ told }: RecoveryContext, key: string, now: Instant, within: number): boolean {
  return Object.entries(told).some(([name, at]) => (name === key || name.startsWith(`${key} `)) && now - at < within);
}

function keyOf({ kind, resource, node, peer }: ReunionOrder): string {
  return [kind, resource, node, ...(peer === undefined ? [] : [peer])].join(' ');
}
