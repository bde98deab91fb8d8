import { outOfSyncKib, type Peer } from '../drbd/replica.ts';
import { donePercentage, promotabilityOf } from '../drbd/status-report.ts';
import type { OwnReplica } from './arguments.ts';
import { backingDevice, blockedText, inFlightSectors, suspendedText, yesNo } from './status-text.ts';

/**
 * One resource as `drbdsetup events2 --now` lists it: the resource, its connections, its device, its peer devices
 * (LINBIT/drbd-utils `user/v9/drbdsetup.c`, `print_event`). The paths are left out: the world's DRBD has no addresses.
 */
export function eventLines(own: OwnReplica, now: number, statistics: boolean): readonly string[] {
  const peers = [...own.replica.peers.values()];
  return [
    line('resource', resourceFields(own, statistics)),
    ...peers.map((peer) => line('connection', connectionFields(own, peer, statistics))),
    line('device', deviceFields(own, statistics)),
    ...peers.map((peer) => line('peer-device', peerDeviceFields(own, peer, now, statistics))),
  ];
}

type Fields = Readonly<Record<string, string | number>>;

function line(object: string, fields: Fields): string {
  return ['exists', object, ...Object.entries(fields).map(([name, value]) => `${name}:${value}`)].join(' ');
}

function resourceFields({ resource, replica }: OwnReplica, statistics: boolean): Fields {
  const { mayPromote, score } = promotabilityOf(resource, replica);
  return {
    name: resource.name,
    role: replica.role,
    suspended: suspendedText(replica),
    'force-io-failures': yesNo(replica.forceIoFailures),
    ...(statistics ? { 'write-ordering': replica.disk === 'Diskless' ? 'none' : 'flush' } : {}),
    may_promote: yesNo(mayPromote),
    promotion_score: score,
  };
}

function connectionFields({ resource, replica }: OwnReplica, peer: Peer, statistics: boolean): Fields {
  return {
    name: resource.name,
    'peer-node-id': peer.nodeId,
    'conn-name': peer.node,
    connection: peer.connection,
    role: peer.role,
    ...(statistics ? { congested: 'no', 'ap-in-flight': inFlightSectors(replica, peer), 'rs-in-flight': 0 } : {}),
  };
}

function deviceFields(own: OwnReplica, statistics: boolean): Fields {
  const { resource, replica } = own;
  return {
    name: resource.name,
    volume: 0,
    minor: resource.minor,
    backing_dev: backingDevice(own),
    disk: replica.disk,
    client: yesNo(replica.kind === 'diskless'),
    open: yesNo(replica.openers.size > 0),
    quorum: yesNo(replica.quorum),
    ...(statistics ? { size: resource.sizeKib, ...uncounted, 'al-suspended': 'no' } : {}),
    blocked: blockedText(replica),
  };
}

const uncounted: Fields = {
  read: 0,
  written: 0,
  'al-writes': 0,
  'bm-writes': 0,
  'upper-pending': 0,
  'lower-pending': 0,
};

function peerDeviceFields({ resource }: OwnReplica, peer: Peer, now: number, statistics: boolean): Fields {
  const done = donePercentage(peer, now);
  return {
    name: resource.name,
    'peer-node-id': peer.nodeId,
    'conn-name': peer.node,
    volume: 0,
    replication: peer.replication,
    'peer-disk': peer.disk,
    'peer-client': yesNo(peer.kind === 'diskless'),
    'resync-suspended': 'no',
    ...(done === undefined ? {} : { done: done.toFixed(2) }),
    ...(statistics
      ? { received: 0, sent: 0, 'out-of-sync': outOfSyncKib(resource, peer), pending: 0, unacked: 0 }
      : {}),
  };
}
