import type { Millis } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { WorldEvent } from '../event-queue.ts';
import type { RandomStream } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import {
  disconnectOrderly,
  loseConnections,
  retryRefused,
  shakeHands,
  tryToConnect,
  upgradeOutdated,
} from './connection.ts';
import { freshGeneration } from './generation.ts';
import type { DrbdEventPayload, DrbdHost } from './host.ts';
import { ioState, readOnce, writeOnce } from './io.ts';
import { Ledger } from './ledger.ts';
import { bringUp, crash, newPeer, newReplica, takeDown } from './lifecycle.ts';
import { Network } from './network.ts';
import { openDevice, type OpenAttempts } from './opening.ts';
import { defaultOptions, type DrbdOptions } from './options.ts';
import type { DrbdPort, OpenResult, WriteResult } from './port.ts';
import { type CommandResult, done, refuse, refuseConfiguration } from './refusals.ts';
import { type DrbdResource, isConnected, peerOf, type Replica, replicaOn } from './replica.ts';
import { continueResync, finishResync, interruptResync, startResync } from './resync.ts';
import { demote, demoteUnused, promote } from './roles.ts';
import { membership, settle } from './settle.ts';
import { promotabilityOf, type Promotability, statusOf } from './status-report.ts';
import { compareDisks } from './states.ts';
import { countWrites, type WriteSet } from './write-set.ts';

/** Called after every change of what one node sees of a resource. */
export type KernelListener = (resource: string, node: string) => void;

export interface ResourceSettings {
  readonly sizeKib: number;
  /** Kind of the replica by node; node ids are given in this order. */
  readonly replicas: Readonly<Record<string, Replica['kind']>>;
  readonly options?: DrbdOptions;
  readonly minor?: number;
  /** First data generation of all disks; a new one when absent. */
  readonly generation?: string;
}

/** A lost link is noticed when a ping stays unanswered: 5.4 to 11.2 s were seen, near the end of it with writes in flight. */
const detection = { earliest: 5400, latest: 11_200, earliestInUse: 9400 };

/** ping-timeout: what a request for the whole cluster waits for a silent peer. */
const pingTimeout: Millis = 500;

/** Connecting again after a link is back: TCP's back-off and connect-int 10 s. */
const reconnection = { earliest: 1000, latest: 10_500 };

/** How long a close was seen to hang in a loop of refused connections. */
const starvedClose = { earliest: 500, latest: 40_000 };

/** The DRBD 9 kernel modules of all nodes of all sites. */
export class DrbdKernel implements DrbdPort {
  readonly ledger: Ledger;
  readonly #host: DrbdHost;
  readonly #network: Network;
  readonly #resources: Map<string, DrbdResource>;
  readonly #openAttempts: OpenAttempts = new Map();
  /** Detection of a dead connection that is under way, by `resource|a|b`. */
  readonly #detections = new Map<string, number>();
  readonly #listeners: KernelListener[] = [];
  #nextMinor = 1000;

