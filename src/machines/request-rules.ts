import { quorumTaintKeys } from '../model/gates.ts';
import { isJsonObject, isSameJson, type Json, listAt, textAt } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import { readingOf } from '../model/observation.ts';
import { beyondLimit, historyView } from '../model/operation-copies.ts';
import type { ApiRequest, KubeRequest } from '../model/request.ts';
import type { Intent, SafetyRule } from './definition.ts';
import { drbdToldBy, toldLine } from './drbd-told.ts';
import { ruleOfEffects } from './safety-rule.ts';

const guarded: ReadonlySet<string> = new Set([
  resources.virtualMachine.plural,
  resources.protectionGroup.plural,
  resources.node.plural,
]);

/** What holds of the requests of every machine, but for what LINSTOR may be told. */
export const commonRules: readonly SafetyRule<unknown>[] = [
  ruleOfEffects('S5', ({ request }) => {
    const told = drbdToldBy(request, []);
    return told === undefined || told.isGuarded
      ? undefined
      : `runs ${toldLine(told)} on ${told.request.site} whatever has become of the volume`;
  }),
  ruleOfEffects('S7', ({ request }, intent) =>
    request.api === 'kube' && request.verb === 'delete' && !isForgotten(request, intent)
      ? `deletes ${label(request)}`
      : undefined,
  ),
  ruleOfEffects('S9', ({ request }) =>
    needsVersion(request) && !carriesVersion(request) ? `changes ${label(request)} whatever its version` : undefined,
  ),
  ruleOfEffects('S12', ({ request }, intent) =>
    request.api === 'kube' && request.resource.plural === resources.node.plural
      ? nodeChange(request, intent)
      : undefined,
  ),
];

/** What holds of the requests of every machine to which LINSTOR only tells. */
export const requestRules: readonly SafetyRule<unknown>[] = [
  ruleOfEffects('S5', ({ request }) =>
    request.api === 'linstor' && request.method !== 'GET'
      ? `tells LINSTOR to ${request.method} ${request.path}`
      : undefined,
  ),
  ...commonRules,
];

/** True for a change of the power of a VM, the order of a group or a node: those are decided from one version. */
export function needsVersion(request: ApiRequest): request is KubeRequest {
  return (
    request.api === 'kube' &&
    request.verb === 'patch' &&
    request.subresource === undefined &&
    guarded.has(request.resource.plural)
  );
}

/** True when the server refuses the request for an object that has changed since it was read. */
export function carriesVersion({ body }: KubeRequest): boolean {
  if (textAt(body, 'metadata', 'resourceVersion') !== undefined) return true;
  return Array.isArray(body) && body.some((op) => isJsonObject(op) && op.op === 'test');
}

/** True for an operation that has ended, beyond as many newer ones as a site keeps, and only as it was read. */
function isForgotten(request: KubeRequest, { observation }: Intent<unknown>): boolean {
  const { uid, resourceVersion } = request.options?.preconditions ?? {};
  if (uid === undefined || resourceVersion === undefined) return false;
  const { own } = historyView(observation, request.site);
  return own.known && beyondLimit(own.value).some(({ metadata }) => metadata.uid === uid);
}

/** What a change of a node does besides taking away the two quorum taints. */
function nodeChange(request: KubeRequest, { observation }: Intent<unknown>): string | undefined {
  const changes = Array.isArray(request.body)
    ? request.body.filter((op) => textAt(op, 'op') !== 'test')
    : [request.body];
  const other = changes.find((op) => textAt(op, 'path') !== '/spec/taints');
  if (other !== undefined) return `changes more than the taints of ${label(request)}`;
  const nodes = readingOf(observation, request.site, 'nodes');
  const node = nodes.known ? nodes.value.find(({ metadata }) => metadata.name === request.name) : undefined;
  const kept = changes.flatMap((op) => listAt(op, 'value'));
  return isSameJson(kept.filter(isForeign), listAt(node, 'spec', 'taints').filter(isForeign))
    ? undefined
    : `changes taints of ${label(request)} that are not DRBD's`;
}

function isForeign(taint: Json): boolean {
  return !quorumTaintKeys.includes(textAt(taint, 'key') ?? '');
}

function label({ site, resource, name = '' }: KubeRequest): string {
  return `${resource.plural}/${name} on ${site}`;
}
