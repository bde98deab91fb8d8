import { powerResource } from '../../../src/drivers/sim/kubevirt-admission/power-subresources.ts';
import { isJsonObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../../../src/model/json.ts';
import { resources, type KubeObject, type ResourceType } from '../../../src/model/kube.ts';
import { ClusterLab } from '../../drivers/sim/behaviours/cluster-lab.ts';
import { storageClass } from '../../drivers/sim/behaviours/manifests.ts';
import { instancetypeOf, kindsCreatedBy, quotaOf } from './created-objects.ts';
import { playedPartsOf, type PlayedParts } from './played-parts.ts';
import type { ObjectEvent, Trace, TraceStep } from './trace.ts';

/** What a step came to in the world, where that differs from the recording. */
export interface Trouble {
  readonly recorded: string;
  readonly world: string;
}

/** A cluster in which the steps of a recorded life cycle are done by the same hands: user, guest, node, storage. */
export class TraceStage {
  readonly lab: ClusterLab;
  readonly #trace: Trace;
  readonly #played: PlayedParts;
  readonly #namespace: string;
  /** How many of the recorded objects of a kind and name a step has created already. */
  readonly #created = new Map<string, number>();

  constructor(trace: Trace) {
    this.#trace = trace;
    const names = trace.objects.flatMap(({ kind, name, object }) => [
      ...(kind === 'Node' ? [name] : []),
      ...(kind === 'Pod' ? [textAt(object, 'spec', 'nodeName') ?? ''] : []),
    ]);
    const named = [...new Set(names)].filter((name) => name !== '').sort();
    const spare = ['spare-1', 'spare-2', 'spare-3'].slice(0, Math.max(0, 3 - named.length));
    this.#played = playedPartsOf(trace);
    this.lab = new ClusterLab({ nodes: [...named, ...spare], provisions: false, durations: this.#played });
    this.#namespace =
      trace.objects.map(({ object }) => textAt(object, 'metadata', 'namespace')).find(Boolean) ?? 'default';
    this.#prepare();
  }

  #prepare(): void {
    const { lab } = this;
    if (this.#namespace !== 'default') lab.send(resources.namespace, { metadata: { name: this.#namespace } });
    this.#dressNodes();
    const text = JSON.stringify(this.#trace.objects);
    for (const name of matchesOf(text, /"storageClassName":"([^"]+)"/g)) {
      const waits = name.includes('wffc') ? { volumeBindingMode: 'WaitForFirstConsumer' } : {};
      lab.send(resources.storageClass, storageClass({ metadata: { name }, ...waits }));
    }
    if (!/secret does not exist/.test(this.#trace.purpose)) {
      for (const name of matchesOf(text, /"secretRef":\{"name":"([^"]+)"/g)) {
        const metadata = { name, namespace: this.#namespace };
        lab.send(resources.secret, { metadata, stringData: { userdata: '#cloud-config' } });
      }
    }
    for (const kind of ['PersistentVolume', 'PersistentVolumeClaim']) {
      const firstMade = this.#trace.steps.find(({ action }) => kindsCreatedBy(action).includes(kind))?.t_ms ?? Infinity;
      for (const event of this.#addedOf(kind)) if (event.t_ms < firstMade) this.#create(event);
    }
    this.#preparePlayedParts();
    lab.runFor(3000);
    this.#offset = lab.now - (this.#trace.steps[0]?.t_ms ?? 0);
  }

  #preparePlayedParts(): void {
    const { lab } = this;
    const { diesEarly, lacksImages, ignoresAcpi, attachesAt } = this.#played;
    if (lacksImages) lab.pods.setImages('a', false);
    if (attachesAt !== undefined) lab.publishAnswer = { kind: 'error', code: 'Internal', message: 'played' };
    if (ignoresAcpi) lab.guests.setFault(this.#namespace, 'vm1', 'ignores-acpi');
    const starts = new Map<string, number>();
    lab.guests.onChange(({ vm, phase, podUid }) => {
      if (phase === 'launched') starts.set(vm, (starts.get(vm) ?? -1) + 1);
      if (phase === 'booting' && diesEarly.get(vm)?.[starts.get(vm) ?? 0] === true)
        lab.guests.destroy(podUid, 'killed');
    });
  }

  /** Labels and taints that the recorded nodes had of their own. */
  #dressNodes(): void {
    for (const { name, object } of this.#addedOf('Node')) {
      const taints = listAt(object, 'spec', 'taints').filter(
        (each) => !textAt(each, 'key')?.startsWith('node.kubernetes.io'),
      );
      const labels = Object.entries(objectAt(object, 'metadata', 'labels')).filter(
        ([key]) => !key.includes('kubernetes.io'),
      );
      const metadata = { labels: Object.fromEntries(labels) };
      this.#patch(resources.node, name, { metadata, ...(taints.length === 0 ? {} : { spec: { taints } }) });
    }
  }

  #offset = 0;
  #instanceBefore: string | undefined;

  /** Lets the world come to a recorded time. */
  runUntil(time: number): void {
    const { attachesAt = Infinity } = this.#played;
    if (attachesAt <= time && attachesAt + this.#offset > this.lab.now) {
      this.lab.runFor(attachesAt + this.#offset - this.lab.now);
      this.lab.publishAnswer = { kind: 'ok' };
    }
    const wait = time + this.#offset - this.lab.now;
    if (wait > 0) this.lab.runFor(wait);
  }

  apply(step: TraceStep): Trouble | undefined {
    this.runUntil(step.t_ms);
    const wanted = /^seen: (.+)/.exec(step.action)?.[1];
    if (wanted !== undefined) {
      this.#wait(wanted);
      return undefined;
    }
    this.#instanceBefore = this.#get(resources.virtualMachineInstance, 'vm1')?.metadata.uid;
    const done = this.#act(step);
    if (done === undefined) return { recorded: 'done', world: 'the player has no such step' };
    const recorded = isJsonObject(step.result) ? step.result : {};
    const code = typeof recorded.code === 'number' ? recorded.code : undefined;
    if (code === undefined || code === done.status) return undefined;
    return {
      recorded: `${code} ${textAt(recorded, 'message') ?? ''}`,
      world: `${done.status} ${textAt(done.body, 'message') ?? ''}`,
    };
  }

  /** The recording waited for something here; the world may need longer than the machine of the recording. */
  #wait(what: string): void {
    const holds = this.#conditionOf(what);
    if (holds === undefined) return;
    for (let seconds = 0; seconds < 120; seconds++) {
      if (holds()) return;
      this.lab.runFor(1000);
      this.#offset += 1000;
    }
  }

  #conditionOf(what: string): (() => boolean) | undefined {
    const name = /(?:VM|VirtualMachine|VirtualMachineInstance) ([\w-]+)/.exec(what)?.[1] ?? 'vm1';
    const status = (): string | undefined =>
      textAt(this.#get(resources.virtualMachine, name), 'status', 'printableStatus');
    if (what.endsWith('Running and ready')) return () => status() === 'Running';
    if (what === 'new VMI') return () => this.#isNewInstance();
    const printable = /printableStatus (\w+)$/.exec(what)?.[1];
    if (printable !== undefined) return () => status() === printable;
    if (/^VirtualMachineInstance \S+ gone$/.test(what) || what === 'VMI deleted')
      return () => this.#get(resources.virtualMachineInstance, name) === undefined;
    if (/^VirtualMachine \S+ gone$/.test(what)) return () => this.#get(resources.virtualMachine, name) === undefined;
    const claim = /PVC (?:(\S+) )?(Bound|Lost)$/.exec(what);
    if (claim !== null) {
      return () =>
        this.lab.api
          .list(resources.persistentVolumeClaim, this.#namespace)
          .some((each) => textAt(each, 'status', 'phase') === claim[2]);
    }
    const phase = /^VMI (Pending|Scheduling|Scheduled|Running|Succeeded|Failed)$/.exec(what)?.[1];
    if (phase !== undefined)
      return () => textAt(this.#get(resources.virtualMachineInstance, name), 'status', 'phase') === phase;
    if (/pod deletionTimestamp/.test(what)) return () => this.#launcher()?.metadata.deletionTimestamp !== undefined;
    if (/NotReady/.test(what)) {
      return () =>
        this.lab.api
          .list(resources.node)
          .some((node) =>
            listAt(node, 'spec', 'taints').some((taint) => textAt(taint, 'key') === 'node.kubernetes.io/unreachable'),
          );
    }
    return undefined;
  }

  /** Another one than before the last step that was no wait. */
  #isNewInstance(): boolean {
    const vmi = this.#get(resources.virtualMachineInstance, 'vm1');
    if (vmi === undefined || vmi.metadata.deletionTimestamp !== undefined) return false;
    return vmi.metadata.uid !== this.#instanceBefore;
  }

  #act({ action, actor }: TraceStep): { status: number; body: Json } | undefined {
    if (actor.startsWith('virt-handler')) return undefined;
    if (actor.startsWith('guest')) return this.#actInGuest(action);
    const node = /^node (\S+) (dies|comes back)/.exec(action);
    if (node !== null) return this.#setPower([this.#nodeNamed(node[1]!)], node[2] === 'dies');
    const all = /^all nodes (die|come back)/.exec(action);
    if (all !== null)
      return this.#setPower(
        this.lab.api.list(resources.node).map((each) => each.metadata.name),
        all[1] === 'die',
      );
    // What the launchers are allowed is in the played parts.
    if (action.startsWith('waited') || action.endsWith('is allowed to succeed')) return fine;
    const taint = /^(un)?taint (?:(node-\S+)(?= |$) ?)?([^\s#]*)/.exec(action);
    if (taint !== null) return this.#taint(taint[2], taint[3] ?? '', taint[1] === 'un');
    return this.#actOnObjects(action);
  }

  #actOnObjects(action: string): { status: number; body: Json } | undefined {
    const power = /^PUT subresource virtualmachines\/(\S+)\/(\w+)/.exec(action);
    if (power !== null)
      return this.#request({ verb: 'update', resource: powerResource, name: power[1]!, subresource: power[2]! });
    const patch = /^merge-patch (\w+) (\S+) (\{.*?\})(?: #|$)/.exec(action);
    if (patch !== null) return this.#patch(this.#type(patch[1]!), patch[2]!, JSON.parse(patch[3]!) as JsonObject);
    if (action.startsWith('merge-patch /status stateChangeRequests')) {
      const body = { status: { stateChangeRequests: [{ action: /action: (\w+)/.exec(action)?.[1] ?? 'Start' }] } };
      return this.#request({
        verb: 'patch',
        patch: 'merge',
        resource: resources.virtualMachine,
        name: 'vm1',
        subresource: 'status',
        body,
      });
    }
    if (action.startsWith('remove all finalizers of the VMI')) {
      return this.#patch(resources.virtualMachineInstance, 'vm1', { metadata: { finalizers: null } });
    }
    if (action.startsWith('delete the PV')) return this.#deleteVolume();
    if (action.startsWith('remove claimRef from the PV')) {
      return this.#patch(resources.persistentVolume, this.#volumeName(), { spec: { claimRef: null } });
    }
    const deletion = /^delete (\w+)(?: (\S+))?(?: (\{.*?\}))?(?: #|$)/.exec(action);
    if (deletion !== null) return this.#delete(deletion[1]!, deletion[2] ?? '', deletion[3]);
    return action.startsWith('create ') ? this.#createFor(action) : undefined;
  }

  #delete(kind: string, recordedName: string, options: string | undefined): { status: number; body: Json } | undefined {
    const resource = this.#type(kind);
    if (resource === undefined) return undefined;
    const name =
      kind === 'Pod' ? (this.#launcher()?.metadata.name ?? recordedName) : recordedName || this.#onlyName(resource);
    const grace = options === undefined ? undefined : (JSON.parse(options) as { gracePeriodSeconds?: number });
    return this.#request({ verb: 'delete', resource, name, ...(grace === undefined ? {} : { options: grace }) });
  }

  /** What the step creates is what the recording saw added; of what it did not watch, what it must have been. */
  #createFor(action: string): { status: number; body: Json } | undefined {
    let result: { status: number; body: Json } | undefined;
    for (const kind of kindsCreatedBy(action)) {
      const done = this.#created.get(kind) ?? 0;
      const name = /(?:vm|VM|VirtualMachine|Instance) (vm\d)/.exec(action)?.[1];
      const event = this.#addedOf(kind)
        .slice(done)
        .find((each) => name === undefined || !kind.startsWith('Virtual') || each.name === name);
      if (event !== undefined) result = this.#create(event);
      else if (kind === 'ResourceQuota') result = this.#create(quotaOf(action));
      else if (kind === 'VirtualMachineInstancetype')
        result = this.#create(instancetypeOf(action, this.#addedOf('ControllerRevision')));
    }
    return result;
  }

  #addedOf(kind: string): readonly ObjectEvent[] {
    return this.#trace.objects.filter((event) => event.kind === kind && event.type === 'ADDED');
  }

  #create({ kind, object }: Pick<ObjectEvent, 'kind' | 'object'>): { status: number; body: Json } | undefined {
    const resource = this.#type(kind);
    if (resource === undefined) return undefined;
    this.#created.set(kind, (this.#created.get(kind) ?? 0) + 1);
    const { name, namespace, labels, annotations } = objectAt(object, 'metadata');
    const metadata = {
      name: name ?? null,
      ...(namespace === undefined ? {} : { namespace: this.#namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined || kind.startsWith('Virtual') ? {} : { annotations }),
    };
    const { status: _status, metadata: _metadata, ...rest } = object as JsonObject;
    const body = { ...rest, metadata } as JsonObject;
    return this.#request({ verb: 'create', resource, body: kind === 'PersistentVolume' ? this.#reserved(body) : body });
  }

  /** A volume that names its claim by the uid that it had in the recording names the world's claim; another uid is foreign. */
  #reserved(volume: JsonObject): JsonObject {
    const reference = objectAt(volume, 'spec', 'claimRef');
    const isRecorded = this.#addedOf('PersistentVolumeClaim').some(
      ({ object }) => textAt(object, 'metadata', 'uid') === reference.uid,
    );
    if (typeof reference.uid !== 'string' || !isRecorded) return volume;
    const claim = this.#get(resources.persistentVolumeClaim, textAt(reference, 'name') ?? '');
    const claimRef = { ...reference, uid: claim?.metadata.uid ?? reference.uid };
    return { ...volume, spec: { ...objectAt(volume, 'spec'), claimRef } };
  }

  #deleteVolume(): { status: number; body: Json } {
    const name = this.#volumeName();
    this.#patch(resources.persistentVolume, name, { metadata: { finalizers: null } });
    this.#request({ verb: 'delete', resource: resources.persistentVolume, name });
    return this.#patch(resources.persistentVolume, name, { metadata: { finalizers: null } }).status < 500
      ? fine
      : { status: 500, body: null };
  }

  #volumeName(): string {
    return this.#onlyName(resources.persistentVolume);
  }

  #onlyName(resource: ResourceType): string {
    return this.lab.api.list(resource, resource.namespaced ? this.#namespace : undefined)[0]?.metadata.name ?? '';
  }

  #actInGuest(action: string): { status: number; body: Json } | undefined {
    const guest = this.lab.guests.all().findLast((each) => each.phase !== 'ended');
    if (guest === undefined) return { status: 500, body: { message: 'no guest runs' } };
    if (action === 'poweroff') this.lab.guests.endByItself(guest.podUid, 'shutdown');
    else if (action === 'crash') this.lab.guests.endByItself(guest.podUid, 'crashed');
    else if (action === 'resume') {
      this.lab.drbd.writeAnswer = { kind: 'acked', seq: 1 };
      this.lab.guests.resume(guest.podUid);
    } else if (action === 'ioerror') {
      this.lab.drbd.writeAnswer = { kind: 'error', errno: 'EIO' };
      this.lab.runFor(5000);
      this.#offset += 5000;
    } else return undefined;
    return fine;
  }

  /** A recorded node dies by the silence of its agents; one that comes back finds its guests as they were. */
  #setPower(nodes: readonly string[], off: boolean): { status: number; body: Json } {
    for (const node of nodes) {
      if (off) this.lab.downNodes.add(node);
      else this.lab.restorePower(node);
    }
    return fine;
  }

  #taint(recordedNode: string | undefined, text: string, isRemoval: boolean): { status: number; body: Json } {
    const name = recordedNode === undefined ? this.#downNode() : this.#nodeNamed(recordedNode);
    const node = this.lab.get(resources.node, name);
    const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(\w+)/.exec(text) ?? [];
    const others = listAt(node, 'spec', 'taints').filter((each) =>
      isRemoval ? !/lost-quorum/.test(textAt(each, 'key') ?? '') : true,
    );
    const taint = { key, effect, ...(value === '' ? {} : { value }) };
    return this.#patch(resources.node, name, { spec: { taints: isRemoval ? others : [...others, taint] } });
  }

  #downNode(): string {
    return [...this.lab.downNodes][0] ?? '';
  }

  /** The node that plays the part of a recorded one: where the launcher runs, when it was the launcher's there. */
  #nodeNamed(recorded: string): string {
    const pods = this.#trace.objects
      .filter(({ kind }) => kind === 'Pod')
      .map(({ object }) => textAt(object, 'spec', 'nodeName'));
    const theirs = pods.find((node) => node !== undefined && node !== '');
    const ours = textAt(this.#launcher(), 'spec', 'nodeName');
    if (ours === undefined || theirs === undefined) return recorded;
    if (recorded === theirs) return ours;
    return recorded === ours ? theirs : recorded;
  }

  /** The oldest launcher: a name that was recorded is another one in the world. */
  #launcher(): KubeObject | undefined {
    return this.lab.api
      .list(resources.pod, this.#namespace)
      .filter((pod) => pod.metadata.labels?.['kubevirt.io'] === 'virt-launcher')
      .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1))
      .find((pod) => !/Succeeded|Failed/.test(textAt(pod, 'status', 'phase') ?? ''));
  }

  #get(resource: ResourceType, name: string): KubeObject | undefined {
    return this.lab.get(resource, name, this.#namespace);
  }

  #patch(resource: ResourceType | undefined, name: string, body: JsonObject): { status: number; body: Json } {
    return resource === undefined
      ? { status: 404, body: null }
      : this.#request({ verb: 'patch', patch: 'merge', resource, name, body });
  }

  #request(request: Parameters<ClusterLab['api']['request']>[0]): { status: number; body: Json } {
    return this.lab.api.request({ ...request, ...(request.resource.namespaced ? { namespace: this.#namespace } : {}) });
  }

  #type(kind: string): ResourceType | undefined {
    return this.lab.api
      .resourceTypes()
      .map((each) => each.type)
      .find((type) => type.kind === kind && !type.group.startsWith('subresources'));
  }
}

const fine = { status: 200, body: null };

function matchesOf(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}
