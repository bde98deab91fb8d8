import {
  justCreated,
  noGeneration,
  rememberGeneration,
  renewGeneration,
  setCurrent,
  showExposed,
} from './generation.ts';
import type { DrbdHost } from './host.ts';
import { negotiate } from './meeting.ts';
import { type CommandResult, done } from './refusals.ts';
import { type DrbdResource, isConnected, type Replica } from './replica.ts';
import { settle } from './settle.ts';

/**
 * `drbdsetup new-current-uuid [--clear-bitmap]`: what is on this disk now is the data. With the flag it counts as equal on
 * every connected peer that never had data, and the first sync is left out (drbd/drbd_nl.c drbd_adm_new_c_uuid).
 */
export function newCurrentUuidCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  clearBitmap: boolean,
): CommandResult {
  for (const peer of replica.peers.values()) {
    const previous = peer.bitmapGeneration;
    peer.bitmapGeneration = noGeneration;
    rememberGeneration(replica, previous);
  }
  renewGeneration(resource, replica, host.random, true);
  if (!clearBitmap) return done;
  for (const view of replica.peers.values()) clearMarks(replica, view.node);
  replica.disk = 'UpToDate';
  settle(host, resource, replica);
  for (const view of replica.peers.values()) {
    const peer = isConnected(view) ? resource.replicas.get(view.node) : undefined;
    if (peer?.metadata.current !== justCreated || peer.disk === 'Diskless') continue;
    for (const node of peer.peers.keys()) clearMarks(peer, node);
    setCurrent(peer, replica.metadata.current);
    peer.disk = 'UpToDate';
    showExposed(resource, peer);
    settle(host, resource, peer);
  }
  return done;
}

/** A disk was declared UpToDate: connected peers that are Inconsistent get its data. */
export function fillInconsistentPeers(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const view of replica.peers.values()) {
    const peer = isConnected(view) && view.replication === 'Established' ? resource.replicas.get(view.node) : undefined;
    if (peer?.disk === 'Inconsistent') negotiate(host, resource, replica, peer);
  }
}

function clearMarks(replica: Replica, node: string): void {
  const view = replica.peers.get(node);
  if (view === undefined) return;
  view.bitmapGeneration = noGeneration;
  view.dirty.length = 0;
  view.dirtyExtraKib = 0;
}
