import { sameGeneration } from './generation.ts';
import type { DrbdHost } from './host.ts';
import { type DrbdResource, isConnected, outOfSyncKib, peerOf, type Replica, replicaOn } from './replica.ts';
import { beginResync } from './resync.ts';
import { membership } from './membership.ts';
import { settle } from './settle.ts';

/** Disks that fell behind because they had no connection to the Primary follow again once a connected peer is stable and newer. */
export function upgradeOutdated(host: DrbdHost, resource: DrbdResource): void {
  for (const replica of resource.replicas.values()) {
    if (!replica.running || replica.disk !== 'Outdated' || replica.role === 'Primary') continue;
    for (const view of replica.peers.values()) {
      if (!isConnected(view) || view.disk !== 'UpToDate' || view.replication !== 'Established') continue;
      const source = replicaOn(resource, view.node);
      if (source.disk !== 'UpToDate' || !isStableFor(host, resource, source, replica)) continue;
      followFrom(host, resource, source, replica);
      break;
    }
  }
}

function followFrom(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const equal = sameGeneration(source.metadata.current, target.metadata.current);
  const marked =
    outOfSyncKib(resource, peerOf(source, target.node)) + outOfSyncKib(resource, peerOf(target, source.node));
  if (equal && marked === 0) {
    target.disk = 'UpToDate';
    settle(host, resource, target);
  } else {
    beginResync(host, resource, source, target, false);
  }
}

/** A node is stable for another one when no Primary that the other can not see feeds it. */
function isStableFor(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): boolean {
  return membership(host, resource, source).every((node) => {
    const there = replicaOn(resource, node);
    return there.role !== 'Primary' || target.peers.get(node)?.connection === 'Connected';
  });
}
