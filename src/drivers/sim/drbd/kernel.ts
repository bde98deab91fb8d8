import { administer, asksEverybody, type DrbdAdministration } from './administration.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { WorldEvent } from '../event-queue.ts';
import type { RandomStream } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { connectCommand, disconnectCommand, outdateCommand } from './commands.ts';
import { Detection } from './detection.ts';
import { upgradeOutdated } from './following.ts';
import { handleEvent } from './events.ts';
import type { DrbdEventKind, DrbdEventPayload, DrbdHost } from './host.ts';
import { fillInconsistentPeers } from './initial-data.ts';
import { holdWrite, ioState, readOnce, writeOnce } from './io.ts';
import { Ledger } from './ledger.ts';
import { bringUp, crash, takeDown } from './lifecycle.ts';
import { Network } from './network.ts';
import { NodeHealth } from './node-health.ts';
import { openDevice, type OpenAttempts } from './opening.ts';
import type { DrbdOptions } from './options.ts';
import type { DrbdPort, OpenResult, WriteResult } from './port.ts';
import { newResource, placeMore, removeReplica, type ResourceSettings, startReplica } from './provisioning.ts';
import { racesByChance } from './races.ts';
import { type CommandResult, done, refuseConfiguration } from './refusals.ts';
import { retryRefused } from './refused-connection.ts';
import { type DrbdResource, isConnected, isRefused, type Replica, replicaOn } from './replica.ts';
import { demote, demoteUnused, promote } from './roles.ts';
import { settle } from './settle.ts';
import { promotabilityOf, type Promotability, statusOf } from './status-report.ts';
import { countWrites, type WriteSet } from './write-set.ts';

/** Called after every change of what one node sees of a resource. */
export type KernelListener = (resource: string, node: string) => void;

/** How long a close was seen to hang in a loop of refused connections. */
const starvedClose = { earliest: 500, latest: 40_000 };

/** The DRBD 9 kernel modules of all nodes of all sites. */
export class DrbdKernel implements DrbdPort {
  readonly ledger: Ledger;
  readonly #host: DrbdHost;
  readonly #network: Network;
  readonly #resources: Map<string, DrbdResource>;
  readonly #health: NodeHealth;
  readonly #openAttempts: OpenAttempts = new Map();
  readonly #detection: Detection;
  readonly #listeners: KernelListener[] = [];
  #nextMinor = 1000;

