import { disconnectOrderly, loseConnections, tryToConnect } from './connection.ts';
import type { DrbdHost } from './host.ts';
import { type CommandResult, done, refuse, refuseConfiguration } from './refusals.ts';
import { type DrbdResource, isConnected, peerOf, type Replica, replicaOn } from './replica.ts';
import { settle } from './settle.ts';
import { compareDisks } from './states.ts';

/** `drbdadm connect [--discard-my-data]` of one connection, which has to be StandAlone. */
export function connectCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  peerNode: string,
  discardMyData: boolean,
): CommandResult {
  const peer = peerOf(replica, peerNode);
  if (discardMyData && replica.role === 'Primary') return refuseConfiguration(resource.name, '123');
  if (peer.connection !== 'StandAlone') return refuseConfiguration(resource.name, '125');
  peer.discardMyData = discardMyData;
  peer.connection = 'Connecting';
  host.changed(resource.name, replica.node);
  tryToConnect(host, resource, replica.node, peerNode, 50);
  return done;
}

/** `drbdadm disconnect` of one connection: orderly where the peer answers. */
export function disconnectCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  peerNode: string,
): CommandResult {
  const peer = peerOf(replica, peerNode);
  if (isConnected(peer) && host.reaches(replica.node, peerNode)) {
    disconnectOrderly(host, resource, replica, replicaOn(resource, peerNode));
    return done;
  }
  if (isConnected(peer)) loseConnections(host, resource, replica, [peerNode], 'NetworkFailure');
  peer.connection = 'StandAlone';
  peer.refusedAs = undefined;
  host.changed(resource.name, replica.node);
  return done;
}

/**
 * `drbdsetup outdate`: refused for a disk that is worse than Outdated, and on a Primary or next to one (drbd/drbd_state.c
 * `__is_valid_soft_transition`, local_disk_may_be_outdated).
 */
export function outdateCommand(host: DrbdHost, resource: DrbdResource, replica: Replica): CommandResult {
  const peers = [...replica.peers.values()].filter(isConnected);
  if (compareDisks(replica.disk, 'Outdated') < 0) return refuse(resource.name, '-16');
  if (replica.role === 'Primary')
    return refuse(resource.name, peers.some(({ disk }) => disk === 'UpToDate') ? '-6' : '-2');
  if (peers.some(({ role }) => role === 'Primary')) return refuse(resource.name, '-6');
  replica.disk = 'Outdated';
  settle(host, resource, replica);
  return done;
}