  constructor(scheduler: Scheduler, random: RandomStream) {
    this.ledger = new Ledger();
    this.#network = new Network();
    this.#resources = new Map();
    const network = this.#network;
    const listeners = this.#listeners;
    this.#host = {
      get now() {
        return scheduler.now;
      },
      random,
      ledger: this.ledger,
      schedule: (delay, kind, key, payload) => scheduler.schedule(delay, kind, key, payload),
      cancel: (id) => scheduler.cancel(id),
      reaches: (a, b) => network.reaches(a, b),
      changed: (resource, node) => {
        for (const listener of listeners) listener(resource, node);
      },
    };
  }

  onChange(listener: KernelListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  // --- what exists -------------------------------------------------------------------------------------------------

  addNode(node: string): void {
    this.#network.add(node);
  }

  /**
   * Makes a resource with equal, UpToDate replicas (the initial sync is skipped, as LINSTOR does on thin storage), brings it
   * up on every running node and connects it at once.
   */
  createResource(name: string, settings: ResourceSettings): void {
    const options = settings.options ?? defaultOptions;
    const resource: DrbdResource = {
      name,
      minor: settings.minor ?? this.#nextMinor++,
      sizeKib: settings.sizeKib,
      replicas: new Map(),
      nextWrite: 1,
      attempts: new Map(),
    };
    this.#resources.set(name, resource);
    const generation = settings.generation ?? freshGeneration(this.#host.random);
    for (const [node, kind] of Object.entries(settings.replicas))
      this.#place(resource, node, kind, options, generation);
    for (const replica of resource.replicas.values()) this.#start(resource, replica);
  }

  /** Adds a replica to an existing resource. While nothing was ever written it is equal at once, else a full sync fills it. */
  addReplica(name: string, node: string, kind: Replica['kind']): void {
    const resource = this.#resource(name);
    if (resource.replicas.has(node)) return;
    const others = [...resource.replicas.values()];
    const unused = resource.nextWrite === 1 && others.every((other) => other.metadata.history.length === 0);
    const generation = unused ? others.find((other) => other.kind === 'diskful')?.metadata.current : undefined;
    this.#place(resource, node, kind, others[0]?.options ?? defaultOptions, generation);
    this.#start(resource, replicaOn(resource, node));
  }

  /** Takes a replica away for good, data included. */
  removeReplica(name: string, node: string): void {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined) return;
    if (replica.running) {
      replica.openers.clear();
      takeDown(this.#host, resource, replica);
    }
    resource.replicas.delete(node);
    for (const other of resource.replicas.values()) other.peers.delete(node);
    for (const other of resource.replicas.values()) settle(this.#host, resource, other);
  }

  removeResource(name: string): void {
    const resource = this.#resources.get(name);
    if (resource === undefined) return;
    for (const node of [...resource.replicas.keys()]) this.removeReplica(name, node);
    this.#resources.delete(name);
  }

  resourceNames(): string[] {
    return [...this.#resources.keys()];
  }

  /** What the kernels hold of a resource. To be read, never changed. */
  resource(name: string): DrbdResource | undefined {
    return this.#resources.get(name);
  }

  replica(name: string, node: string): Replica | undefined {
    return this.#resources.get(name)?.replicas.get(node);
  }

  // --- the device, as processes use it -----------------------------------------------------------------------------

  hasDevice(name: string, node: string): boolean {
    return this.replica(name, node)?.running === true;
  }

  open(name: string, node: string, opener: string, mode: 'rw' | 'ro'): OpenResult {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined || !replica.running) {
      return { kind: 'refused', errno: 'ENOENT', text: 'No such file or directory' };
    }
    // A promotion asks everybody: a peer that is silently gone is found by that, half a second later.
    if (!replica.openers.has(opener) && replica.role !== 'Primary' && this.#noticeSilentPeers(resource, replica)) {
      return { kind: 'pending' };
    }
    const result = openDevice(this.#host, resource, replica, this.#openAttempts, opener, mode);
    if (result.kind === 'open') this.#afterwards(resource);
    return result;
  }

  close(name: string, node: string, opener: string): void {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    const held = replica?.openers.get(opener);
    if (resource === undefined || replica === undefined) return;
    this.#openAttempts.delete(`${name}|${node}|${opener}`);
    if (held === undefined) return;
    if (replica.inFlight.some((write) => write.opener === opener)) {
      replica.openers.set(opener, { ...held, closing: true });
      return;
    }
    replica.openers.delete(opener);
    if ([...replica.peers.values()].some((peer) => peer.retrying) && replica.role === 'Primary') {
      const delay = this.#host.random.integer(starvedClose.earliest, starvedClose.latest);
      this.#host.schedule(delay, 'drbd.demote', name, { resource: name, a: node, b: node });
      return;
    }
    demoteUnused(this.#host, resource, replica);
    this.#host.changed(name, node);
    this.#afterwards(resource);
  }

  write(name: string, node: string, opener: string): WriteResult {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined || replica.openers.get(opener)?.mode !== 'rw') {
      return { kind: 'error', errno: 'EBADF' };
    }
    return writeOnce(this.#host, resource, replica, opener);
  }

  /** A read through the device; as Primary it counts as I/O that changes the data generation. */
  read(name: string, node: string, opener: string): 'ok' | 'pending' | 'EIO' | 'EBADF' {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined || !replica.openers.has(opener)) return 'EBADF';
    return readOnce(this.#host, resource, replica);
  }

  /** What requests of an opener meet now; undefined where there is no device. */
  ioState(name: string, node: string): 'running' | 'suspended' | 'failing' | undefined {
    const replica = this.replica(name, node);
    return replica?.running ? ioState(replica) : undefined;
  }

  // --- commands of drbdsetup and drbdadm ---------------------------------------------------------------------------

  promote(name: string, node: string, { force = false } = {}): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      if (this.#silentPeers(resource, replica).length > 0) this.#loseSilentPeers(resource);
      const result = promote(this.#host, resource, replica, force);
      if (result.exit === 0) replica.explicitPrimary = true;
      return result;
    });
  }

  demote(name: string, node: string, { force = false } = {}): CommandResult {
    return this.#command(name, node, (resource, replica) => demote(this.#host, resource, replica, force));
  }

  connect(name: string, node: string, peerNode: string, { discardMyData = false } = {}): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      const peer = peerOf(replica, peerNode);
      if (discardMyData && replica.role === 'Primary') return refuseConfiguration(name, '123');
      if (peer.connection !== 'StandAlone') return refuseConfiguration(name, '125');
      peer.discardMyData = discardMyData;
      peer.connection = 'Connecting';
      this.#host.changed(name, node);
      tryToConnect(this.#host, resource, node, peerNode, 50);
      return done;
    });
  }

  disconnect(name: string, node: string, peerNode: string): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      const peer = peerOf(replica, peerNode);
      if (isConnected(peer) && this.#network.reaches(node, peerNode)) {
        disconnectOrderly(this.#host, resource, replica, replicaOn(resource, peerNode));
      } else {
        if (isConnected(peer)) loseConnections(this.#host, resource, replica, [peerNode], 'NetworkFailure');
        peer.connection = 'StandAlone';
        peer.retrying = false;
        this.#host.changed(name, node);
      }
      return done;
    });
  }

  /** `drbdsetup outdate`: refused while a Primary is connected, and for a disk that is worse than Outdated. */
  outdate(name: string, node: string): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      if ([...replica.peers.values()].some((peer) => isConnected(peer) && peer.role === 'Primary'))
        return refuse(name, '-6');
      if (compareDisks(replica.disk, 'Outdated') < 0) return refuse(name, '-16');
      replica.disk = 'Outdated';
      settle(this.#host, resource, replica);
      return done;
    });
  }

  up(name: string, node: string): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      const result = bringUp(this.#host, resource, replica);
      this.#planReconnection(resource, replica.node);
      return result;
    });
  }

  down(name: string, node: string): CommandResult {
    return this.#command(name, node, (resource, replica) => takeDown(this.#host, resource, replica));
  }

  /** Changes options on one node, or on all of them. Refused as a whole where one node refuses. */
  setOptions(name: string, changed: Partial<DrbdOptions>, node?: string): CommandResult {
    const resource = this.#resources.get(name);
    if (resource === undefined) return refuseConfiguration(name, '158');
    const replicas = [...resource.replicas.values()].filter((replica) => node === undefined || replica.node === node);
    const primaries = [...resource.replicas.values()].filter((replica) => replica.role === 'Primary').length;
    if (changed['allow-two-primaries'] === false && primaries > 1) return refuseConfiguration(name, '164');
    for (const replica of replicas) {
      replica.options = { ...replica.options, ...changed };
      settle(this.#host, resource, replica);
    }
    this.#afterwards(resource);
    return done;
  }

  // --- faults ------------------------------------------------------------------------------------------------------

  /** Cuts or mends the network between two nodes. A silent cut is noticed by its pings only, another one at once. */
  setLink(a: string, b: string, up: boolean, { silent = true } = {}): void {
    if (this.#network.linkIsUp(a, b) === up) return;
    this.#network.setLink(a, b, up);
    for (const resource of this.#resources.values()) {
      const left = resource.replicas.get(a);
      const right = resource.replicas.get(b);
      if (left === undefined || right === undefined) continue;
      if (up) this.#linkIsBack(resource, left, right);
      else this.#linkIsGone(resource, left, right, silent);
    }
  }

  /** Power off: every replica of the node dies at once; its peers find out by themselves. */
  crashNode(node: string): void {
    this.#network.setPower(node, false);
    for (const resource of this.#resources.values()) {
      const replica = resource.replicas.get(node);
      if (replica === undefined || !replica.running) continue;
      for (const peer of replica.peers.values()) {
        const other = resource.replicas.get(peer.node);
        if (other !== undefined && isConnected(peer)) this.#stall(resource, other, replica);
      }
      crash(this.#host, resource, replica);
      for (const peer of replica.peers.values()) {
        const other = resource.replicas.get(peer.node);
        if (other !== undefined) this.#detectLater(resource, other, node);
      }
    }
  }

  /** Power on. `bringUp`: the resources come up as well, as the satellite does after boot. */
  bootNode(node: string, { bringUp: resourcesToo = true } = {}): void {
    this.#network.setPower(node, true);
    if (!resourcesToo) return;
    for (const resource of this.#resources.values()) if (resource.replicas.has(node)) this.up(resource.name, node);
  }

  handle(event: WorldEvent): void {
    const { resource: name, a, b } = event.payload as DrbdEventPayload;
    const resource = this.#resources.get(name);
    const left = resource?.replicas.get(a);
    const right = resource?.replicas.get(b);
    if (resource === undefined || left === undefined || right === undefined) return;
    if (event.kind === 'drbd.lost') {
      this.#detections.delete(`${name}|${a}|${b}`);
      this.#loseSilentPeers(resource, left);
    } else if (event.kind === 'drbd.connect') {
      shakeHands(this.#host, resource, a, b);
    } else if (event.kind === 'drbd.sync-start') {
      if (this.#network.reaches(a, b)) startResync(this.#host, resource, left, right);
    } else if (event.kind === 'drbd.sync-end') {
      finishResync(this.#host, resource, left, right);
    } else if (event.kind === 'drbd.demote') {
      demoteUnused(this.#host, resource, left);
    }
    this.#afterwards(resource);
  }

  // --- what can be seen --------------------------------------------------------------------------------------------

  /** All resources of a node in the shape of `drbdsetup status --json`; empty while the node is off. */
  status(node: string): readonly JsonObject[] {
    const found: JsonObject[] = [];
    for (const resource of this.#resources.values()) {
      const replica = resource.replicas.get(node);
      if (replica?.running) found.push(statusOf(resource, replica, this.#host.now));
    }
    return found;
  }

  promotability(name: string, node: string): Promotability | undefined {
    const replica = this.replica(name, node);
    return replica?.running ? promotabilityOf(replica) : undefined;
  }

  /** True when some resource with a quorum rule has no quorum on this node, for the quorum-taint agent. */
  lacksQuorum(node: string): boolean {
    for (const resource of this.#resources.values()) {
      const replica = resource.replicas.get(node);
      if (replica?.running && replica.options.quorum !== 'off' && !replica.quorum) return true;
    }
    return false;
  }

  /** True when some resource of this node fails the requests of openers after a forced demotion. */
  forcesIoFailures(node: string): boolean {
    for (const resource of this.#resources.values()) if (resource.replicas.get(node)?.forceIoFailures) return true;
    return false;
  }

  /** Acknowledged writes that the disk of a node lacks, as ranges. A node without a disk lacks everything. */
  missingOn(name: string, node: string): WriteSet {
    return this.ledger.missingFrom(name, this.replica(name, node)?.data ?? []);
  }

  missingCount(name: string, node: string): number {
    return countWrites(this.missingOn(name, node));
  }

  // --- inside ------------------------------------------------------------------------------------------------------

  #resource(name: string): DrbdResource {
    const resource = this.#resources.get(name);
    if (resource === undefined) throw new Error(`Internal rule broken: there is no DRBD resource ${name}`);
    return resource;
  }

  #command(
    name: string,
    node: string,
    run: (resource: DrbdResource, replica: Replica) => CommandResult,
  ): CommandResult {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined || !this.#network.isOn(node))
      return refuseConfiguration(name, '158');
    const result = run(resource, replica);
    this.#afterwards(resource);
    return result;
  }

  #place(
    resource: DrbdResource,
    node: string,
    kind: Replica['kind'],
    options: DrbdOptions,
    generation: string | undefined,
  ): void {
    this.#network.add(node);
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

  /** Up on this node, and connected at once to all that are up: provisioning waits for it. */
  #start(resource: DrbdResource, replica: Replica): void {
    if (!this.#network.isOn(replica.node)) return;
    bringUp(this.#host, resource, replica);
    for (const peer of replica.peers.values()) {
      const attempt = [...resource.attempts.entries()].find(
        ([key]) => key.split('|').includes(peer.node) && key.split('|').includes(replica.node),
      );
      if (attempt === undefined) continue;
      this.#host.cancel(attempt[1]);
      shakeHands(this.#host, resource, replica.node, peer.node);
    }
  }

  /** What any change may have made possible: unused Primaries, disks that may follow, refused connections. */
  #afterwards(resource: DrbdResource): void {
    for (const replica of resource.replicas.values()) {
      if (!replica.running) continue;
      if (![...replica.peers.values()].some((peer) => peer.retrying)) demoteUnused(this.#host, resource, replica);
      else if (replica.role !== 'Primary') retryRefused(this.#host, resource, replica);
    }
    upgradeOutdated(this.#host, resource);
  }

  #linkIsGone(resource: DrbdResource, left: Replica, right: Replica, silent: boolean): void {
    this.#stall(resource, left, right);
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      if (silent) this.#detectLater(resource, from, to.node);
      else loseConnections(this.#host, resource, from, [to.node], 'BrokenPipe');
    }
  }

  #linkIsBack(resource: DrbdResource, left: Replica, right: Replica): void {
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      const key = `${resource.name}|${from.node}|${to.node}`;
      const pending = this.#detections.get(key);
      if (pending === undefined) continue;
      this.#host.cancel(pending);
      this.#detections.delete(key);
      if (!isConnected(peerOf(to, from.node))) loseConnections(this.#host, resource, from, [to.node], 'BrokenPipe');
    }
    continueResync(this.#host, resource, left, right);
    continueResync(this.#host, resource, right, left);
    this.#planReconnection(resource, left.node, right.node);
    this.#afterwards(resource);
  }

  #planReconnection(resource: DrbdResource, a: string, only?: string): void {
    for (const peer of replicaOn(resource, a).peers.values()) {
      if (only !== undefined && peer.node !== only) continue;
      const delay = this.#host.random.integer(reconnection.earliest, reconnection.latest);
      tryToConnect(this.#host, resource, a, peer.node, delay);
    }
  }

  #stall(resource: DrbdResource, left: Replica, right: Replica): void {
    interruptResync(this.#host, resource, left, right.node);
    interruptResync(this.#host, resource, right, left.node);
  }

  #detectLater(resource: DrbdResource, replica: Replica, node: string, within?: Millis): void {
    const peer = replica.peers.get(node);
    if (!replica.running || peer === undefined || !isConnected(peer)) return;
    const key = `${resource.name}|${replica.node}|${node}`;
    const pending = this.#detections.get(key);
    if (pending !== undefined && within === undefined) return;
    if (pending !== undefined) this.#host.cancel(pending);
    const inUse = replica.openers.size > 0 || peer.role === 'Primary';
    const earliest = inUse ? detection.earliestInUse : detection.earliest;
    const delay = within ?? this.#host.random.integer(earliest, detection.latest);
    const payload = { resource: resource.name, a: replica.node, b: node };
    this.#detections.set(key, this.#host.schedule(delay, 'drbd.lost', resource.name, payload));
  }

  /** Connections in this node's part of the cluster whose other end does not answer. */
  #silentPeers(resource: DrbdResource, replica: Replica): { from: Replica; node: string }[] {
    const silent: { from: Replica; node: string }[] = [];
    for (const node of membership(resource, replica)) {
      if (node !== replica.node && !this.#network.reaches(replica.node, node) && !resource.replicas.get(node)?.running)
        continue;
      const from = replicaOn(resource, node);
      for (const peer of from.peers.values()) {
        if (isConnected(peer) && !this.#network.reaches(node, peer.node)) silent.push({ from, node: peer.node });
      }
    }
    return silent;
  }

  #noticeSilentPeers(resource: DrbdResource, replica: Replica): boolean {
    const silent = this.#silentPeers(resource, replica);
    for (const { from, node } of silent) {
      if (!this.#openAttempts.has(`${resource.name}|${from.node}|${node}|ping`)) {
        this.#openAttempts.set(`${resource.name}|${from.node}|${node}|ping`, this.#host.now);
        this.#detectLater(resource, from, node, pingTimeout);
      }
    }
    return silent.length > 0;
  }

  /** Everything that is silent is found in one go: who asks for one answer misses the others as well. */
  #loseSilentPeers(resource: DrbdResource, only?: Replica): void {
    const replicas = only === undefined ? [...resource.replicas.values()] : [only];
    for (const replica of replicas) {
      const silent = [...replica.peers.values()]
        .filter((peer) => isConnected(peer) && !this.#network.reaches(replica.node, peer.node))
        .map((peer) => peer.node);
      for (const node of silent) {
        const key = `${resource.name}|${replica.node}|${node}`;
        const pending = this.#detections.get(key);
        if (pending !== undefined) this.#host.cancel(pending);
        this.#detections.delete(key);
        this.#openAttempts.delete(`${key}|ping`);
      }
      if (replica.running) loseConnections(this.#host, resource, replica, silent, 'NetworkFailure');
    }
  }
}

function firstFreeId(used: readonly number[]): number {
  let id = 0;
  while (used.includes(id)) id++;
  return id;
}
