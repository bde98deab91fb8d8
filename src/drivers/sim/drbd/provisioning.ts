import { freshGeneration } from './generation.ts';
import type { DrbdHost } from './host.ts';
import { bringUp, newPeer, newReplica, takeDown } from './lifecycle.ts';
import { shakeHands } from './meeting.ts';
import { defaultOptions, type DrbdOptions } from './options.ts';
import { type DrbdResource, pairKey, type Replica, replicaOn } from './replica.ts';
import { settle } from './settle.ts';

export interface ResourceSettings {
  readonly sizeKib: number;
  /** Kind of the replica by node; node ids are given in this order. */
  readonly replicas: Readonly<Record<string, Replica['kind']>>;
  readonly options?: DrbdOptions;
  readonly minor?: number;
  /** First data generation of all disks; a new one when absent. */
  readonly generation?: string;
  /** Disks that never had data. */
  readonly isFresh?: boolean;
}

/** A resource with equal, UpToDate replicas; they are not up yet. */
export function newResource(host: DrbdHost, name: string, settings: ResourceSettings, minor: number): DrbdResource {
  const { sizeKib, options = defaultOptions } = settings;
  const resource: DrbdResource = { name, minor, sizeKib, replicas: new Map(), nextWrite: 1, attempts: new Map() };
  const generation = settings.isFresh ? undefined : (settings.generation ?? freshGeneration(host.random));
  for (const [node, kind] of Object.entries(settings.replicas)) place(resource, node, kind, options, generation);
  if (settings.isFresh) markEverything(resource);
  return resource;
}

/** One more replica. While nothing was ever written it is equal at once, else a full sync fills it. */
export function placeMore(resource: DrbdResource, node: string, kind: Replica['kind']): void {
  const others = [...resource.replicas.values()];
  const unused = resource.nextWrite === 1 && others.every((other) => other.metadata.history.length === 0);
  const generation = unused ? others.find((other) => other.kind === 'diskful')?.metadata.current : undefined;
  place(resource, node, kind, others[0]?.options ?? defaultOptions, generation);
}

/** Up on its node and connected to all that are up: provisioning waits for that. */
export function startReplica(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  bringUp(host, resource, replica);
  for (const peer of replica.peers.values()) {
    const attempt = resource.attempts.get(pairKey(replica.node, peer.node));
    if (attempt === undefined) continue;
    host.cancel(attempt);
    shakeHands(host, resource, replica.node, peer.node);
  }
}

/** Takes a replica away for good, data included. */
export function removeReplica(host: DrbdHost, resource: DrbdResource, node: string): void {
  const replica = replicaOn(resource, node);
  if (replica.running) {
    replica.openers.clear();
    takeDown(host, resource, replica);
  }
  resource.replicas.delete(node);
  for (const other of resource.replicas.values()) other.peers.delete(node);
  for (const other of resource.replicas.values()) settle(host, resource, other);
}

function place(
  resource: DrbdResource,
  node: string,
  kind: Replica['kind'],
  options: DrbdOptions,
  generation: string | undefined,
): void {
  const nodeId = firstFreeId([...resource.replicas.values()].map((replica) => replica.nodeId));
  const replica = newReplica(node, nodeId, kind, options);
  if (generation !== undefined && kind === 'diskful') {
    replica.metadata.current = generation;
    replica.metadata.consistent = true;
    replica.metadata.wasUpToDate = true;
  }
  for (const other of resource.replicas.values()) {
    other.peers.set(node, {
      ...newPeer(node, nodeId, kind),
      connection: other.running ? 'Connecting' : 'StandAlone',
    });
    replica.peers.set(other.node, newPeer(other.node, other.nodeId, other.kind));
  }
  resource.replicas.set(node, replica);
}

/** Of disks without data everything is out of sync. */
function markEverything(resource: DrbdResource): void {
  for (const replica of resource.replicas.values()) {
    if (replica.kind === 'diskless') continue;
    for (const peer of replica.peers.values()) if (peer.kind === 'diskful') peer.dirtyExtraKib = resource.sizeKib;
  }
}

function firstFreeId(used: readonly number[]): number {
  let id = 0;
  while (used.includes(id)) id++;
  return id;
}
