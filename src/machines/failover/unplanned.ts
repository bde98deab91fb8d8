import type { ConsentKind } from '../../model/consent.ts';
import type { FailoverView } from '../../model/failover-view.ts';
import { standingOf } from '../../model/source-standing.ts';
import { type VolumeStanding, volumeStandings } from '../../model/volume-standing.ts';
import { keepLast } from '../../model/memo.ts';
import type { FailoverContext } from './context.ts';

// The gates of an unplanned failover. What is known counts as in a planned one; what is not known counts as far as a person
// has accepted it. A source that is known to be alive is overridden by nobody.

export function isUnplanned({ request }: FailoverContext): boolean {
  return request.mode === 'Unplanned';
}

/** True when a person has accepted something of this kind; preflight has held it against the evidence. */
export function isConsented({ request }: FailoverContext, kind: ConsentKind): boolean {
  return request.consents?.some((consent) => consent.kind === kind) === true;
}

/** True once DRBD has been, or may have been, told to promote by force: from there the way is forward only. */
export function hasForced({ forced = [] }: FailoverContext): boolean {
  return forced.length > 0;
}

/** What keeps the source from counting as still: VMs that are known to be up, and what nobody has accepted as unproven. */
export function standingBlockers(context: FailoverContext, { group }: FailoverView): readonly string[] {
  const accepted = isConsented(context, 'UnverifiedSource');
  return group.source.virtualMachines.flatMap((vm) => {
    const { kind, why } = standingOf(group.source, vm);
    return kind === 'up' || (kind === 'unproven' && !accepted) ? [why] : [];
  });
}

/** VMs that are known to be up on the source, on nodes that work. */
export function knownUp({ group: { source } }: FailoverView): readonly string[] {
  return source.virtualMachines
    .map((vm) => standingOf(source, vm))
    .filter(({ kind }) => kind === 'up')
    .map(({ why }) => why);
}

const lastStandings = keepLast<readonly VolumeStanding[]>();

export function standingsIn({ group, drbd }: FailoverView): readonly VolumeStanding[] {
  return lastStandings([group, drbd], () => volumeStandings(group, drbd));
}

/** What keeps volumes from being taken over, but for what force cures. */
export function holdBlockers(context: FailoverContext, view: FailoverView): readonly string[] {
  const accepted = isConsented(context, 'UnverifiedSource');
  return standingsIn(view).flatMap((volume) => [
    ...volume.alive,
    ...(accepted ? [] : volume.unproven.map((what) => `${what} is not reported`)),
    ...(volume.target === 'unknown' ? [volume.why] : []),
    ...(isConsented(context, 'DataLoss') ? [] : volume.cutOff),
    ...(needsForce(volume) && !mayBeForced(context, volume)
      ? [`${volume.why}, and nobody has accepted to force it`]
      : []),
  ]);
}

/** What keeps volumes from being opened on the target. A volume that is Primary there already is open. */
export function promotionBlockers(view: FailoverView): readonly string[] {
  return standingsIn(view).flatMap(({ target, why }) => (target === 'ready' || target === 'held' ? [] : [why]));
}

/** What keeps forced volumes from being as any other: the force is over only when they may be opened where a VM starts. */
export function forceBlockers({ forced = [] }: FailoverContext, view: FailoverView): readonly string[] {
  const nodes = new Set(view.satellites.known ? view.satellites.value.map(({ node }) => node) : []);
  return standingsIn(view).flatMap(({ resource, target, why, replica, report }) => {
    if (!forced.includes(resource)) return [];
    // DRBD knows before LINSTOR does.
    if (report?.role === 'Primary') return [`${resource} is Primary by force still`];
    if (target === 'ready') return [];
    const silent = replica === undefined || nodes.has(replica.node) ? '' : `; no satellite runs on ${replica.node}`;
    return [`${why}${silent}`];
  });
}

/** The volumes that DRBD has to be forced to promote. */
export function volumesToForce(view: FailoverView): readonly string[] {
  return standingsIn(view)
    .filter(needsForce)
    .map(({ resource }) => resource);
}

function needsForce({ target }: VolumeStanding): boolean {
  return target === 'noQuorum' || target === 'notCurrent';
}

function mayBeForced(context: FailoverContext, { target }: VolumeStanding): boolean {
  return isConsented(context, 'ForceQuorum') && (target === 'noQuorum' || isConsented(context, 'DataLoss'));
}
