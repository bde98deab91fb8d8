import type { Millis } from '../../../model/instant.ts';
import { loseConnections, tryToConnect } from './connection.ts';
import type { DrbdHost } from './host.ts';
import { deliverTail, resendTo, submitHeld } from './io.ts';
import { type DrbdResource, isConnected, peerOf, type Replica, replicaOn } from './replica.ts';
import { continueResync, interruptResync } from './resync.ts';
import { silentPeers } from './membership.ts';
import { settle } from './settle.ts';
import { continueVerify } from './verify.ts';

/** A lost link is noticed when a ping stays unanswered: 5.4 to 11.2 s were seen, near the end of it with writes in flight. */
const detectionTime = { earliest: 5400, latest: 11_200, earliestInUse: 9400 };

/** ping-timeout: what a request for the whole cluster waits for a silent peer. */
const pingTimeout: Millis = 500;

/** Connecting again after a link is back: TCP's back-off and connect-int 10 s. */
const reconnection = { earliest: 1000, latest: 10_500 };

/** Finds out about dead connections as late as the kernel does, by events that exist only while one is dead. */
export class Detection {
  readonly #host: DrbdHost;
  /** Event of each detection under way, and whether it was hurried by a request, by `resource|node|peer`. */
  readonly #pending = new Map<string, { readonly event: number; readonly hurried: boolean }>();

  constructor(host: DrbdHost) {
    this.#host = host;
  }

  linkIsGone(resource: DrbdResource, left: Replica, right: Replica, silent: boolean): void {
    this.stall(resource, left, right);
    for (const [from, to] of bothWays(left, right)) {
      if (silent) this.detectLater(resource, from, to.node);
      else loseConnections(this.#host, resource, from, [to.node], 'BrokenPipe');
    }
  }

  linkIsBack(resource: DrbdResource, left: Replica, right: Replica): void {
    for (const [from, to] of bothWays(left, right)) {
      if (!this.#forget(resource, from.node, to.node)) continue;
      // The other end gave up meanwhile: its reset arrives now.
      if (!isConnected(peerOf(to, from.node))) loseConnections(this.#host, resource, from, [to.node], 'BrokenPipe');
    }
    // Nobody had noticed: what was sent meanwhile arrives now, what both have become before what is written next.
    for (const replica of [left, right]) settle(this.#host, resource, replica);
    for (const [from, to] of bothWays(left, right)) {
      if (!isConnected(peerOf(from, to.node)) || !isConnected(peerOf(to, from.node))) continue;
      continueResync(this.#host, resource, from, to);
      continueVerify(this.#host, resource, from, to);
      resendTo(this.#host, resource, from, to.node);
      deliverTail(resource, from, to.node);
      submitHeld(this.#host, resource);
      settle(this.#host, resource, from);
    }
    this.planReconnection(resource, left.node, right.node);
  }

  /** Plans an attempt with one peer, or with all of them. */
  planReconnection(resource: DrbdResource, node: string, only?: string): void {
    for (const peer of replicaOn(resource, node).peers.values()) {
      if (only !== undefined && peer.node !== only) continue;
      const delay = this.#host.random.integer(reconnection.earliest, reconnection.latest);
      tryToConnect(this.#host, resource, node, peer.node, delay);
    }
  }

  /** Nothing moves between them any more: a resync keeps what has arrived. */
  stall(resource: DrbdResource, left: Replica, right: Replica): void {
    interruptResync(this.#host, resource, left, right.node);
    interruptResync(this.#host, resource, right, left.node);
  }

  detectLater(resource: DrbdResource, replica: Replica, node: string): void {
    const peer = replica.peers.get(node);
    if (!replica.running || peer === undefined || !isConnected(peer)) return;
    if (this.#pending.has(keyOf(resource, replica.node, node))) return;
    const inUse = replica.openers.size > 0 || peer.role === 'Primary';
    const earliest = inUse ? detectionTime.earliestInUse : detectionTime.earliest;
    this.#plan(resource, replica.node, node, this.#host.random.integer(earliest, detectionTime.latest), false);
  }

  /** A node that comes up calls its peers: who still held the old connection learns that it is dead. */
  resetOldConnections(resource: DrbdResource, replica: Replica): void {
    for (const peer of replica.peers.values()) {
      const other = resource.replicas.get(peer.node);
      const view = other?.peers.get(replica.node);
      if (other === undefined || view === undefined || isConnected(peer) || !isConnected(view)) continue;
      if (!other.running || !this.#host.reaches(replica.node, peer.node)) continue;
      this.#forget(resource, peer.node, replica.node);
      loseConnections(this.#host, resource, other, [replica.node], 'BrokenPipe');
    }
  }

  /**
   * A request that everybody has to answer finds the silent ones half a second later. Answers whether there are any in
   * this node's part of the cluster.
   */
  noticeSilentPeers(resource: DrbdResource, replica: Replica): boolean {
    const silent = silentPeers(this.#host, resource, replica);
    for (const { from, node } of silent) {
      const pending = this.#pending.get(keyOf(resource, from, node));
      if (pending?.hurried) continue;
      if (pending !== undefined) this.#host.cancel(pending.event);
      this.#plan(resource, from, node, pingTimeout, true);
    }
    return silent.length > 0;
  }

  /** Every silent peer is found now, by the node that asks or by all nodes: who misses one answer misses the others too. */
  loseSilentPeers(resource: DrbdResource, only?: Replica): void {
    const replicas = only === undefined ? [...resource.replicas.values()] : [only];
    for (const replica of replicas) {
      if (!replica.running) continue;
      const silent = [...replica.peers.values()]
        .filter((peer) => isConnected(peer) && !this.#host.reaches(replica.node, peer.node))
        .map((peer) => peer.node);
      for (const node of silent) this.#forget(resource, replica.node, node);
      loseConnections(this.#host, resource, replica, silent, 'NetworkFailure');
    }
  }

  /** A command that everybody has to answer comes back when the silent ones are found. */
  findSilentPeers(resource: DrbdResource, replica: Replica): void {
    if (silentPeers(this.#host, resource, replica).length > 0) this.loseSilentPeers(resource);
  }

  #plan(resource: DrbdResource, from: string, node: string, delay: Millis, hurried: boolean): void {
    const payload = { resource: resource.name, a: from, b: node };
    const event = this.#host.schedule(delay, 'drbd.lost', resource.name, payload);
    this.#pending.set(keyOf(resource, from, node), { event, hurried });
  }

  /** Answers whether a detection was under way. */
  #forget(resource: DrbdResource, from: string, node: string): boolean {
    const key = keyOf(resource, from, node);
    const pending = this.#pending.get(key);
    if (pending !== undefined) this.#host.cancel(pending.event);
    return this.#pending.delete(key);
  }
}

function keyOf(resource: DrbdResource, from: string, node: string): string {
  return `${resource.name}|${from}|${node}`;
}

function bothWays(left: Replica, right: Replica): readonly (readonly [Replica, Replica])[] {
  return [
    [left, right],
    [right, left],
  ];
}
