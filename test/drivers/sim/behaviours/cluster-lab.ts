import { ApiServer, type Change } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { Cluster } from '../../../../src/drivers/sim/cluster.ts';
import { EventQueue, type WorldEvent } from '../../../../src/drivers/sim/event-queue.ts';
import { GuestRegistry, type Guest } from '../../../../src/drivers/sim/guests.ts';
import { installKubevirtApi } from '../../../../src/drivers/sim/kubevirt-admission/install-kubevirt.ts';
import { kubevirtDefinitions } from '../../../../src/drivers/sim/kubevirt-admission/kubevirt-definitions.ts';
import { Randomness } from '../../../../src/drivers/sim/random.ts';
import type { Scheduler } from '../../../../src/drivers/sim/scheduler.ts';
import { PodRuntime } from '../../../../src/drivers/sim/behaviours/node/pod-runtime.ts';
import { installCoreApi } from '../../../../src/drivers/sim/behaviours/install-core-api.ts';
import { nodeObject } from '../../../../src/drivers/sim/behaviours/node/node-object.ts';
import { standardBehaviours } from '../../../../src/drivers/sim/behaviours/standard-behaviours.ts';
import type {
  CreateVolumeRequest,
  CsiAnswer,
  CsiError,
  CsiWait,
  VolumeProvisioner,
} from '../../../../src/drivers/sim/behaviours/storage/csi-ports.ts';
import { ScriptedDrbd } from './scripted-drbd.ts';
import type { Behaviour } from '../../../../src/drivers/sim/behaviour.ts';
import type { Instant, Millis } from '../../../../src/model/instant.ts';
import { textAt, type JsonObject } from '../../../../src/model/json.ts';
import { resources, type KubeObject, type ResourceType } from '../../../../src/model/kube.ts';

export const epoch: Instant = 1_790_000_000_000;

/** One cluster with every behaviour, the delays of the recordings, and a queue that moves time. */
export class ClusterLab {
  readonly drbd = new ScriptedDrbd();
  readonly changes: { readonly at: Millis; readonly change: Change }[] = [];
  readonly downNodes = new Set<string>();
  readonly created: CreateVolumeRequest[] = [];
  readonly deleted: string[] = [];
  readonly pods = new PodRuntime();
  readonly randomness = new Randomness(7);
  readonly api: ApiServer;
  readonly cluster: Cluster;
  readonly guests: GuestRegistry;
  publishAnswer: CsiError | { readonly kind: 'ok' } = { kind: 'ok' };
  provisionAnswer: CsiError | CsiWait | { readonly kind: 'ok' } = { kind: 'ok' };
  #queue = new EventQueue();
  #now: Millis = 0;
  #behaviours: readonly Behaviour[];

