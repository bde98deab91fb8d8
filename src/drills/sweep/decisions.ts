import type { MachineDefinition } from '../../machines/definition.ts';
import { isJsonObject, type Json, listAt, textAt } from '../../model/json.ts';
import { type ApiRequest, commandLine, type Outcome } from '../../model/request.ts';
import { decide } from '../../runtime/pass.ts';
import { productMachines } from '../../twin/machines.ts';
import type { Look } from './reference-run.ts';

/**
 * What a host decides by the answers to a look, as a text: its next state and context, and its effects. Deciding is pure, so
 * that it can be asked what the host would have made of other answers without playing a run. Words for people and times are
 * left out, and how far single VMs are where that is only told. Of a version it matters whether it is a current one: with
 * any other the server refuses the effect. A look that is no pass (a host asks whose the journal is) is taken to decide by
 * every word of its answers.
 */
export function decisionOf({ host, record, requests, outcomes, heardAt }: Look, given: readonly Outcome[]): string {
  const machine = host === 'protection-group-controller' ? productMachines.protectionGroup : productMachines.failover;
  // Which machine a record belongs to is known by its host, not by its type.
  const definition = machine as unknown as MachineDefinition<unknown, unknown>;
  const plan = definition.reads(record.state, record.context);
  if (plan.length !== requests.length) return JSON.stringify(given);
  const { record: next, effects } = decide(definition, record, plan, given, heardAt);
  const current = versionsIn(outcomes);
  const sent = effects.map(({ name, request }) => [name, placeOf(request), bodyOf(request)] as const);
  return JSON.stringify(essence([next.state, next.context, sent] as unknown as Json, current));
}

function bodyOf(request: ApiRequest): Json {
  return (request.api === 'kube' ? request.body : undefined) ?? null;
}

function placeOf(request: ApiRequest): string {
  switch (request.api) {
    case 'kube':
      return `${request.verb} ${request.site} ${request.resource.plural} ${request.name ?? ''}`;
    case 'linstor':
      return request.path;
    case 'exec':
      return `${request.site} ${request.pod} ${commandLine(request)}`;
  }
}

/** The versions of all objects in the answers. */
function versionsIn(outcomes: readonly Outcome[]): ReadonlySet<string> {
  const versions = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'applied') continue;
    for (const object of [outcome.body, ...listAt(outcome.body, 'items')]) {
      const version = textAt(object, 'metadata', 'resourceVersion');
      if (version !== undefined) versions.add(version);
    }
  }
  return versions;
}

const words: ReadonlySet<string> = new Set(['message', 'blockers', 'findings', 'lastTransitionTime', 'at']);
const lists: ReadonlySet<string> = new Set(['status', 'steps']);
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** What of a part of a decision makes a difference to what comes of it. */
function essence(value: Json, current: ReadonlySet<string>, isTold = false): Json {
  if (typeof value === 'number') return value > 1e12 ? 'time' : value;
  if (typeof value === 'string') return instant.test(value) ? 'time' : value;
  if (Array.isArray(value)) return value.map((inner: Json) => essence(inner, current, isTold));
  if (!isJsonObject(value)) return value;
  const isTest = textAt(value, 'path')?.endsWith('/resourceVersion') === true;
  const kept: Record<string, Json> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (inner === undefined || words.has(field) || (isTold && field === 'virtualMachines')) continue;
    const isVersion = field === 'resourceVersion' || field === 'takenOverAt' || (isTest && field === 'value');
    kept[field] =
      isVersion && typeof inner === 'string' ? current.has(inner) : essence(inner, current, isTold || lists.has(field));
  }
  return kept;
}
