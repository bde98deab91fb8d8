import { textAt } from '../../../model/json.ts';
import { resources, type KubeObject } from '../../../model/kube.ts';
import type { Admission, ApiServer } from '../api-server/api-server.ts';
import { hasFinalizer, withMetadata } from './cluster-writes.ts';
import { podBinding, podEviction } from './scheduling/pod-binding.ts';

/** Adds what kube-apiserver does itself and these behaviours count on: pod bindings, evictions, protected storage. */
export function installCoreApi(api: ApiServer): void {
  api.addSubresource(podBinding(api));
  api.addSubresource(podEviction(api));
  api.addAdmission(storageObjectInUseProtection);
  api.addAdmission(defaultStorageClass(api));
}

/** The admission plugin of that name: volumes and claims are born with their protection. */
const storageObjectInUseProtection: Admission = {
  name: 'StorageObjectInUseProtection',
  resources: [resources.persistentVolume, resources.persistentVolumeClaim],
  operations: ['CREATE'],
  mutate: ({ object, resource }) => withProtection(object, resource.plural === 'persistentvolumes'),
};

function withProtection(object: KubeObject, isVolume: boolean): KubeObject {
  const finalizer = isVolume ? 'kubernetes.io/pv-protection' : 'kubernetes.io/pvc-protection';
  if (hasFinalizer(object, finalizer)) return object;
  return withMetadata(object, { finalizers: [...(object.metadata.finalizers ?? []), finalizer] });
}

/** The admission plugin of that name: a claim that names no class, not even the empty one, gets the default class. */
function defaultStorageClass(api: ApiServer): Admission {
  return {
    name: 'DefaultStorageClass',
    resources: [resources.persistentVolumeClaim],
    operations: ['CREATE'],
    mutate({ object }) {
      if (textAt(object, 'spec', 'storageClassName') !== undefined) return object;
      const isDefault = (one: KubeObject) =>
        one.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
      const storageClass = api.list(resources.storageClass).find(isDefault);
      if (storageClass === undefined) return object;
      return { ...object, spec: { ...object.spec, storageClassName: storageClass.metadata.name } };
    },
  };
}
