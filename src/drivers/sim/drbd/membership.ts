import type { DrbdHost } from './host.ts';
import { type DrbdResource, isConnected, type Replica } from './replica.ts';

/** Nodes that answer a request for the whole cluster: connected and reachable, directly or through others; this one included. */
export function membership(host: DrbdHost, resource: DrbdResource, replica: Replica): string[] {
  const found = new Set([replica.node]);
  for (const node of found) {
    const there = resource.replicas.get(node);
    for (const peer of there?.peers.values() ?? []) {
      if (isConnected(peer) && host.reaches(node, peer.node)) found.add(peer.node);
    }
  }
  return [...found];
}

/** A peer that counts as connected and does not answer. */
export interface SilentPeer {
  readonly from: string;
  readonly node: string;
}

/** Who in this node's part of the cluster would not answer a request for all of it. */
export function silentPeers(host: DrbdHost, resource: DrbdResource, replica: Replica): readonly SilentPeer[] {
  const silent: SilentPeer[] = [];
  for (const node of membership(host, resource, replica)) {
    const from = resource.replicas.get(node);
    if (from === undefined || !from.running) continue;
    for (const peer of from.peers.values()) {
      if (isConnected(peer) && !host.reaches(node, peer.node)) silent.push({ from: node, node: peer.node });
    }
  }
  return silent;
}
