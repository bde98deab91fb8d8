import { timestamp } from '../../../model/instant.ts';
import { type JsonObject, isJsonObject } from '../../../model/json.ts';
import type { KubeObject, ObjectMeta } from '../../../model/kube.ts';
import { apiVersionOf } from '../../../model/kube.ts';
import type { AdmissionReview } from './admission.ts';
import { goText } from './go-text.ts';
import { DecodeError } from './builtin-decoding.ts';
import { admitCreation, admitNamespace, admitUpdate } from './builtin-admission.ts';
import { finishDeletion } from './deleting.ts';
import { trackUpdate } from './managed-fields.ts';
import { patchedText } from './patched-text.ts';
import { unconvertible } from './configuration-errors.ts';
import { finalizerWarnings, generatedName, validateMetadata } from './object-metadata.ts';
import { asJson, asObject } from './object-json.ts';
import { checkNamespace } from './object-place.ts';
import { inStorageVersion } from './reading.ts';
import { checkPreconditions, checkType, foreignUid, scheme } from './write-preconditions.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import type { FieldError } from './status-errors.ts';
import { alreadyExists, badRequest, invalid, plainError } from './status-errors.ts';
import { unify } from './unify.ts';

/** The object of a request's body, checked against the address. */
export function decodedBody(core: ServerCore, context: RequestContext): KubeObject {
  const { resource, request } = context;
  const { body } = request;
  const { type, custom } = resource.served;
  if (!isJsonObject(body)) throw badRequest('the request body is not an object');
  const object = body as unknown as KubeObject;
  const apiVersion = apiVersionOf(type);
  // Any kind is decoded into a custom resource; what checks it refuses it.
  if (object.kind !== undefined && object.kind !== type.kind && !custom) {
    throw badRequest(
      `${object.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${kindProblem(core, context, object.kind)}`,
    );
  }
  const given = object.apiVersion;
  const isOther = given !== undefined && given !== apiVersion;
  if (isOther && !custom) {
    throw badRequest(
      `${type.kind} in version "${given}" cannot be handled as a ${type.kind}: no kind "${type.kind}" is registered for version "${given}"${scheme}`,
    );
  }
  const metadata: ObjectMeta = object.metadata ?? { name: '' };
  const whole = object.kind !== undefined && object.apiVersion !== undefined && object.metadata !== undefined;
  const named = whole ? object : { ...object, apiVersion, kind: type.kind, metadata };
  // Who sends unknown fields hears of them before anything is looked up.
  const decoded =
    context.user === undefined ? named : cleaned(context, named, resource.store.get(context.namespace, context.name));
  if (isOther) {
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${apiVersion})`);
  }
  checkNamespace(context, metadata);
  return decoded;
}

function kindProblem(core: ServerCore, { resource }: RequestContext, kind: string): string {
  const { type } = resource.served;
  const apiVersion = apiVersionOf(type);
  const isKnown = core.registry.findKind(apiVersion, kind) !== undefined;
  if (isKnown)
    return `converting (${type.version}.${kind}) to (${type.group || 'core'}.${type.kind}): unknown conversion`;
  return `no kind "${kind}" is registered for version "${apiVersion}"${scheme}`;
}

/** Creates an object; answers it as stored (or as it would be stored, with a dry run). */
export function createObject(core: ServerCore, context: RequestContext, given: KubeObject): KubeObject {
  const { resource, namespace } = context;
  const { type, strategy } = resource.served;
  if ((given.metadata.resourceVersion ?? '') !== '') {
    throw plainError('resourceVersion should not be set on objects to be created');
  }
  if (type.namespaced && namespace !== '') admitNamespace(core, context, given.metadata.name ?? '');
  let object: KubeObject = { ...given, metadata: newMetadata(core, context, given.metadata) };
  if (!context.isTrusted) object = cleaned(context, object, undefined);
  object = withoutStatus(context, object);
  if (strategy.defaults !== undefined) object = strategy.defaults(object, undefined);
  object = tracked(core, context, object, undefined);
  if (strategy.prepareCreate !== undefined) object = strategy.prepareCreate(object);
  object = admitCreation(core, context, object);
  const review = reviewOf(core, context, 'CREATE', object, undefined);
  if (review !== undefined) object = core.admissions.mutate(review);
  if (!context.isTrusted) {
    const metadataErrors = validateMetadata(object, resource.served, undefined);
    refuseInvalid(context, object, metadataErrors, strategy.validate?.(object, undefined) ?? none);
    if (resource.served.custom) for (const text of finalizerWarnings(object, undefined)) context.warn(text);
  }
  if (review !== undefined) core.admissions.validate({ ...review, object });
  const present = resource.store.get(namespace, object.metadata.name);
  if (present !== undefined) throw alreadyExists(type, object.metadata.name, present);
  object = inStorageVersion(object, resource.served);
  return context.dryRun ? object : core.commit(resource, 'ADDED', object, undefined);
}

/** Puts `given` in place of `old`, as far as the request may; answers what is stored then. */
export function replaceObject(
  core: ServerCore,
  context: RequestContext,
  given: KubeObject,
  old: KubeObject,
): KubeObject {
  const { resource, subresource } = context;
  const { strategy } = resource.served;
  const sharing = (next: KubeObject): KubeObject => (next === object ? object : unify(next, old));
  let object = unify(given, old);
  checkType(context, given, old);
  if (object !== old) object = settled(context, sharing(cleaned(context, object, old)), old);
  checkPreconditions(context, given, old);
  const foreign = foreignUid(context, given, old);
  if (object === old) {
    refuseInvalid(context, old, foreign);
    return old;
  }
  if (strategy.defaults !== undefined) object = sharing(strategy.defaults(object, old));
  if (object === old && foreign.length === 0) return old;
  object = sharing(tracked(core, context, object, old));
  if (subresource === '' && strategy.prepareUpdate !== undefined) {
    object = sharing(strategy.prepareUpdate(object, old));
  }
  if (subresource === 'status' && strategy.prepareStatus !== undefined) {
    object = sharing(strategy.prepareStatus(object, old, core.wallNow()));
  }
  const review = reviewOf(core, context, 'UPDATE', object, old);
  if (review !== undefined) object = sharing(core.admissions.mutate(review));
  if (object === old && foreign.length === 0) return old;
  const metadataErrors = object.metadata === old.metadata ? none : validateMetadata(object, resource.served, old);
  const errors = strategy.validate?.(object, old) ?? none;
  refuseInvalid(context, object, foreign, newFinalizers(object, old), metadataErrors, errors);
  if (resource.served.custom && object.metadata !== old.metadata) {
    for (const text of finalizerWarnings(object, old)) context.warn(text);
  }
  admitUpdate(core, context, object, old);
  if (review !== undefined) core.admissions.validate({ ...review, object });
  if (strategy.countsGeneration && desiredStateChanged(object, old, strategy.hasStatus)) {
    object = { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
  }
  object = inStorageVersion(object, resource.served);
  if (context.dryRun) return object;
  return finishDeletion(core, resource, object, old) ?? core.commit(resource, 'MODIFIED', object, old);
}

const none: readonly FieldError[] = [];

// `ValidateObjectMetaUpdate` of k8s.io/apimachinery.
function newFinalizers({ metadata }: KubeObject, old: KubeObject): readonly FieldError[] {
  if (old.metadata.deletionTimestamp === undefined || metadata.finalizers === undefined) return [];
  const added = metadata.finalizers.filter((finalizer) => old.metadata.finalizers?.includes(finalizer) !== true);
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [{ type: 'Forbidden', field: 'metadata.finalizers', detail }];
}

function newMetadata(core: ServerCore, { resource, namespace }: RequestContext, given: ObjectMeta): ObjectMeta {
  const {
    deletionTimestamp: _at,
    deletionGracePeriodSeconds: _grace,
    resourceVersion: _version,
    namespace: _namespace,
    ...kept
  } = given;
  const { strategy } = resource.served;
  let { name } = given;
  if ((name === undefined || name === '') && (given.generateName ?? '') !== '') {
    do name = generatedName(given.generateName as string, core.random);
    while (resource.store.get(namespace, name) !== undefined);
  }
  return {
    ...compactMetadata(kept),
    name,
    ...(namespace === '' ? {} : { namespace }),
    uid: core.random.uuid(),
    creationTimestamp: timestamp(core.wallNow()),
    ...(strategy.countsGeneration ? { generation: 1 } : {}),
  };
}

/** Prunes, and deals with unknown fields as the request's fieldValidation says. */
export function cleaned(context: RequestContext, object: KubeObject, old: KubeObject | undefined): KubeObject {
  const { prune } = context.resource.served.strategy;
  if (prune === undefined) return object;
  const mode = context.request.options?.fieldValidation ?? (context.user === undefined ? 'Ignore' : 'Warn');
  // The result of an apply is not decoded from a text: its nulls meet the schema.
  const keepsNulls = context.request.patch === 'apply';
  if (mode === 'Ignore') return decoded(context, object, () => prune(object, old, undefined, keepsNulls));
  const unknown = (context.request.repeatedFields ?? []).map((path) => `duplicate field "${path}"`);
  const pruned = decoded(context, object, () =>
    prune(object, old, (path) => unknown.push(`unknown field "${path}"`), keepsNulls),
  );
  if (unknown.length === 0) return pruned;
  if (mode === 'Warn') {
    // A strategic merge patch is decoded in the order of the type's fields.
    for (const text of context.request.patch === 'strategic' ? unknown.toSorted() : unknown) context.warn(text);
    return pruned;
  }
  throw undecodable(context, object, `strict decoding error: ${unknown.join(', ')}`);
}

function decoded(context: RequestContext, object: KubeObject, decode: () => KubeObject): KubeObject {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) {
      const { patch } = context.request;
      throw undecodable(context, object, patch === 'strategic' || patch === 'apply' ? error.restored : error.message);
    }
    throw error;
  }
}

function undecodable(
  { request, resource, namespace, name }: RequestContext,
  object: KubeObject,
  problem: string,
): Error {
  if (request.verb === 'patch') {
    if (request.patch === 'apply') return unconvertible(asObject(request.body as JsonObject), resource.served, problem);
    const old = resource.store.get(namespace, name);
    const patched = (): string =>
      patchedText(asJson(object), old === undefined || resource.served.custom ? undefined : asJson(old));
    const value = request.patch === 'strategic' ? goText(request.body) : patched();
    return invalid('', '', '', [{ type: 'Invalid', field: 'patch', value, detail: problem }]);
  }
  const { kind } = resource.served.type;
  const version = object.apiVersion.split('/').at(-1);
  return badRequest(`${object.kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
}

/** Notes in managedFields who wrote what. Writes from inside the cluster that name no manager leave no note. */
function tracked(
  core: ServerCore,
  context: RequestContext,
  object: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  const { request, user, resource, subresource } = context;
  const named = request.options?.fieldManager;
  if (request.patch === 'apply' || (named === undefined && user === undefined)) return object;
  const { type } = resource.served;
  const manager = named === undefined || named === '' ? 'unknown' : named;
  return trackUpdate(object, old, resource.served, {
    manager,
    apiVersion: apiVersionOf(type),
    subresource,
    now: core.wallNow(),
  });
}

function withoutStatus({ resource }: RequestContext, object: KubeObject): KubeObject {
  if (!resource.served.strategy.hasStatus || object.status === undefined || resource.served.type.kind === 'Node')
    return object;
  const { status: _, ...rest } = object;
  return rest;
}

/** What the request may change, with everything else as it was: system metadata, and status or all but status. */
function settled(context: RequestContext, given: KubeObject, old: KubeObject): KubeObject {
  const { resource, subresource } = context;
  const { strategy } = resource.served;
  if (given === old) return old;
  const metadata =
    given.metadata === old.metadata
      ? old.metadata
      : unify(compactMetadata(settledMetadata(given.metadata, old.metadata)), old.metadata);
  if (subresource === 'status' && strategy.hasStatus) return withStatus(context, metadata, given.status, old);
  const object = metadata === given.metadata ? given : { ...given, metadata };
  if (!strategy.hasStatus || object.status === old.status) return unify(object, old);
  const { status: _, ...rest } = object;
  return unify(old.status === undefined ? (rest as KubeObject) : { ...rest, status: old.status }, old);
}

function withStatus(
  context: RequestContext,
  given: ObjectMeta,
  status: JsonObject | undefined,
  old: KubeObject,
): KubeObject {
  const metadata = context.resource.served.custom ? ownMetadata(context, given, old.metadata) : given;
  if (metadata === old.metadata && status === old.status) return old;
  if (status !== undefined) return { ...old, metadata, status };
  const { status: _, ...rest } = old;
  return { ...rest, metadata };
}

/** A status write of a custom resource leaves its metadata; an apply notes there what it owns. */
function ownMetadata({ request }: RequestContext, given: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { managedFields } = given;
  const isNoted = managedFields === undefined || managedFields === old.managedFields;
  if (request.patch !== 'apply' || isNoted) return old;
  return { ...old, managedFields };
}

/** Metadata without empty maps and lists, which the API leaves out. */
export function compactMetadata(metadata: ObjectMeta): ObjectMeta {
  let compact: Record<string, unknown> | undefined;
  for (const field of emptyable) {
    const value = metadata[field];
    if (value === undefined || (value !== null && Object.keys(value).length > 0)) continue;
    compact ??= { ...metadata };
    delete compact[field];
  }
  return (compact as unknown as ObjectMeta | undefined) ?? metadata;
}

const emptyable = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

function settledMetadata(given: ObjectMeta, old: ObjectMeta): ObjectMeta {
  if (systemFields.every((field) => given[field] === old[field])) return given;
  const system: Record<string, unknown> = { ...given };
  for (const field of systemFields) {
    if (old[field] === undefined) delete system[field];
    else system[field] = old[field];
  }
  return system as unknown as ObjectMeta;
}

const systemFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
] as const;

