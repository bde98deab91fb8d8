import { patchKindOf } from '../../../src/lab/kube-http/request-body.ts';
import { localRequestOf, verbOf } from '../../../src/lab/kube-http/kube-request.ts';
import { routeOf } from '../../../src/lab/kube-http/route.ts';
import type { ApiAnswer } from '../../../src/drivers/sim/api-server/api-server.ts';
import { at, isJsonObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../../../src/model/json.ts';
import { resources, type ResourceType } from '../../../src/model/kube.ts';
import { ClusterLab } from '../../drivers/sim/behaviours/cluster-lab.ts';
import { claim, storageClass, volume } from '../../drivers/sim/behaviours/manifests.ts';
import { type Difference, firstDifference, isObject, type Mask, short } from '../difference.ts';
import type { Miss, Player } from '../played.ts';

/** Requests to the API server with KubeVirt's webhooks, the answers, and what the VM was like afterwards. */
export const admissionPlayer: Player = {
  files: /^kubevirt\/admission[^/]*\.json$/,
  play: (recording, { definitions }) => {
    const cases =
      isObject(recording) && Array.isArray(recording.cases) ? (recording.cases as readonly Json[]) : undefined;
    if (cases === undefined) throw new Error('it lacks the list `cases`');
    const stage = new AdmissionStage(cases, definitions());
    const misses = cases.flatMap((each, index) => stage.play(each, index) ?? []);
    return { total: cases.length, misses };
  },
};

class AdmissionStage {
  readonly #lab: ClusterLab;
  readonly #namespace: string;
  /** The VM that the last request was about. */
  #subject = '';

  constructor(cases: readonly Json[], definitions: readonly JsonObject[]) {
    this.#lab = new ClusterLab({ definitions });
    this.#namespace =
      cases.map((each) => textAt(each, 'request', 'body', 'metadata', 'namespace')).find(Boolean) ?? 'default';
    this.#prepare(cases);
  }

  /** The namespace, the claims and secrets that the VMs of the recording name. */
  #prepare(cases: readonly Json[]): void {
    const lab = this.#lab;
    const namespace = this.#namespace;
    if (namespace !== 'default') lab.send(resources.namespace, { metadata: { name: namespace } });
    lab.send(resources.storageClass, storageClass());
    const text = JSON.stringify(cases);
    for (const name of new Set([...text.matchAll(/"claimName":"([^"]+)"/g)].map((match) => match[1]!))) {
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name };
      lab.send(resources.persistentVolume, volume({ claimRef }, `pv-${name}`));
      lab.send(resources.persistentVolumeClaim, claim({}, { name, namespace }));
    }
    for (const name of new Set([...text.matchAll(/"secretRef":\{"name":"([^"]+)"/g)].map((match) => match[1]!))) {
      lab.send(resources.secret, { metadata: { name, namespace }, stringData: { userdata: '#cloud-config' } });
    }
    lab.runFor(3000);
  }

  play(recorded: Json, index: number): Miss | undefined {
    const name = textAt(recorded, 'case') ?? '';
    const request = objectAt(recorded, 'request');
    const isRequest = typeof request.method === 'string';
    if (isRequest) this.#awaitState(name, request, recorded);
    const answer = isRequest ? this.#send(request, recorded) : undefined;
    const step = `${index}: ${name}`;
    const rule = ruleOf(request, this.#subject);
    if (answer !== undefined) {
      const found = firstDifference(shownOf(objectAt(recorded, 'response')), answer, mask);
      if (found !== undefined) {
        return { step, rule, recorded: `${found.path} ${found.recorded}`, world: `${found.path} ${found.world}` };
      }
    }
    const after = at(recorded, 'after');
    if (!isJsonObject(after)) return undefined;
    this.#settle(after, /(\d+(?:\.\d+)?) s\b/.exec(`${textAt(after, 'note') ?? ''} ${name}`)?.[1]);
    const found = this.#differenceTo(after);
    if (found === undefined) return undefined;
    return {
      step,
      rule: `after ${rule}`,
      recorded: `${found.path} ${found.recorded}`,
      world: `${found.path} ${found.world}`,
    };
  }

  /** "restart while running", or a request to what a running VM has: the recording waited for that first. */
  #awaitState(name: string, request: JsonObject, recorded: Json): void {
    this.#lab.runFor(requestGap);
    const path = textAt(request, 'path') ?? '';
    const isOfVm = /\/(virtualmachineinstances|pods)\/[^/]+/.test(path) && at(recorded, 'response', 'code') !== 404;
    const wanted = isOfVm ? 'running' : /\bwhile (running|stopped)$/.exec(name)?.[1];
    const subject = /\/virtualmachine(?:instance)?s\/([^/?]+)/.exec(path)?.[1] ?? this.#subject;
    const ended = /\bVMI (?:is )?(Succeeded|Failed|final)\b|\bwith (?:a )?(final|Succeeded|Failed) VMI\b/i.exec(name);
    if (ended !== null) {
      this.#subject = subject;
      this.#endGuest(/Failed/i.test(ended[0]) ? 'Failed' : 'Succeeded');
      this.#lab.runFor(3000);
    }
    if (wanted === undefined) return;
    const status = wanted === 'running' ? 'Running' : 'Stopped';
    this.#await(100, () => {
      const vm = this.#lab.get(resources.virtualMachine, subject, this.#namespace);
      return textAt(vm, 'status', 'printableStatus') === status;
    });
  }

  /** Guests are played: one whose VMI is seen to have ended, and was not told to, ended by itself. */
  #endGuest(phase: string | undefined): void {
    const vmi = this.#lab.get(resources.virtualMachineInstance, this.#subject, this.#namespace);
    if (phase === undefined || vmi === undefined || vmi.metadata.deletionTimestamp !== undefined) return;
    const guest = this.#lab.guests.all().findLast((each) => each.vm === this.#subject && each.phase === 'running');
    if (guest !== undefined) this.#lab.guests.endByItself(guest.podUid, phase === 'Failed' ? 'crashed' : 'shutdown');
  }

  /**
   * Lets the time pass that the recording speaks of. How fast the played nodes were is taken from what was seen: a state that
   * is not there yet is waited for, one that only passes is looked at while it is there.
   */
  #settle(after: JsonObject, seconds: string | undefined): void {
    const isSeen = (): boolean => this.#differenceTo(after) === undefined;
    this.#endGuest(/^(Succeeded|Failed)$/.exec(textAt(after, 'vmi') ?? textAt(after, 'vmi.phase') ?? '')?.[1]);
    const passes =
      /^(Starting|Stopping)$/.test(textAt(after, 'status.printableStatus') ?? '') ||
      Array.isArray(after['status.stateChangeRequests']);
    if (passes) return this.#await(10, isSeen);
    this.#lab.runFor(requestGap);
    if (!isSeen()) return this.#await(100, isSeen);
    this.#lab.runFor(Math.max(0, Number(seconds ?? 0) * 1000 - requestGap));
  }

  #await(step: number, holds: () => boolean): void {
    for (let waited = 0; waited < longestWait && !holds(); waited += step) this.#lab.runFor(step);
  }

  #differenceTo(after: JsonObject): Difference | undefined {
    return firstDifference(after, this.#read(after), mask);
  }

  #send(request: JsonObject, recorded: Json): JsonObject {
    const target = (textAt(request, 'path') ?? '').replace('{ns}', this.#namespace);
    const url = new URL(target, 'http://localhost');
    const route = routeOf(url.pathname);
    if (route.kind !== 'resource') return { code: 404 };
    const call = { method: textAt(request, 'method') ?? 'GET', route, query: url.searchParams, userAgent: undefined };
    const verb = verbOf(call);
    const resource = this.#resource(route.group, route.version, route.plural);
    if (verb === undefined || verb === 'watch' || resource === undefined) return { code: 404 };
    const name = route.name === undefined ? undefined : this.#present(route.plural, route.name);
    const kind = patchKindOf(textAt(request, 'contentType'));
    const body = this.#bodyFor(request, route.plural, name);
    this.#subject =
      (route.plural === 'pods' ? this.#subject : name) ?? textAt(body, 'metadata', 'name') ?? this.#subject;
    const local = localRequestOf(
      { ...call, route: name === undefined ? route : { ...route, name } },
      verb,
      resource,
      verb === 'patch' && 'value' in kind ? { body, patch: kind.value } : { body },
    );
    if ('failure' in local) return { code: 400 };
    const nobody = /User "([^"]+)"/.exec(textAt(recorded, 'response', 'message') ?? '')?.[1];
    const user = nobody === undefined ? administrator : { name: nobody, groups: [] };
    const answer = this.#lab.api.request(local.value, user);
    return answerOf(answer, recorded);
  }

  /** Launcher pods have names that chance has made. */
  #present(plural: string, name: string): string {
    const vm = plural === 'pods' ? /^virt-launcher-(.+)-\w{5}$/.exec(name)?.[1] : undefined;
    if (vm === undefined) return name;
    const pods = this.#lab.api.list(resources.pod, this.#namespace);
    return pods.findLast((pod) => pod.metadata.name.startsWith(`virt-launcher-${vm}-`))?.metadata.name ?? name;
  }

  /** A body that is no object was recorded as its text. */
  #bodyFor(request: JsonObject, plural: string, name: string | undefined): Json | undefined {
    const recorded = at(request, 'body');
    const body = typeof recorded === 'string' ? (JSON.parse(recorded) as Json) : recorded;
    if (plural !== 'pods' || !isJsonObject(body) || name === undefined) return body ?? undefined;
    return { ...body, metadata: { ...objectAt(body, 'metadata'), name } };
  }

  #resource(group: string, version: string, plural: string): ResourceType | undefined {
    const served = this.#lab.api.resourceTypes().map((each) => each.type);
    const exact = served.find((type) => type.group === group && type.plural === plural && type.version === version);
    if (exact !== undefined) return exact;
    const other = served.find((type) => type.group === group && type.plural === plural);
    return other === undefined ? undefined : { ...other, version };
  }

  /** The fields that the recording read back; absent ones are null there. */
  #read(after: JsonObject): JsonObject {
    const vmi = this.#lab.get(resources.virtualMachineInstance, this.#subject, this.#namespace);
    const read = (key: string): Json => {
      if (key === 'note') return null;
      if (key === 'vmi' || key === 'vmi.phase') return textAt(vmi, 'status', 'phase') ?? null;
      if (key === 'vmi.annotations') return at(vmi, 'metadata', 'annotations') ?? null;
      if (key.startsWith('vmi.')) return at(vmi, ...key.split('.').slice(1)) ?? null;
      if (key === 'conditions') {
        const conditions = listAt(this.#vmObject(), 'status', 'conditions').map(conditionOf);
        // Whether a guest has an agent is the guest's affair.
        const hasAgent = JSON.stringify(after).includes('AgentConnected');
        return hasAgent ? conditions : conditions.filter(({ type }) => type !== 'AgentConnected');
      }
      if (key === 'pods')
        return this.#lab.api
          .list(resources.pod, this.#namespace)
          .filter((pod) => pod.metadata.name.startsWith(`virt-launcher-${this.#subject}-`)).length;
      if (key === 'pdb') return [];
      return this.#vm(...key.split('.')) ?? null;
    };
    return Object.fromEntries(Object.keys(after).map((key) => [key, read(key)]));
  }

  #vmObject(): unknown {
    return this.#lab.get(resources.virtualMachine, this.#subject, this.#namespace);
  }

  #vm(...path: string[]): Json | undefined {
    return at(this.#vmObject(), ...path);
  }
}

