import { properties } from '../../../src/drills/properties/catalogue.ts';
import { setStage, type Stage } from '../../../src/drills/stage.ts';
import type { Tape } from '../../../src/drills/tape.ts';
import type { Json } from '../../../src/model/json.ts';
import { type ResourceType, resources } from '../../../src/model/kube.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../../../src/model/request.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

/** What a property finds on a stage on which something has been done to the world. */
export interface Judged {
  readonly broken: readonly string[];
  readonly looks: number;
}

/** Watches a stage by one property alone while `act` does something; then everything counts as mended and at rest. */
export function judged(id: string, act: (stage: Stage) => Stage | void, tape: Tape = calm): Judged {
  const property = properties.find((each) => each.id === id);
  if (property === undefined) throw new Error(`no property ${id}`);
  const stage = setStage(tape, definitions);
  const broken: string[] = [];
  let looks = 0;
  const check = (holds: boolean, what: () => string): void => {
    looks++;
    if (!holds) broken.push(what());
  };
  const watch = property.watch(stage, { check });
  const other = act(stage);
  // An act may answer with another stage, for properties that look at what theirs was set with.
  if (other !== undefined) property.watch(other, { check });
  watch?.mended?.();
  stage.twin.world.runUntil(stage.twin.world.now + 61_000);
  watch?.rested?.([]);
  return { broken, looks };
}

/** Tells the properties of a request as if a host had sent it, and it had been applied. */
export function tell({ onRequest, twin }: Stage, request: ApiRequest, host = 'pgctl/away'): void {
  const outcome: Outcome = { kind: 'applied', status: 200, body: {} };
  onRequest.tell({ host, request, outcome, sentAt: twin.world.now });
}

/** A merge patch as an operation's orders are. */
export function patchOf(site: string, resource: ResourceType, name: string, body: Json): KubeRequest {
  const place = resource.namespaced ? { namespace: 'default' } : {};
  return { api: 'kube', site, verb: 'patch', patch: 'merge', resource, ...place, name, body };
}

/** An order for the group as an operation gives it. */
export function order(site: string, desiredState: 'running' | 'stopped', epoch = 1): KubeRequest {
  const body = { metadata: { resourceVersion: '1' }, spec: { desiredState, epoch } };
  return patchOf(site, resources.protectionGroup, 'pg', body);
}

/** Changes an object behind everybody's back. */
export function change(
  { twin: { world } }: Stage,
  site: string,
  resource: ResourceType,
  name: string,
  body: Json,
  subresource?: string,
): void {
  const place = resource.namespaced ? { namespace: 'default' } : {};
  const part = subresource === undefined ? {} : { subresource };
  const answer = world
    .cluster(site)
    .api.request({ verb: 'patch', patch: 'merge', resource, ...place, name, body, ...part });
  if (answer.status >= 300) throw new Error(`not changed: ${JSON.stringify(answer.body)}`);
}
