import type { DrbdHost } from './host.ts';
import { type CommandResult, done, refuse } from './refusals.ts';
import { type DrbdResource, isConnected, type Peer, peerOf, type Replica, replicaOn } from './replica.ts';
import { beginResync } from './resync.ts';
import { settle } from './settle.ts';

export interface InvalidateOptions {
  /** `--reset-bitmap=no`: only what is marked moves, and nobody looks at the role. */
  readonly resetBitmap?: boolean;
}

/**
 * `drbdadm invalidate`: this node's data is given up and comes again from an UpToDate peer; without a connection the disk is
 * Inconsistent from now on (drbd/drbd_nl.c drbd_adm_invalidate). Refused on a Primary, without a text.
 */
export function invalidateCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  { resetBitmap = true }: InvalidateOptions,
): CommandResult {
  if (replica.disk === 'Diskless') return refuse(resource.name, '-11');
  if (resetBitmap && replica.role === 'Primary') return { exit: 11, text: '' };
  const view = [...replica.peers.values()].find((peer) => isIdle(peer) && peer.disk === 'UpToDate');
  if (view !== undefined) {
    beginResync(host, resource, replicaOn(resource, view.node), replica, resetBitmap);
    return done;
  }
  if ([...replica.peers.values()].some((peer) => isConnected(peer) && peer.kind === 'diskful'))
    return refuse(resource.name, '-2');
  replica.disk = 'Inconsistent';
  for (const peer of replica.peers.values()) if (peer.kind === 'diskful') peer.dirtyExtraKib = resource.sizeKib;
  settle(host, resource, replica);
  return done;
}

/** `drbdadm invalidate-remote`: the peer's data is given up and comes again from here. */
export function invalidateRemoteCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  node: string,
  { resetBitmap = true }: InvalidateOptions,
): CommandResult {
  const view = peerOf(replica, node);
  if (!isConnected(view)) return refuse(resource.name, '-15');
  if (resetBitmap && view.role === 'Primary') return refuse(resource.name, '-10');
  if (view.replication === 'WFBitMapS') return done;
  if (!isIdle(view)) return refuse(resource.name, '-8');
  beginResync(host, resource, replica, replicaOn(resource, node), resetBitmap);
  return done;
}

/** Connected, with a disk, and neither a resync nor a verify is running. */
export function isIdle(peer: Peer): boolean {
  return isConnected(peer) && peer.replication === 'Established' && peer.disk !== 'Diskless';
}