/** Between an answer and the next look or request. */
const requestGap = 150;
const longestWait = 15_000;
const administrator = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** The parts of a recorded answer that count. */
function shownOf(response: JsonObject): JsonObject {
  const { object, body, ...rest } = response;
  return {
    ...rest,
    ...(isJsonObject(object) ? { object } : {}),
    ...(body === '' ? {} : { body: body ?? undefined }),
  };
}

function answerOf(answer: ApiAnswer, recorded: Json): JsonObject {
  const failed = answer.status >= 400;
  const { body } = answer;
  const causes = at(body, 'details', 'causes');
  const warning = answer.warnings?.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  const wantsObject = isJsonObject(at(recorded, 'response', 'object'));
  const wanted = objectAt(recorded, 'response', 'object');
  return {
    code: answer.status,
    ...(failed ? textsOf(body) : {}),
    ...(failed && Array.isArray(causes) ? { causes: causes as readonly Json[] } : {}),
    ...(warning === undefined ? {} : { warningHeader: warning }),
    ...(wantsObject
      ? { object: Object.fromEntries(Object.keys(wanted).map((key) => [key, at(body, key) ?? null])) }
      : {}),
  };
}

function textsOf(body: Json): JsonObject {
  const [reason, message] = [textAt(body, 'reason'), textAt(body, 'message')];
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

function conditionOf(condition: Json): JsonObject {
  const field = (name: string): Json => textAt(condition, name) ?? null;
  return { type: field('type'), status: field('status'), reason: field('reason'), message: field('message') };
}

const mask: Mask = (key, value) => {
  if (key === 'note') return undefined;
  if (typeof value !== 'string') return value;
  if (key === 'uid') return '<uid>';
  return value.replaceAll(/virt-launcher-([\w-]+)-\w{5}\b/g, 'virt-launcher-$1-<pod>');
};

function ruleOf(request: JsonObject, subject: string): string {
  const path = (textAt(request, 'path') ?? 'look').replaceAll(/\/virt-launcher-[\w-]+/g, '/{pod}');
  return short(
    `${textAt(request, 'method') ?? ''} ${path.split(subject === '' ? '\n' : `/${subject}`).join('/{}')}`.trim(),
  );
}
