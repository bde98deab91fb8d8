import { type Instant, second } from '../../src/model/instant.ts';
import { isJsonObject, type Json, textAt } from '../../src/model/json.ts';
import { type ApiRequest, commandLine } from '../../src/model/request.ts';
import type { DesiredState } from '../../src/model/protection-group.ts';
import {
  calmScene,
  type Power,
  replicaFromText,
  type Scene,
  withPower,
  withReplica,
  withSite,
  withVm,
} from '../machines/scene.ts';

/** What a transcript drives: it takes an order of its own and answers with what is written below it. */
export interface Script {
  scene: Scene;
  order(words: readonly string[]): readonly string[] | undefined;
  /** Looks at the scene: one fact, or as many as make progress. */
  look(options: readonly string[]): readonly string[];
}

/**
 * Plays a transcript again: what stands at the start of a line is given to the script, and what it answers is written
 * below, indented. Comments and empty lines stay. The result is the transcript as it should be.
 */
export function replay(text: string, open: (scene: Scene) => Script): string {
  const script = open(calmScene());
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) continue;
    lines.push(line);
    if (line === '' || line.startsWith('#')) continue;
    for (const answer of run(script, line)) lines.push(`  ${answer}`);
  }
  return lines.join('\n');
}

function run(script: Script, line: string): readonly string[] {
  const words = line.split(/\s+/);
  const [verb, ...rest] = words;
  if (verb === 'set') {
    script.scene = changeScene(script.scene, rest);
    return [];
  }
  if (verb === 'look') return script.look(rest);
  if (verb === 'wait') {
    const [length = '', ...options] = rest;
    script.scene = { ...script.scene, now: script.scene.now + secondsOf(length) };
    return script.look(options);
  }
  const answer = script.order(words);
  if (answer === undefined) throw new Error(`not an order of this transcript: ${line}`);
  return answer;
}

function secondsOf(text: string): Instant {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(text);
  if (match === null) throw new Error(`expected a time such as 30s, got ${text}`);
  return Math.round(Number(match[1]) * second);
}

/**
 * `set cluster1 vm-1=stopped group=running@1 lease=pgctl/b members=vm-1 taints=a,b silent=nodes,pods answers=no`,
 * `set vol-1 cluster1=Primary`, `set linstor answers=no`.
 */
function changeScene(scene: Scene, [subject = '', ...changes]: readonly string[]): Scene {
  let next = scene;
  for (const change of changes) {
    const [key = '', value = ''] = change.split('=');
    if (subject === 'linstor') next = { ...next, linstorAnswers: value !== 'no' };
    else if (next.volumes[subject] !== undefined) next = changeVolume(next, subject, key, value);
    else next = changeSite(next, subject, key, value);
  }
  return next;
}

function changeVolume(scene: Scene, volume: string, key: string, value: string): Scene {
  const before = scene.volumes[volume];
  if (key !== 'twoPrimaries' || before === undefined) return withReplica(scene, volume, key, replicaFromText(value));
  return { ...scene, volumes: { ...scene.volumes, [volume]: { ...before, twoPrimaries: value === 'yes' } } };
}

function changeSite(scene: Scene, site: string, key: string, value: string): Scene {
  const listed = value === '' || value === 'none' ? [] : value.split(',');
  switch (key) {
    case 'answers':
      return withSite(scene, site, { answers: value !== 'no' });
    case 'silent':
      return withSite(scene, site, { silent: listed as never });
    case 'taints':
      return withSite(scene, site, { taints: listed });
    case 'lease':
      return withSite(scene, site, {
        lease: value === 'none' ? undefined : { holder: value === 'free' ? '' : value, renewedAt: scene.now },
      });
    case 'members': {
      const group = scene.sites[site]?.group;
      return group === undefined ? scene : withSite(scene, site, { group: { ...group, virtualMachines: listed } });
    }
    case 'group': {
      if (value === 'absent') return withSite(scene, site, { group: undefined });
      const [desired = '', epoch = '0'] = value.split('@');
      const before = scene.sites[site]?.group ?? { virtualMachines: [] };
      return withSite(scene, site, {
        group: { ...before, desiredState: desired as DesiredState, epoch: Number(epoch) },
      });
    }
    default: {
      const [vm = '', field] = key.split('.');
      if (field === 'strategy') return withVm(scene, site, vm, { strategy: value });
      return withPower(scene, site, vm, value as Power);
    }
  }
}

/** One request in one line: `PATCH cluster1 protectiongroups/pg desiredState=stopped epoch=1`. */
export function requestLine(request: ApiRequest): string {
  if (request.api === 'linstor') return `${request.method} linstor ${request.path}`;
  if (request.api === 'exec') return `EXEC ${request.site} ${request.pod} ${commandLine(request)}`;
  const place = [request.resource.plural, request.name, request.subresource].filter((part) => part !== undefined);
  return [request.verb.toUpperCase(), request.site, place.join('/'), ...bodyWords(request.body)].join(' ');
}

function bodyWords(body: Json | undefined): readonly string[] {
  if (Array.isArray(body)) {
    const tests = body.filter((operation) => textAt(operation, 'op') === 'test').map(patchWord);
    const rest = body.filter((operation) => textAt(operation, 'op') !== 'test').map(patchWord);
    return [...rest, ...(tests.length === 0 ? [] : ['if', ...tests])];
  }
  if (!isJsonObject(body)) return [];
  const { status, spec, metadata } = body;
  const annotations = isJsonObject(metadata) ? metadata.annotations : undefined;
  return [...fields(spec ?? {}), ...fields(annotations ?? {}), ...statusWords(status)];
}

function patchWord(operation: Json): string {
  const path = textAt(operation, 'path') ?? '';
  if (textAt(operation, 'op') === 'remove') return `no ${path}`;
  const value = (operation as { value?: Json }).value;
  return `${path}=${value === undefined ? '' : plain(value)}`;
}

/** A Lease's holder says it all; its times are the clock's, and its duration never changes. */
const leaseClockwork: ReadonlySet<string> = new Set(['leaseDurationSeconds', 'acquireTime', 'renewTime']);

function fields(value: Json): readonly string[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value)
    .filter(([key]) => !leaseClockwork.has(key))
    .map(([key, field]) => `${key}=${plain(field as Json)}`);
}

function statusWords(status: Json | undefined): readonly string[] {
  if (!isJsonObject(status)) return [];
  const members = (status.virtualMachines as readonly Json[] | undefined) ?? [];
  const conditions = (status.conditions as readonly Json[] | undefined) ?? [];
  return [
    `currentState=${plain(status.currentState as Json)}`,
    `role=${plain(status.role as Json)}`,
    ...members.map((vm) => `${textAt(vm, 'name')}=${textAt(vm, 'state')}/${textAt(vm, 'reason')}`),
    ...conditions
      .filter((one) => !untroubled.has(textAt(one, 'reason') ?? ''))
      .map((one) => `${textAt(one, 'type')}=${textAt(one, 'status')}/${textAt(one, 'reason')}`),
  ];
}

/** Reasons of the conditions that tell of nothing, left out to keep the lines short. */
const untroubled: ReadonlySet<string> = new Set(['Together', 'NoneNewer', 'NeverInDoubt']);

/** Timestamps are left out: the clock of a transcript shows in its `wait` lines. */
function plain(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? 'now' : text;
}