function desiredStateChanged(object: KubeObject, old: KubeObject, hasStatus: boolean): boolean {
  const counts = (field: string): boolean => field !== 'metadata' && !(hasStatus && field === 'status');
  for (const field in object) if (object[field] !== old[field] && counts(field)) return true;
  for (const field in old) if (object[field] === undefined && old[field] !== undefined && counts(field)) return true;
  return false;
}

/** The review of a write; undefined when no plugin looks at it. */
function reviewOf(
  { admissions }: ServerCore,
  context: RequestContext,
  operation: AdmissionReview['operation'],
  object: KubeObject,
  old: KubeObject | undefined,
): (AdmissionReview & { readonly object: KubeObject }) | undefined {
  const { subresource } = context;
  const resource = context.resource.served.type;
  if (!admissions.concern({ operation, resource, subresource })) return undefined;
  return {
    operation,
    resource,
    subresource,
    namespace: context.namespace,
    name: object.metadata.name,
    object,
    ...(old === undefined ? {} : { old }),
    user: context.user,
    dryRun: context.dryRun,
    warn: (text) => context.warn(text),
  };
}

function refuseInvalid(
  { resource }: RequestContext,
  object: KubeObject,
  ...found: readonly (readonly FieldError[])[]
): void {
  if (found.every((some) => some.length === 0)) return;
  const [group = ''] = object.apiVersion.split('/', object.apiVersion.includes('/') ? 1 : 0);
  throw invalid(
    resource.served.custom ? group : resource.served.type.group,
    object.kind,
    object.metadata.name ?? '',
    found.flat(),
  );
}
