import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import type { KubeObject, ObjectMeta } from '../../../model/kube.ts';
import type { LocalRequest } from '../behaviour.ts';
import type { AdmissionReview } from './admission.ts';
import { finishDeletion } from './deleting.ts';
import { asJson, asObject } from './object-json.ts';
import { mergePatch } from './patch-merge.ts';
import type { Resource } from './registry.ts';
import { sameJson } from './same-json.ts';
import type { ServerCore } from './server-core.ts';
import { compactMetadata } from './writing.ts';

/**
 * Stores an update or merge patch of somebody who read the present object and changes it as its type allows: all is done
 * of what the server adds and keeps (preparation, webhooks, generation, the end of a deletion), and nothing of what guards
 * against mistakes. Answers the object as it is stored then. Undefined for whatever is no such plain write; nothing has
 * been done, and the long way finds the right words or does the rest.
 */
export function writeAsGiven(core: ServerCore, resource: Resource, request: LocalRequest): KubeObject | undefined {
  const { served, store } = resource;
  const { namespace = '', name = '', subresource = '' } = request;
  const old = store.get(namespace, name);
  if (old === undefined || served.type.version !== served.storageVersion) return undefined;
  const given = givenObject(request, old);
  if (given === undefined) return undefined;
  if (given === old) return old;
  const isStatus = subresource === 'status';
  const object = isStatus ? withStatus(core, resource, given, old) : withRest(resource, given, old);
  if (object === undefined) return undefined;
  const { strategy } = served;
  const difference = isStatus ? statusDifference(object, old) : differenceOf(object, old, strategy.hasStatus);
  if (difference === 'none') return old;
  if (!isAdmitted(core, request, resource, object, old)) return undefined;
  const counts = strategy.countsGeneration && difference === 'desired';
  const next = counts ? withNextGeneration(object, old) : object;
  return finishDeletion(core, resource, next, old) ?? core.commit(resource, 'MODIFIED', next, old);
}

/** The whole object that a request means; undefined for requests of other kinds. */
function givenObject(
  { verb, patch, body, options, subresource }: LocalRequest,
  old: KubeObject,
): KubeObject | undefined {
  if (options !== undefined || !isJsonObject(body) || (subresource !== undefined && subresource !== 'status'))
    return undefined;
  if (verb === 'update') return asObject(body);
  return verb === 'patch' && patch === 'merge' ? asObject(mergePatch(asJson(old), body) as JsonObject) : undefined;
}

function withStatus(
  core: ServerCore,
  { served: { strategy } }: Resource,
  given: KubeObject,
  old: KubeObject,
): KubeObject | undefined {
  if (!strategy.hasStatus || given.status === undefined) return undefined;
  if (given.metadata !== old.metadata || given.spec !== old.spec) return undefined;
  return strategy.prepareStatus === undefined ? given : strategy.prepareStatus(given, old, core.wallNow());
}

function withRest({ served: { strategy } }: Resource, given: KubeObject, old: KubeObject): KubeObject | undefined {
  if (strategy.hasStatus && given.status !== old.status) return undefined;
  const metadata = given.metadata === old.metadata ? old.metadata : changedMetadata(given.metadata, old.metadata);
  if (metadata === undefined) return undefined;
  const object = metadata === given.metadata ? given : { ...given, metadata };
  return strategy.prepareUpdate === undefined ? object : strategy.prepareUpdate(object, old);
}

/** Undefined when it is not that of the present object with another label, annotation, finalizer or owner. */
function changedMetadata(given: ObjectMeta, old: ObjectMeta): ObjectMeta | undefined {
  const isPresent = given.resourceVersion === old.resourceVersion && given.uid === old.uid && given.name === old.name;
  return isPresent ? compactMetadata(given) : undefined;
}

function statusDifference({ status }: KubeObject, old: KubeObject): 'none' | 'other' {
  return sameJson(status, old.status) ? 'none' : 'other';
}

/** What differs: the desired state, anything else, or nothing at all. Equal parts need not be the same objects. */
function differenceOf(object: KubeObject, old: KubeObject, hasStatus: boolean): 'none' | 'desired' | 'other' {
  let difference: 'none' | 'other' = 'none';
  for (const field in object) {
    if (object[field] === old[field] || sameJson(object[field], old[field])) continue;
    if (field !== 'metadata' && !(hasStatus && field === 'status')) return 'desired';
    difference = 'other';
  }
  for (const field in old) {
    if (object[field] !== undefined || old[field] === undefined) continue;
    if (!(hasStatus && field === 'status')) return 'desired';
    difference = 'other';
  }
  return difference;
}

/** False when a webhook may change the object, or refuses it. */
function isAdmitted(
  { admissions }: ServerCore,
  { namespace = '', name = '', subresource = '' }: LocalRequest,
  { served }: Resource,
  object: KubeObject,
  old: KubeObject,
): boolean {
  const review: AdmissionReview = {
    operation: 'UPDATE',
    resource: served.type,
    subresource,
    namespace,
    name,
    object,
    old,
    user: undefined,
    dryRun: false,
    warn: toNobody,
  };
  return !admissions.concern(review) || (!admissions.mayChange(review) && admissions.agree(review));
}

/** Nobody inside of a cluster reads warnings. */
function toNobody(): void {}

function withNextGeneration(object: KubeObject, old: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}