  constructor({
    nodes = ['node-a1', 'node-a2', 'node-a3'],
    provisions = true,
    events = true,
    definitions = kubevirtDefinitions(),
    durations: { containersStart, boot, shutdown } = { containersStart: 1000, boot: 900, shutdown: 2000 },
  } = {}) {
    const now = (): Millis => this.#now;
    const scheduler: Scheduler = {
      get now() {
        return now();
      },
      schedule: (delay, kind, key, payload) => this.#queue.schedule(this.#now + delay, kind, key, payload),
      cancel: (id) => this.#queue.cancel(id),
    };
    const wallNow = (): Instant => epoch + this.#now;
    const random = this.randomness.stream('api');
    this.api = new ApiServer({ cluster: 'a', kubernetesVersion: 'v1.36.3', wallNow, random });
    installCoreApi(this.api);
    installKubevirtApi(this.api, this.randomness.stream('kubevirt'), wallNow);
    for (const body of definitions) this.send(resources.customResourceDefinition, body);
    this.cluster = new Cluster('a', this.api, {
      scheduler,
      randomness: this.randomness,
      wall: wallNow,
      nodeIsUp: (_cluster, node) => !this.downNodes.has(node),
    });
    this.api.onChange((change) => this.changes.push({ at: this.#now, change }));
    const durations = {
      boot: fixed(boot),
      agentConnects: fixed(1500),
      shutdown: fixed(shutdown),
      writeEvery: 5000,
    };
    this.guests = new GuestRegistry(scheduler, this.drbd, this.randomness.stream('guests'), durations);
    const publisher = {
      controllerPublishVolume: (): CsiAnswer<{ publishContext: Record<string, string> }> =>
        this.publishAnswer.kind === 'ok' ? { kind: 'ok', value: { publishContext: {} } } : this.publishAnswer,
      controllerUnpublishVolume: (): CsiAnswer<object> => ({ kind: 'ok', value: {} }),
    };
    const storage: VolumeProvisioner = {
      createVolume: (request) => {
        this.created.push(request);
        const { name = '', capacityRange = {} } = request;
        const volume = { volumeId: name, capacityBytes: capacityRange.requiredBytes ?? '0', volumeContext: {} };
        if (this.provisionAnswer.kind === 'ok') return { kind: 'ok', value: { volume } };
        if (this.provisionAnswer.kind === 'error') return this.provisionAnswer;
        throw new Error('a new volume is waited for by nobody');
      },
      deleteVolume: ({ volumeId = '' }) => {
        this.deleted.push(volumeId);
        return this.provisionAnswer.kind === 'ok' ? { kind: 'ok', value: {} } : this.provisionAnswer;
      },
    };
    const parts = { drbd: this.drbd, guests: this.guests, pods: this.pods, publisher, storage };
    const kubelet = { containersStart: fixed(containersStart), launcherExit: fixed(300), reap: fixed(1500) };
    this.#behaviours = standardBehaviours(parts, { kubelet, events }).filter(
      (behaviour) => provisions || behaviour.name !== 'csi-provisioner',
    );
    for (const name of nodes) {
      const facts = { name, address: '192.0.2.11', kubernetesVersion: 'v1.36.3', runsVirtualMachines: true };
      this.send(resources.node, nodeObject(facts, epoch));
    }
    for (const behaviour of this.#behaviours) this.cluster.addBehaviour(behaviour);
    this.guests.onChange((guest) => this.#tellAgents(guest));
  }

  get now(): Millis {
    return this.#now;
  }

  /** Creates an object, which must be accepted. */
  send(resource: ResourceType, body: JsonObject): KubeObject {
    const namespace = textAt(body, 'metadata', 'namespace');
    const answer = this.api.request({ verb: 'create', resource, ...(namespace ? { namespace } : {}), body });
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body as unknown as KubeObject;
  }

  mergePatch(resource: ResourceType, name: string, body: JsonObject, namespace = 'shop'): number {
    const place = resource.namespaced ? { namespace } : {};
    return this.api.request({ verb: 'patch', patch: 'merge', resource, ...place, name, body }).status;
  }

  delete(resource: ResourceType, name: string, gracePeriodSeconds?: number, namespace = 'shop'): number {
    const place = resource.namespaced ? { namespace } : {};
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    return this.api.request({ verb: 'delete', resource, ...place, name, options }).status;
  }

  get(resource: ResourceType, name: string, namespace = 'shop'): KubeObject | undefined {
    return this.api.get(resource, resource.namespaced ? namespace : '', name);
  }

  runFor(span: Millis): void {
    const end = this.#now + span;
    let budget = 200_000;
    for (let next = this.#queue.nextAt(); next !== undefined && next <= end; next = this.#queue.nextAt()) {
      if (budget-- === 0) throw new Error('the cluster does not come to rest');
      const event = this.#queue.pop() as WorldEvent;
      this.#now = Math.max(this.#now, event.at);
      if (event.kind.startsWith('guest.')) this.guests.handle(event);
      else this.cluster.handle(event);
    }
    this.#now = end;
  }

  /** Lets time pass until something holds, a minute at most. */
  runUntil(holds: () => boolean): void {
    for (let rest = 600; !holds(); rest--) {
      if (rest === 0) throw new Error('it did not come true within a minute');
      this.runFor(100);
    }
  }

  /** Values that a field of an object took, in order, without repetitions; `gone` when it was removed. */
  history(resource: ResourceType, name: string, read: (object: KubeObject) => string): readonly string[] {
    const values: string[] = [];
    for (const { change } of this.changes) {
      if (change.resource.plural !== resource.plural || change.object.metadata.name !== name) continue;
      const value = change.type === 'DELETED' ? 'DELETED' : read(change.object);
      if (value !== '' && value !== values.at(-1)) values.push(value);
    }
    return values;
  }

  printableStatuses(name = 'vm1'): readonly string[] {
    return this.history(resources.virtualMachine, name, (vm) => textAt(vm, 'status', 'printableStatus') ?? '');
  }

  phases(name = 'vm1'): readonly string[] {
    return this.history(resources.virtualMachineInstance, name, (vmi) => {
      const phase = textAt(vmi, 'status', 'phase') ?? '';
      return vmi.metadata.deletionTimestamp === undefined ? phase : `${phase} (deletionTimestamp)`;
    });
  }

  losePower(node: string): void {
    this.downNodes.add(node);
    this.drbd.losePower(node);
    this.guests.losePower(node);
    this.pods.losePower(node);
  }

  restorePower(node: string): void {
    this.downNodes.delete(node);
    for (const name of ['kubelet', 'heartbeat', 'virt-handler']) {
      this.cluster.wake(name, { resource: resources.node, namespace: '', name: node });
    }
  }

  /** Reasons and messages of the Events about objects of a kind. */
  events(kind: string): readonly string[] {
    return this.api
      .list(resources.event)
      .filter((event) => textAt(event, 'involvedObject', 'kind') === kind)
      .map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')}: ${textAt(event, 'message')}`);
  }

  launcher(): KubeObject | undefined {
    return this.api.list(resources.pod, 'shop').find((pod) => pod.metadata.labels?.['kubevirt.io'] === 'virt-launcher');
  }

  #tellAgents(guest: Guest): void {
    this.#behaviours.forEach((behaviour, index) => {
      const { namespace } = guest;
      const vmi = { resource: resources.virtualMachineInstance, namespace, name: guest.vm };
      if (behaviour.name === 'virt-handler') this.cluster.planTurnAfter(index, vmi, behaviour.lag);
      const pod = { resource: resources.pod, namespace, name: guest.podName };
      if (behaviour.name === 'kubelet') this.cluster.planTurnAfter(index, pod, behaviour.lag);
    });
  }
}

function fixed(span: Millis): { readonly min: Millis; readonly max: Millis } {
  return { min: span, max: span };
}