  /** `raceIsLost`: who decides races; chance where nobody does. */
  constructor(scheduler: Scheduler, random: RandomStream, raceIsLost: DrbdHost['raceIsLost'] = racesByChance(random)) {
    this.ledger = new Ledger();
    this.#network = new Network();
    this.#resources = new Map();
    this.#health = new NodeHealth(this.#resources);
    const health = this.#health;
    const network = this.#network;
    const listeners = this.#listeners;
    this.#host = {
      get now() {
        return scheduler.now;
      },
      random,
      ledger: this.ledger,
      raceIsLost,
      schedule: (delay, kind, key, payload) => scheduler.schedule(delay, kind, key, payload),
      cancel: (id) => scheduler.cancel(id),
      reaches: (a, b) => network.reaches(a, b),
      changed: (resource, node) => {
        health.forget(node);
        for (const listener of listeners) listener(resource, node);
      },
    };
    this.#detection = new Detection(this.#host);
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
   * up on every running node and connects it at once; with `isFresh` the disks are as `create-md` leaves them, and down.
   */
  createResource(name: string, settings: ResourceSettings): void {
    const resource = newResource(this.#host, name, settings, settings.minor ?? this.#nextMinor++);
    this.#resources.set(name, resource);
    for (const replica of resource.replicas.values()) {
      this.#network.add(replica.node);
      if (settings.isFresh !== true) this.#start(resource, replica);
    }
  }

  /** Adds a replica to an existing resource. While nothing was ever written it is equal at once, else a full sync fills it. */
  addReplica(name: string, node: string, kind: Replica['kind']): void {
    const resource = this.#resources.get(name);
    if (resource === undefined || resource.replicas.has(node)) return;
    placeMore(resource, node, kind);
    this.#network.add(node);
    this.#start(resource, replicaOn(resource, node));
  }

  /** Takes a replica away for good, data included. */
  removeReplica(name: string, node: string): void {
    const resource = this.#resources.get(name);
    if (resource?.replicas.has(node)) removeReplica(this.#host, resource, node);
    this.#health.forget(node);
    if (resource?.replicas.size === 0) this.#resources.delete(name);
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
    if (
      !replica.openers.has(opener) &&
      replica.role !== 'Primary' &&
      this.#detection.noticeSilentPeers(resource, replica)
    ) {
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
    if (replica.role === 'Primary' && isRefused(replica)) {
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
    if (replica.newGenerationDue && this.#detection.noticeSilentPeers(resource, replica)) {
      return holdWrite(resource, replica, opener);
    }
    return writeOnce(this.#host, resource, replica, opener);
  }

  /** A read through the device; as Primary it counts as I/O that changes the data generation. `pending`: ask again. */
  read(name: string, node: string, opener: string): 'ok' | 'pending' | 'EIO' | 'EBADF' {
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    if (resource === undefined || replica === undefined || !replica.openers.has(opener)) return 'EBADF';
    if (replica.newGenerationDue && this.#detection.noticeSilentPeers(resource, replica)) return 'pending';
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
      this.#detection.findSilentPeers(resource, replica);
      const result = promote(this.#host, resource, replica, force);
      if (result.exit === 0) replica.explicitPrimary = true;
      if (result.exit === 0 && force) fillInconsistentPeers(this.#host, resource, replica);
      return result;
    });
  }

  demote(name: string, node: string, { force = false } = {}): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      if (replica.role === 'Primary' && !force) this.#detection.findSilentPeers(resource, replica);
      return demote(this.#host, resource, replica, force);
    });
  }

  connect(name: string, node: string, peer: string, { discardMyData = false } = {}): CommandResult {
    return this.#command(name, node, (resource, replica) =>
      connectCommand(this.#host, resource, replica, peer, discardMyData),
    );
  }

  disconnect(name: string, node: string, peer: string): CommandResult {
    return this.#command(name, node, (resource, replica) => disconnectCommand(this.#host, resource, replica, peer));
  }

  /** Commands about disks and their content: detach, attach, invalidate, verify, new-current-uuid. */
  administer(name: string, node: string, command: DrbdAdministration): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      if (asksEverybody(command)) this.#detection.findSilentPeers(resource, replica);
      return administer(this.#host, resource, replica, command);
    });
  }

  outdate(name: string, node: string): CommandResult {
    return this.#command(name, node, (resource, replica) => outdateCommand(this.#host, resource, replica));
  }

  up(name: string, node: string): CommandResult {
    return this.#command(name, node, (resource, replica) => {
      const result = bringUp(this.#host, resource, replica);
      this.#detection.resetOldConnections(resource, replica);
      this.#detection.planReconnection(resource, replica.node);
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
      if (up) this.#detection.linkIsBack(resource, left, right);
      else this.#detection.linkIsGone(resource, left, right, silent);
      this.#afterwards(resource);
    }
  }

  /** Every write to the disk of a replica fails from now on, or none any more. */
  breakDisk(name: string, node: string, isBroken: boolean): void {
    const replica = this.replica(name, node);
    if (replica !== undefined) replica.diskIsBroken = isBroken;
  }

  /** Power off: every replica of the node dies at once; its peers find out by themselves. */
  crashNode(node: string): void {
    this.#network.setPower(node, false);
    for (const resource of this.#resources.values()) {
      const replica = resource.replicas.get(node);
      if (replica === undefined || !replica.running) continue;
      for (const peer of replica.peers.values()) {
        const other = resource.replicas.get(peer.node);
        if (other !== undefined && isConnected(peer)) this.#detection.stall(resource, other, replica);
      }
      crash(this.#host, resource, replica);
      for (const peer of replica.peers.values()) {
        const other = resource.replicas.get(peer.node);
        if (other !== undefined) this.#detection.detectLater(resource, other, node);
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
    handleEvent(this.#host, this.#detection, resource, event.kind as DrbdEventKind, left, right);
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
    const resource = this.#resources.get(name);
    const replica = resource?.replicas.get(node);
    return resource !== undefined && replica?.running ? promotabilityOf(resource, replica) : undefined;
  }

  /** True when some resource with a quorum rule has no quorum on this node, for the quorum-taint agent. */
  lacksQuorum(node: string): boolean {
    return this.#health.of(node).lacksQuorum;
  }

  /** True when some resource of this node fails the requests of openers after a forced demotion. */
  forcesIoFailures(node: string): boolean {
    return this.#health.of(node).forcesIoFailures;
  }

  /** Acknowledged writes that the disk of a node lacks, as ranges. A node without a disk lacks everything. */
  missingOn(name: string, node: string): WriteSet {
    return this.ledger.missingFrom(name, this.replica(name, node)?.data ?? []);
  }

  missingCount(name: string, node: string): number {
    return countWrites(this.missingOn(name, node));
  }

  // --- inside ------------------------------------------------------------------------------------------------------

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

  #start(resource: DrbdResource, replica: Replica): void {
    if (this.#network.isOn(replica.node)) startReplica(this.#host, resource, replica);
  }

  /** What any change may have made possible: unused Primaries, disks that may follow, refused connections. */
  #afterwards(resource: DrbdResource): void {
    for (const replica of resource.replicas.values()) {
      if (!replica.running) continue;
      if (!isRefused(replica)) demoteUnused(this.#host, resource, replica);
      else if (replica.role !== 'Primary') retryRefused(this.#host, resource, replica);
    }
    upgradeOutdated(this.#host, resource);
  }
}
