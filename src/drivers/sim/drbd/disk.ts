import { makeDueGeneration, withoutPrimaryBit } from './generation.ts';
import type { DrbdHost } from './host.ts';
import { attachDisk } from './lifecycle.ts';
import { negotiate } from './meeting.ts';
import { noQuorumText, quorumOf } from './quorum.ts';
import { type CommandResult, done, refuse, refuseConfiguration } from './refusals.ts';
import { type DrbdResource, isConnected, type Replica, replicaOn } from './replica.ts';
import { interruptResync } from './resync.ts';
import { openerList } from './roles.ts';
import { settle } from './settle.ts';

/** `drbdadm detach [--force]`: refused where a Primary would lose its last data (drbd/drbd_nl.c drbd_adm_detach). */
export function detachCommand(host: DrbdHost, resource: DrbdResource, replica: Replica, force: boolean): CommandResult {
  if (replica.disk === 'Diskless') return done;
  const minor = String(resource.minor);
  if (!force && replica.role === 'Primary') {
    const hasOther = [...replica.peers.values()].some((peer) => isConnected(peer) && peer.disk === 'UpToDate');
    if (!hasOther) return refuse(minor, '-2', openerList(resource, replica));
    const verdict = quorumOf({ ...replica, disk: 'Diskless' });
    if (!verdict.quorum) return refuse(minor, '-25', noQuorumText(verdict));
  }
  goDiskless(host, resource, replica);
  return done;
}

/** `drbdadm attach`: the disk comes back as its metadata tells, and connected peers compare generations with it. */
export function attachCommand(host: DrbdHost, resource: DrbdResource, replica: Replica): CommandResult {
  if (replica.disk !== 'Diskless') return refuseConfiguration(resource.name, '124');
  if (replica.kind === 'diskless') return refuse(resource.name, '-26');
  if (isOlderThanShown(replica)) return refuseConfiguration(resource.name, '150');
  attachDisk(replica);
  for (const view of replica.peers.values()) {
    if (isConnected(view) && view.disk !== 'Diskless')
      negotiate(host, resource, replica, replicaOn(resource, view.node));
  }
  settle(host, resource, replica);
  return done;
}

/** A Primary that no peer has data for goes on with nothing but the data that it showed last (drbd/drbd_nl.c drbd_adm_attach). */
function isOlderThanShown({ role, exposed, metadata, peers }: Replica): boolean {
  if (role !== 'Primary' || exposed === '' || exposed === withoutPrimaryBit(metadata.current)) return false;
  return [...peers.values()].every(({ disk }) => disk !== 'UpToDate');
}

/** A write failed on the disk of this node: `on-io-error detach`, and the Primary makes a new generation at once. */
export function failDisk(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (replica.disk === 'Diskless') return;
  goDiskless(host, resource, replica);
  for (const other of resource.replicas.values()) {
    if (other.role === 'Primary' && makeDueGeneration(resource, other, host.random)) settle(host, resource, other);
  }
}

function goDiskless(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  const { metadata } = replica;
  for (const view of replica.peers.values()) {
    const other = isConnected(view) ? replicaOn(resource, view.node) : undefined;
    if (other === undefined || view.replication === 'Established') continue;
    interruptResync(host, resource, replica, view.node);
    interruptResync(host, resource, other, replica.node);
    const back = other.peers.get(replica.node);
    if (back !== undefined) back.replication = 'Established';
    view.replication = 'Established';
  }
  metadata.crashedPrimary = false;
  metadata.primaryIndicator = false;
  replica.crashedPrimary = false;
  replica.exposed = withoutPrimaryBit(metadata.current);
  replica.disk = 'Diskless';
  if (replica.role === 'Primary') replica.newGenerationDue = true;
  settle(host, resource, replica);
}
