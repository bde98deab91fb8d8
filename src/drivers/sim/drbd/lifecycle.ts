import { loseConnections, disconnectOrderly, tryToConnect } from './connection.ts';
import { justCreated, noGeneration, withoutPrimaryBit } from './generation.ts';
import type { DrbdHost } from './host.ts';
import type { DrbdOptions } from './options.ts';
import { type CommandResult, done, refuse } from './refusals.ts';
import { type DrbdResource, isConnected, type Metadata, type Peer, type Replica, replicaOn } from './replica.ts';
import { openerList } from './roles.ts';
import { settle } from './settle.ts';
import { addWrite } from './write-set.ts';

/** 4 MiB for each of four activity-log extents that are taken for active when a node dies; they are marked when it is back. */
const activityLogKib = 16_384;

const attemptDelay = 30;

export function newReplica(node: string, nodeId: number, kind: Replica['kind'], options: DrbdOptions): Replica {
  return {
    node,
    nodeId,
    kind,
    running: false,
    options,
    role: 'Secondary',
    explicitPrimary: false,
    forceIoFailures: false,
    openers: new Map(),
    disk: 'Diskless',
    quorum: false,
    members: [],
    suspended: { user: false, noData: false, quorum: false, fencing: false },
    inFlight: [],
    crashedPrimary: false,
    newGenerationDue: false,
    exposed: '',
    diskIsBroken: false,
    metadata: newMetadata(),
    peers: new Map(),
    data: [],
  };
}

export function newPeer(node: string, nodeId: number, kind: Peer['kind']): Peer {
  return {
    node,
    nodeId,
    kind,
    connection: 'StandAlone',
    replication: 'Off',
    disk: 'DUnknown',
    role: 'Unknown',
    quorum: false,
    refusedAs: undefined,
    reconnect: false,
    discardMyData: false,
    bitmapGeneration: noGeneration,
    heard: '',
    resyncFrom: '',
    dirty: [],
    dirtyExtraKib: 0,
    rememberedOutdated: false,
    seen: false,
    verifiedShare: 0,
    sync: undefined,
  };
}

/** `drbdadm up` on a running node: the disk comes back as its metadata says, then every peer is tried. */
export function bringUp(host: DrbdHost, resource: DrbdResource, replica: Replica): CommandResult {
  if (replica.running) return done;
  replica.running = true;
  replica.role = 'Secondary';
  replica.crashedPrimary = replica.metadata.crashedPrimary;
  replica.metadata.current = withoutPrimaryBit(replica.metadata.current);
  replica.members = [replica.node];
  for (const peer of replica.peers.values()) {
    peer.connection = 'Connecting';
    peer.replication = 'Off';
    peer.role = 'Unknown';
    peer.quorum = false;
    peer.reconnect = false;
    peer.refusedAs = undefined;
    peer.disk = peer.rememberedOutdated ? 'Outdated' : 'DUnknown';
  }
  if (replica.kind === 'diskful') attachDisk(replica);
  settle(host, resource, replica);
  for (const peer of replica.peers.values()) tryToConnect(host, resource, replica.node, peer.node, attemptDelay);
  return done;
}

/** `drbdadm down`: leaves every peer in order, then the disk. Refused while somebody holds the device. */
export function takeDown(host: DrbdHost, resource: DrbdResource, replica: Replica): CommandResult {
  if (!replica.running) return done;
  if (replica.openers.size > 0) {
    return refuse(resource.name, '-12', `failed to demote\n${openerList(resource, replica)}`);
  }
  replica.role = 'Secondary';
  replica.explicitPrimary = false;
  for (const peer of replica.peers.values()) {
    if (isConnected(peer) && host.reaches(replica.node, peer.node)) {
      disconnectOrderly(host, resource, replica, replicaOn(resource, peer.node));
    } else if (isConnected(peer)) {
      loseConnections(host, resource, replica, [peer.node], 'NetworkFailure');
    }
    peer.connection = 'StandAlone';
  }
  switchOff(replica);
  replica.metadata.crashedPrimary = replica.crashedPrimary;
  replica.metadata.primaryIndicator = false;
  host.changed(resource.name, replica.node);
  return done;
}

/** The node dies: memory is gone, the disk stays as it was. Writes that had reached the disk are covered by the activity log. */
export function crash(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (!replica.running) return;
  for (const write of replica.inFlight) {
    if (write.submitted) for (const node of write.awaiting) addWrite(replica.peers.get(node)?.dirty ?? [], write.seq);
    host.ledger.fail(resource.name, write.seq);
  }
  for (const peer of replica.peers.values()) {
    if (peer.sync !== undefined) host.cancel(peer.sync.event);
    peer.sync = undefined;
  }
  if (replica.kind === 'diskful' && replica.data.length > 0 && isWrittenTo(replica)) {
    for (const peer of replica.peers.values()) if (peer.kind === 'diskful') peer.dirtyExtraKib = activityLogKib;
  }
  switchOff(replica);
  host.changed(resource.name, replica.node);
}

/** The disk comes back in the state that its metadata tells. */
export function attachDisk(replica: Replica): void {
  const { metadata } = replica;
  if (metadata.current === justCreated || !metadata.consistent) replica.disk = 'Inconsistent';
  else replica.disk = metadata.wasUpToDate ? 'UpToDate' : 'Outdated';
  replica.exposed = withoutPrimaryBit(metadata.current);
  if (metadata.hadQuorum && replica.disk === 'UpToDate') {
    // It went down as the only member with quorum: nobody else can have it meanwhile (drbd_nl.c RESTORE_QUORUM).
    replica.quorum = true;
    replica.members = [replica.node];
  }
}

/** Extents are active while there is a Primary that this disk follows; its demotion empties the log. */
function isWrittenTo(replica: Replica): boolean {
  if (replica.role === 'Primary') return true;
  for (const peer of replica.peers.values()) if (isConnected(peer) && peer.role === 'Primary') return true;
  return false;
}

function switchOff(replica: Replica): void {
  const { metadata } = replica;
  const restorable = metadata.hadQuorum && replica.quorum;
  replica.running = false;
  replica.role = 'Secondary';
  replica.explicitPrimary = false;
  replica.forceIoFailures = false;
  replica.openers.clear();
  replica.inFlight = [];
  replica.newGenerationDue = false;
  replica.disk = 'Diskless';
  replica.quorum = false;
  replica.members = [];
  replica.exposed = '';
  replica.suspended = { user: false, noData: false, quorum: false, fencing: false };
  metadata.hadQuorum = restorable;
  for (const peer of replica.peers.values()) {
    peer.connection = 'StandAlone';
    peer.replication = 'Off';
    peer.discardMyData = false;
    peer.sync = undefined;
  }
}

function newMetadata(): Metadata {
  return {
    current: justCreated,
    history: [],
    spareSlots: noGeneration,
    wasUpToDate: false,
    consistent: false,
    primaryIndicator: false,
    crashedPrimary: false,
    primaryLostQuorum: false,
    hadQuorum: false,
  };
}
