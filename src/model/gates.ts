import type { LockReading } from './drbd-lock.ts';
import {
  diskfulReplicas,
  isInSync,
  type ReplicaView,
  replicaLabel,
  replicasAt,
  type VolumeView,
} from './drbd-replica.ts';
import { type GroupView, type SiteView, volumeOf } from './group-view.ts';
import { listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import { readingOfSite } from './site-reading.ts';

/** Whether a gate is open; when it is not, `blockers` say what keeps it closed. Anything unknown keeps it closed. */
export interface GateVerdict {
  readonly gate: string;
  readonly open: boolean;
  readonly blockers: readonly string[];
}

/** Every VM of the group is proven stopped on a site. */
export function virtualMachinesAreStopped(site: SiteView): GateVerdict {
  const blockers = site.virtualMachines
    .filter((vm) => vm.power.state !== 'stopped')
    .map((vm) => `${vm.name} on ${site.site} is ${vm.power.state}: ${vm.power.message}`);
  return verdict('virtualMachinesAreStopped', blockers);
}

/** Every VM of the group runs on a site. */
export function virtualMachinesAreRunning(site: SiteView): GateVerdict {
  const blockers = site.virtualMachines
    .filter((vm) => vm.power.state !== 'running')
    .map((vm) => `${vm.name} on ${site.site} is ${vm.power.state}: ${vm.power.message}`);
  return verdict('virtualMachinesAreRunning', blockers);
}

/** Every volume's lock is free. A group without volumes has no locks. */
export function locksAreFree(readings: readonly LockReading[]): GateVerdict {
  return verdict(
    'locksAreFree',
    readings.filter((reading) => reading.condition !== 'free').flatMap((reading) => reading.blockers),
  );
}

/** The target's replica of every volume holds the newest data, and follows every diskful peer without a gap. */
export function targetReplicasAreCurrent(view: GroupView): GateVerdict {
  return verdict(
    'targetReplicasAreCurrent',
    eachVolume(view, (volume) => staleness(volume, view.scope.target)),
  );
}

/** DRBD's last guard is on: two Primaries would be refused. */
export function twoPrimariesAreRefused(view: GroupView): GateVerdict {
  return verdict(
    'twoPrimariesAreRefused',
    eachVolume(view, ({ resource, options }) => {
      if (options.allowTwoPrimaries === 'no') return [];
      return options.allowTwoPrimaries === 'yes'
        ? [`allow-two-primaries is yes on ${resource}`]
        : [`whether ${resource} allows two Primaries is not known`];
    }),
  );
}

/** A node of the target that carries a quorum taint of DRBD's and holds a replica of the group. */
export interface TaintedNode {
  readonly node: KubeObject;
  readonly keys: readonly string[];
}

/**
 * The two taints of Piraeus' high-availability controller (`pkg/metadata/metadata.go` of
 * piraeusdatastore/piraeus-ha-controller). They say that a node lost quorum; removing one restores none.
 */
export const quorumTaintKeys: readonly string[] = ['drbd.linbit.com/lost-quorum', 'drbd.linbit.com/force-io-error'];

/** Target nodes that hold the group's replicas and carry a quorum taint; undefined while that cannot be told. */
export function taintedTargetNodes(view: GroupView): readonly TaintedNode[] | undefined {
  const nodes = readingOfSite(view.target, 'nodes');
  if (!nodes.known || !view.volumes.known) return undefined;
  const holders = new Set<string>();
  for (const volume of view.volumes.value.values()) {
    for (const replica of volume === undefined ? [] : replicasAt(volume, view.scope.target)) holders.add(replica.node);
  }
  return nodes.value.flatMap((node) => {
    if (!holders.has(node.metadata.name)) return [];
    const keys = listAt(node, 'spec', 'taints').flatMap((taint) => textAt(taint, 'key') ?? []);
    const own = keys.filter((key) => quorumTaintKeys.includes(key));
    return own.length === 0 ? [] : [{ node, keys: own }];
  });
}

/** No target node that holds a replica of the group carries a quorum taint. */
export function quorumTaintsAreGone(view: GroupView): GateVerdict {
  const tainted = taintedTargetNodes(view);
  if (tainted === undefined)
    return verdict('quorumTaintsAreGone', ['the taints of the target nodes could not be read']);
  return verdict(
    'quorumTaintsAreGone',
    tainted.map(({ node, keys }) => `${node.metadata.name} carries ${keys.join(' and ')}`),
  );
}

function eachVolume(view: GroupView, blockersOf: (volume: VolumeView) => readonly string[]): readonly string[] {
  return view.resources.flatMap((resource) => {
    const volume = volumeOf(view, resource);
    if (!volume.known) return [volume.why];
    return volume.value === undefined ? [`the storage has no volume ${resource}`] : blockersOf(volume.value);
  });
}

function staleness(volume: VolumeView, target: string): readonly string[] {
  const there = replicasAt(volume, target).filter((replica) => replica.kind === 'diskful');
  if (there.length === 0) return [`no diskful replica of ${volume.resource} is in ${target}`];
  const diskful = diskfulReplicas(volume);
  return there.flatMap((replica) => replicaStaleness(replica, diskful));
}

function replicaStaleness(replica: ReplicaView, diskful: readonly ReplicaView[]): readonly string[] {
  if (replica.diskState !== 'UpToDate') {
    return [`${replicaLabel(replica)} is ${replica.diskState ?? 'not reported'}, not UpToDate`];
  }
  return diskful
    .filter((peer) => peer.node !== replica.node)
    .flatMap((peer) => connectionTrouble(replica, peer) ?? connectionTrouble(peer, replica) ?? []);
}

/** What one side of a connection tells against it. Each side notices for itself when the other one is gone, one seconds before the other. */
function connectionTrouble(replica: ReplicaView, peer: ReplicaView): readonly string[] | undefined {
  const seen = replica.peers.find((candidate) => candidate.node === peer.node);
  if (seen?.connection !== 'Connected') {
    return [`${replicaLabel(replica)} is ${seen?.connection ?? 'not known to be connected'} towards ${peer.node}`];
  }
  if (!isInSync(seen.replication)) {
    return [`${replicaLabel(replica)} and ${peer.node} are ${seen.replication ?? 'not known to be in sync'}`];
  }
  return undefined;
}

function verdict(gate: string, blockers: readonly string[]): GateVerdict {
  return { gate, open: blockers.length === 0, blockers };
}
