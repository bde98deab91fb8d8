import type { DrbdReport, DrbdResourceReport } from './drbd-report.ts';
import { isInSync, type ReplicaView, replicaLabel, replicasAt, type VolumeView } from './drbd-replica.ts';
import { type GroupView, volumeOf } from './group-view.ts';
import type { Known } from './known.ts';
import type { SiteName } from './site.ts';

/** What DRBD said on the nodes of one site, by node. */
export type SiteReports = Readonly<Record<string, Known<DrbdReport>>>;

/** How a volume stands for a site that is to take it over without the other one. */
export interface VolumeStanding {
  readonly resource: string;
  /** Signs that somebody else works with the volume now. No consent overrides them. */
  readonly alive: readonly string[];
  /** Replicas elsewhere whose role nobody tells. */
  readonly unproven: readonly string[];
  /** Copies elsewhere that are reported, and that the target's does not follow: what they were given since is not here. */
  readonly cutOff: readonly string[];
  /**
   * What the target can do with it. `held`: it is Primary there already. `ready`: its copy is UpToDate and DRBD would promote it.
   * `noQuorum`: UpToDate, and DRBD would refuse. `notCurrent`: its copy is not known to be the newest. `unknown`: not reported.
   */
  readonly target: 'held' | 'ready' | 'noQuorum' | 'notCurrent' | 'unknown';
  /** A sentence on `target`. */
  readonly why: string;
  /** The target's replica that would be promoted. */
  readonly replica: ReplicaView | undefined;
  /** What DRBD says of it on its node, where that was asked. */
  readonly report: DrbdResourceReport | undefined;
}

/** How each volume of a group stands for the target. A volume that the storage does not tell of is `unknown`. */
export function volumeStandings(view: GroupView, reports: SiteReports): readonly VolumeStanding[] {
  const { target } = view.scope;
  return view.resources.map((resource) => {
    const volume = volumeOf(view, resource);
    if (volume.known && volume.value !== undefined) return standingOfVolume(volume.value, target, reports);
    const why = volume.known ? `the storage has no volume ${resource}` : volume.why;
    return {
      resource,
      alive: [],
      unproven: [],
      cutOff: [],
      target: 'unknown',
      why,
      replica: undefined,
      report: undefined,
    };
  });
}

function standingOfVolume(volume: VolumeView, target: SiteName, reports: SiteReports): VolumeStanding {
  const { resource } = volume;
  const elsewhere = volume.replicas.filter(({ site }) => site !== target);
  const here = replicasAt(volume, target);
  const replica = promotable(here);
  const said = replica && reports[replica.node];
  const report = said?.known === true ? said.value.get(resource) : undefined;
  return {
    resource,
    alive: [...primaries(elsewhere), ...connectedTo(elsewhere, here), ...primariesSeen(report, elsewhere)],
    unproven: elsewhere.filter(({ inUse }) => inUse === 'unknown').map((each) => `the role of ${replicaLabel(each)}`),
    cutOff: replica === undefined ? [] : notFollowed(elsewhere, replica),
    ...targetOf(volume, replica, target),
    replica,
    report,
  };
}

/** The replica that is promoted: with a disk, the better one first. */
function promotable(here: readonly ReplicaView[]): ReplicaView | undefined {
  const rank = ({ diskState = '' }: ReplicaView): number =>
    ['UpToDate', 'Consistent', 'Outdated', 'Inconsistent'].indexOf(diskState) + 1 || 9;
  return here
    .filter(({ kind }) => kind === 'diskful')
    .toSorted((a, b) => rank(a) - rank(b) || (a.node < b.node ? -1 : 1))[0];
}

function targetOf(
  volume: VolumeView,
  replica: ReplicaView | undefined,
  target: SiteName,
): Pick<VolumeStanding, 'target' | 'why'> {
  const { resource } = volume;
  const here = replicasAt(volume, target);
  if (here.some(({ inUse }) => inUse === 'yes')) return { target: 'held', why: `${resource} is Primary in ${target}` };
  if (replica === undefined) return { target: 'unknown', why: `no replica of ${resource} with a disk is in ${target}` };
  const { diskState, mayPromote } = replica;
  const label = replicaLabel(replica);
  if (diskState === undefined || mayPromote === 'unknown')
    return { target: 'unknown', why: `the state of ${label} is not reported` };
  if (diskState !== 'UpToDate') return { target: 'notCurrent', why: `${label} is ${diskState}, not UpToDate` };
  if (mayPromote === 'yes') return { target: 'ready', why: `${label} is UpToDate and may be promoted` };
  const primary = connectedPrimary(volume, replica, target);
  const because = primary === undefined ? 'no quorum' : `${replicaLabel(primary)} is Primary`;
  return { target: 'noQuorum', why: `${label} is UpToDate, and DRBD would refuse to promote it: ${because}` };
}

/** A Primary elsewhere to which a replica is connected: one at a time is all that DRBD allows, with quorum and without. */
function connectedPrimary(volume: VolumeView, replica: ReplicaView, target: SiteName): ReplicaView | undefined {
  const connected = new Set(
    replica.peers.filter(({ connection }) => connection === 'Connected').map(({ node }) => node),
  );
  return volume.replicas.find(({ site, node, inUse }) => site !== target && inUse === 'yes' && connected.has(node));
}

function primaries(elsewhere: readonly ReplicaView[]): readonly string[] {
  return elsewhere.filter(({ inUse }) => inUse === 'yes').map((replica) => `${replicaLabel(replica)} is Primary`);
}

function notFollowed(elsewhere: readonly ReplicaView[], replica: ReplicaView): readonly string[] {
  return elsewhere
    .filter(({ kind, inUse }) => kind === 'diskful' && inUse !== 'unknown')
    .flatMap((copy) => {
      const seen = replica.peers.find(({ node }) => node === copy.node);
      if (seen?.connection === 'Connected' && isInSync(seen.replication)) return [];
      const how = seen?.connection === 'Connected' ? (seen.replication ?? 'not known to follow') : seen?.connection;
      return [`${replicaLabel(replica)} does not follow ${replicaLabel(copy)} (${how ?? 'not connected'})`];
    });
}

/** A connection is kept by pings: its peer was alive eleven seconds ago. One that is known to be Secondary may be. */
function connectedTo(elsewhere: readonly ReplicaView[], here: readonly ReplicaView[]): readonly string[] {
  const untold = new Set(
    elsewhere.filter(({ kind, inUse }) => kind === 'diskful' && inUse === 'unknown').map(({ node }) => node),
  );
  return here.flatMap((replica) =>
    replica.peers
      .filter(({ node, connection }) => connection === 'Connected' && untold.has(node))
      .map(({ node }) => `${replicaLabel(replica)} is connected to ${node}, whose role nobody tells: it is alive`),
  );
}

function primariesSeen(report: DrbdResourceReport | undefined, elsewhere: readonly ReplicaView[]): readonly string[] {
  const others = new Set(elsewhere.filter(({ inUse }) => inUse !== 'yes').map(({ node }) => node));
  return (report?.peers ?? [])
    .filter(({ node, role, connection }) => others.has(node) && role === 'Primary' && connection === 'Connected')
    .map(({ node }) => `DRBD sees ${node} as Primary of ${report?.resource}`);
}
