import { textAt } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { admitByQuota } from './pod-quota.ts';
import { quantityValue } from './quantity.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { forbidden, notFound } from './status-errors.ts';

const type = (group: string, plural: string, kind: string, namespaced: boolean): ResourceType => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const namespaces = type('', 'namespaces', 'Namespace', false);
const serviceAccounts = type('', 'serviceaccounts', 'ServiceAccount', true);
const storageClasses = type('storage.k8s.io', 'storageclasses', 'StorageClass', false);
const priorityClasses = type('scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false);

/** Admission plugin NamespaceLifecycle: nothing is created where there is no namespace, or where it is being removed. */
export function admitNamespace(core: ServerCore, { namespace, resource }: RequestContext, name: string): void {
  const found = core.registry.find(namespaces)?.store.get('', namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(resource.served.type, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** What the admission plugins that are on by default add to an object at its creation, or refuse. */
export function admitCreation(core: ServerCore, { resource, user }: RequestContext, object: KubeObject): KubeObject {
  const { group, kind } = resource.served.type;
  if (group !== '') return object;
  switch (kind) {
    case 'PersistentVolume':
      return withFinalizer(object, 'kubernetes.io/pv-protection');
    case 'PersistentVolumeClaim':
      return withDefaultClass(core, withFinalizer(object, 'kubernetes.io/pvc-protection'));
    case 'Pod':
      admitByQuota(core, object);
      return withPriority(core, user === undefined ? object : withAccount(core, object));
    default:
      return object;
  }
}

/** What the admission plugins refuse of an update: PersistentVolumeClaimResize. */
export function admitUpdate(core: ServerCore, context: RequestContext, object: KubeObject, old: KubeObject): void {
  const { type } = context.resource.served;
  if (type.kind !== 'PersistentVolumeClaim' || type.group !== '' || object.spec === old.spec) return;
  const sizeOf = (claim: KubeObject): number =>
    quantityValue(textAt(claim, 'spec', 'resources', 'requests', 'storage'));
  if (textAt(old, 'status', 'phase') !== 'Bound' || !(sizeOf(object) > sizeOf(old))) return;
  const className = textAt(old, 'spec', 'storageClassName') ?? '';
  const storageClass = core.registry.find(storageClasses)?.store.get('', className);
  if (storageClass?.['allowVolumeExpansion'] === true) return;
  const why =
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  throw forbidden(type, object.metadata.name, why);
}

/** Namespaces that may not be deleted (NamespaceLifecycle). */
export function admitDeletion({ resource }: RequestContext, { metadata }: KubeObject): void {
  const { group, kind } = resource.served.type;
  if (group === '' && kind === 'Namespace' && immortal.has(metadata.name)) {
    throw forbidden(namespaces, metadata.name, 'this namespace may not be deleted');
  }
}

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

// StorageObjectInUseProtection.
function withFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

// DefaultStorageClass: the newest class that is marked as default, for claims that say nothing about a class.
function withDefaultClass(core: ServerCore, claim: KubeObject): KubeObject {
  const beta = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  if (claim.spec?.['storageClassName'] !== undefined || beta !== undefined) return claim;
  const classes = core.registry.find(storageClasses)?.store.list(undefined) ?? [];
  const defaults = classes.filter(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  const [chosen] = defaults.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
  );
  return chosen === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata.name } };
}

// ServiceAccount: the account must exist. Components inside of the world may run ahead of it.
function withAccount(core: ServerCore, pod: KubeObject): KubeObject {
  const { name, namespace = '' } = pod.metadata;
  const account = textAt(pod, 'spec', 'serviceAccountName') ?? 'default';
  if (core.registry.find(serviceAccounts)?.store.get(namespace, account) !== undefined) return pod;
  const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  throw forbidden({ group: '', plural: 'pods' }, name, why);
}

// Priority.
function withPriority(core: ServerCore, pod: KubeObject): KubeObject {
  const name = textAt(pod, 'spec', 'priorityClassName');
  if (name === undefined || name === '') return pod;
  const found = core.registry.find(priorityClasses)?.store.get('', name);
  if (found === undefined) {
    throw forbidden({ group: '', plural: 'pods' }, pod.metadata.name, `no PriorityClass with name ${name} was found`);
  }
  const policy = textAt(found, 'preemptionPolicy') ?? 'PreemptLowerPriority';
  return { ...pod, spec: { ...pod.spec, priority: found['value'] as number, preemptionPolicy: policy } };
}
