import { timestamp } from '../../../model/instant.ts';
import { isJsonObject, numberAt, textAt } from '../../../model/json.ts';
import type { KubeObject, ObjectMeta } from '../../../model/kube.ts';
import type { KubeRequestOptions } from '../../../model/request.ts';
import { admitDeletion } from './builtin-admission.ts';
import type { Resource } from './registry.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { badRequest, conflict, invalid } from './status-errors.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** The object after a delete: what is left of it, or what it was when it went. */
export interface Deletion {
  readonly object: KubeObject;
  readonly gone: boolean;
}

/** Deletes an object, or marks it when finalizers or a pod's grace period hold it (`pkg/registry/generic/registry/store.go`). */
export function deleteObject(core: ServerCore, context: RequestContext, old: KubeObject): Deletion {
  const { resource } = context;
  const options = deleteOptions(context);
  checkPreconditions(resource, old, options);
  admitDeletion(context, old);
  core.admissions.validate({
    operation: 'DELETE',
    resource: resource.served.type,
    subresource: '',
    namespace: context.namespace,
    name: old.metadata.name,
    old,
    user: context.user,
    dryRun: context.dryRun,
    warn: (text) => context.warn(text),
  });
  const marked = markedForDeletion(core, resource, old, options);
  if (context.dryRun) return { object: marked, gone: mayGo(resource, marked) };
  if (marked === old) return { object: old, gone: false };
  const removed = finishDeletion(core, resource, marked, old);
  if (removed !== undefined) return { object: removed, gone: true };
  return { object: core.commit(resource, 'MODIFIED', marked, old), gone: false };
}

/** Removes an object that is marked and held by nothing any more; undefined when it stays. */
export function finishDeletion(
  core: ServerCore,
  resource: Resource,
  object: KubeObject,
  old: KubeObject,
): KubeObject | undefined {
  if (object.metadata.deletionTimestamp === undefined || !mayGo(resource, object)) return undefined;
  return core.commit(resource, 'DELETED', object, old);
}

/** The options of a delete: from the request's options, or a `DeleteOptions` body. */
export function deleteOptions({ request }: RequestContext): KubeRequestOptions {
  const body = isJsonObject(request.body) ? request.body : {};
  const { propagationPolicy, gracePeriodSeconds, preconditions } = body as KubeRequestOptions;
  const options: KubeRequestOptions = {
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...request.options,
  };
  const { propagationPolicy: policy } = options;
  if (policy !== undefined && !policies.includes(policy)) {
    const detail = `supported values: ${['Background', 'Foreground', 'Orphan'].map((item) => `"${item}"`).join(', ')}`;
    throw invalid('meta.k8s.io', 'DeleteOptions', '', [
      { type: 'NotSupported', field: 'propagationPolicy', value: policy, detail },
    ]);
  }
  return options;
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan'];

function checkPreconditions(resource: Resource, old: KubeObject, { preconditions }: KubeRequestOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const refuse = (what: string, wanted: string, found: string | undefined): never => {
    const { group, kind } = resource.served.type;
    const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`;
    throw conflict({ group, plural: kind }, old.metadata.name, why);
  };
  if (uid !== undefined && uid !== old.metadata.uid) refuse('UID', uid, old.metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
    refuse('ResourceVersion', resourceVersion, old.metadata.resourceVersion);
  }
}

function markedForDeletion(
  core: ServerCore,
  resource: Resource,
  old: KubeObject,
  options: KubeRequestOptions,
): KubeObject {
  const finalizers = finalizersAfter(old, options.propagationPolicy);
  const grace = gracePeriod(resource, old, options.gracePeriodSeconds);
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  const shortened = deletionTimestamp !== undefined && grace < (deletionGracePeriodSeconds ?? 0);
  if (deletionTimestamp !== undefined && !shortened && finalizers === (old.metadata.finalizers ?? none)) return old;
  const mark =
    deletionTimestamp === undefined || shortened
      ? {
          deletionTimestamp: timestamp(core.wallNow() + grace * 1000),
          deletionGracePeriodSeconds: grace,
          ...(old.metadata.generation === undefined ? {} : { generation: old.metadata.generation + 1 }),
        }
      : {};
  const { finalizers: _, ...rest } = old.metadata;
  const metadata: ObjectMeta = { ...rest, ...mark, ...(finalizers.length === 0 ? {} : { finalizers }) };
  return { ...old, metadata };
}

const none: readonly string[] = [];

// `deletionFinalizersForGarbageCollection`: the policy of the newest delete decides.
function finalizersAfter({ metadata }: KubeObject, policy: KubeRequestOptions['propagationPolicy']): readonly string[] {
  const before = metadata.finalizers ?? none;
  const wanted = policy === 'Foreground' ? foregroundFinalizer : policy === 'Orphan' ? orphanFinalizer : undefined;
  if (policy === undefined || (wanted !== undefined && before.includes(wanted))) return before;
  const kept = before.filter((finalizer) => finalizer !== foregroundFinalizer && finalizer !== orphanFinalizer);
  if (wanted === undefined) return kept.length === before.length ? before : kept;
  return [...kept, wanted];
}

// Only pods have a grace period: none before they are bound to a node and after they ended (`pkg/registry/core/pod/strategy.go`).
function gracePeriod(resource: Resource, old: KubeObject, asked: number | undefined): number {
  if (asked !== undefined && asked < 0) throw badRequest('gracePeriodSeconds must not be negative');
  const { group, kind } = resource.served.type;
  if (kind !== 'Pod' || group !== '') return 0;
  const phase = textAt(old, 'status', 'phase');
  if ((textAt(old, 'spec', 'nodeName') ?? '') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  return asked ?? numberAt(old, 'spec', 'terminationGracePeriodSeconds') ?? 30;
}

function mayGo({ served }: Resource, { metadata, ...object }: KubeObject): boolean {
  if ((metadata.finalizers ?? none).length > 0) return false;
  if (served.type.kind === 'Namespace' && served.type.group === '') {
    const { finalizers } = (object['spec'] ?? {}) as { readonly finalizers?: readonly string[] };
    return (finalizers ?? none).length === 0;
  }
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
