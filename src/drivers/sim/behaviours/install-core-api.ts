import { resources, type KubeObject } from '../../../model/kube.ts';
import type { Admission, ApiServer } from '../api-server/api-server.ts';
import { hasFinalizer, withMetadata } from './cluster-writes.ts';
import { podBinding, podEviction } from './scheduling/pod-binding.ts';

/** Adds what kube-apiserver does itself and these behaviours count on: pod bindings, evictions, protected storage. */
export function installCoreApi(api: ApiServer): void {
  api.addSubresource(podBinding(api));
  api.addSubresource(podEviction(api));
  api.addAdmission(storageObjectInUseProtection);
}

/** The admission plugin of that name: volumes and claims are born with their protection. */
const storageObjectInUseProtection: Admission = {
  name: 'StorageObjectInUseProtection',
  resources: [resources.persistentVolume, resources.persistentVolumeClaim],
  mutate: ({ operation, object, resource }) =>
    operation === 'CREATE' ? withProtection(object, resource.plural === 'persistentvolumes') : object,
};

function withProtection(object: KubeObject, isVolume: boolean): KubeObject {
  const finalizer = isVolume ? 'kubernetes.io/pv-protection' : 'kubernetes.io/pvc-protection';
  if (hasFinalizer(object, finalizer)) return object;
  return withMetadata(object, { finalizers: [...(object.metadata.finalizers ?? []), finalizer] });
}
