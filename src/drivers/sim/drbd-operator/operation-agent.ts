import { instantOf, type Millis, minute, second, timestamp } from '../../../model/instant.ts';
import { type Json, listAt, numberAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import { withoutPrimaryBit } from '../../../model/drbd-report.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../behaviour.ts';
import { deleteObject, replaceStatus } from '../behaviours/cluster-writes.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { Sandbox } from '../behaviours/node/pod-runtime.ts';
import type { CommandResult } from '../drbd/refusals.ts';
import { isAgentPod, whenGoingOn, workingAgent } from './node-agents.ts';
import { type AgentParts, writeEntries } from './volume-agent.ts';

/** From the note that an operation begins to its command. */
const commandLag: Millis = 50;
/** How long an ended operation is kept. */
const keptTime: Millis = 60 * minute;

type Ended = 'Succeeded' | 'Failed' | 'Refused';

/**
 * The agents of a cluster's nodes, as far as they carry out DRBDOperations. One is noted as Running, then its command is given, then
 * what DRBD says after it is written together with its end; an agent that finds one Running that it has not begun itself does not
 * know what has become of it, and never gives its command again.
 */
export function createOperationAgent(parts: AgentParts): Behaviour {
  /** The operations that agents have begun, with the process that did: one that was started anew in its pod knows of none. */
  const begun = new Map<string, Sandbox>();
  let port: ClusterPort | undefined;
  whenGoingOn(
    parts,
    () => port,
    (cluster, pod) => cluster.wakeAt(cluster.now + commandLag, pod),
  );
  return {
    name: 'drbd-operation-agent',
    watches: [resources.drbdOperation, resources.pod],
    lag: 100,
    concerns: ({ type, resource, object }) =>
      resource.kind === 'DRBDOperation' ? type !== 'DELETED' : type !== 'DELETED' && isAgentPod(object),
    reconcile(given, key) {
      port = given;
      const operations =
        key.resource.kind === 'DRBDOperation'
          ? [given.get(resources.drbdOperation, '', key.name)]
          : given.list(resources.drbdOperation);
      for (const operation of operations) {
        if (operation !== undefined) new OperationTurn(given, parts, operation, begun).take();
      }
    },
  };
}

class OperationTurn {
  readonly #port: ClusterPort;
  readonly #parts: AgentParts;
  readonly #operation: KubeObject;
  readonly #begun: Map<string, Sandbox>;

  constructor(port: ClusterPort, parts: AgentParts, operation: KubeObject, begun: Map<string, Sandbox>) {
    this.#port = port;
    this.#parts = parts;
    this.#operation = operation;
    this.#begun = begun;
  }

  take(): void {
    const phase = textAt(this.#operation, 'status', 'phase');
    if (phase !== undefined && phase !== 'Running') return this.#forget();
    const agent = workingAgent(this.#port, this.#parts, this.#text('node'));
    const running = agent === undefined ? undefined : this.#parts.pods.of(agent);
    if (running === undefined) return;
    const { uid = '' } = this.#operation.metadata;
    if (phase === 'Running') {
      if (this.#begun.get(uid) === running) this.#carryOut(uid);
      else this.#end('Failed', 'interrupted: its end is not known');
      return;
    }
    const refusal = this.#isRepeated()
      ? 'it has been reported before'
      : this.#isExpired()
        ? 'it has expired'
        : this.#broken();
    if (refusal !== undefined) return this.#end('Refused', refusal);
    this.#begun.set(uid, running);
    this.#writeStatus({ phase: 'Running', startedAt: timestamp(this.#port.wallNow) });
    this.#port.wakeAt(this.#port.now + commandLag, this.#key());
  }

  #carryOut(uid: string): void {
    const kernel = this.#parts.kernel;
    const [volume, node] = [this.#text('volume'), this.#text('node')];
    this.#begun.delete(uid);
    // Whoever has opened or let go of it meanwhile has changed what was agreed to; who stood still in between comes too late.
    const refusal = this.#isExpired() ? 'it has expired' : this.#broken();
    if (refusal !== undefined) return this.#end('Refused', refusal);
    const type = this.#text('type');
    if (type === 'Snapshot') {
      const snapshot = this.#text('snapshot');
      if (!this.#parts.snapshotsSupported) return this.#end('Failed', 'the storage pool takes no snapshots');
      return this.#end('Succeeded', '', snapshot);
    }
    const result = commandOf(kernel, type, volume, node, this.#text('peer'));
    if (result.exit === 0) this.#end('Succeeded', '');
    else this.#end('Failed', result.text);
  }

  /** What is not as it was seen; undefined when everything is. */
  #broken(): string | undefined {
    const replica = this.#parts.kernel.replica(this.#text('volume'), this.#text('node'));
    const seen = replica?.running ? replica : undefined;
    const role = textAt(this.#operation, 'spec', 'precondition', 'role');
    if (role !== undefined && seen?.role !== role) return `role is ${seen?.role ?? 'not reported'}, not ${role}`;
    const peer = textAt(this.#operation, 'spec', 'precondition', 'generation', 'peer');
    if (peer === undefined) return undefined;
    const wanted = textAt(this.#operation, 'spec', 'precondition', 'generation', 'current');
    const current = seen?.peers.has(peer) ? withoutPrimaryBit(seen.metadata.current) : undefined;
    return current === wanted ? undefined : `data generation is ${current ?? 'not reported'}, not ${wanted}`;
  }

  #isExpired(): boolean {
    const created = instantOf(this.#operation.metadata.creationTimestamp) ?? 0;
    const limit = (numberAt(this.#operation, 'spec', 'expiresAfterSeconds') ?? 30) * second;
    return Math.abs(this.#port.wallNow - created) > limit;
  }

  /** Somebody has removed the object of an operation that has ended, and it was sent once more. */
  #isRepeated(): boolean {
    const volume = this.#port.get(resources.drbdVolume, '', this.#text('volume'));
    const entry = volume && entryOf(volume, this.#text('node'));
    return textAt(entry, 'lastOperation', 'name') === this.#operation.metadata.name;
  }

  /** First the node's own report, with all that is so after it, then the end of the operation. */
  #end(phase: Ended, message: string, snapshot?: string): void {
    const { name } = this.#operation.metadata;
    const volume = this.#port.get(resources.drbdVolume, '', this.#text('volume'));
    const lastOperation = { name, phase, ...(message === '' ? {} : { message }) };
    if (volume !== undefined) {
      const kept = listAt(entryOf(volume, this.#text('node')), 'snapshots');
      const snapshots = snapshot === undefined || kept.includes(snapshot) ? kept : [...kept, snapshot];
      writeEntries(this.#port, this.#parts, volume, { [this.#text('node')]: { lastOperation, snapshots } });
    }
    const status = { phase, ...(message === '' ? {} : { message }), finishedAt: timestamp(this.#port.wallNow) };
    this.#writeStatus(status);
  }

  #writeStatus(status: { readonly [field: string]: Json }): void {
    const before = this.#operation['status'] ?? {};
    replaceStatus(this.#port, resources.drbdOperation, this.#operation, { ...before, ...status });
  }

  #forget(): void {
    const finished = instantOf(textAt(this.#operation, 'status', 'finishedAt')) ?? 0;
    const left = finished + keptTime - this.#port.wallNow;
    if (left <= 0) deleteObject(this.#port, resources.drbdOperation, this.#operation);
    else this.#port.wakeAt(this.#port.now + left, this.#key());
  }

  #text(field: string): string {
    return textAt(this.#operation, 'spec', field) ?? '';
  }

  #key(): ObjectKey {
    return { resource: resources.drbdOperation, namespace: '', name: this.#operation.metadata.name };
  }
}

function entryOf(volume: KubeObject, node: string): Json | undefined {
  return listAt(volume, 'status', 'nodes').find((each) => textAt(each, 'node') === node);
}

function commandOf(kernel: DrbdKernel, type: string, volume: string, node: string, peer: string): CommandResult {
  switch (type) {
    case 'ForcePrimary':
      return kernel.promote(volume, node, { force: true });
    case 'Demote':
      return kernel.demote(volume, node);
    case 'DemoteByForce':
      return kernel.demote(volume, node, { force: true });
    case 'Connect':
      return kernel.connect(volume, node, peer);
    case 'ConnectDiscarding':
      return kernel.connect(volume, node, peer, { discardMyData: true });
    case 'Disconnect':
      return kernel.disconnect(volume, node, peer);
    case 'Verify':
      return kernel.administer(volume, node, { kind: 'verify', peer, fromStart: true });
    default:
      return kernel.administer(volume, node, { kind: 'invalidate', resetBitmap: false });
  }
}
