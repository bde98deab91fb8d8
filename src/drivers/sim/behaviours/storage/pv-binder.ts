import { textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { syncClaim } from './claim-binder.ts';
import { syncVolume } from './volume-binder.ts';

/**
 * Binds claims to volumes. The deciding fact of a claim is its annotation `pv.kubernetes.io/bind-completed`; of a volume,
 * the uid in its claimRef. Source: `pkg/controller/volume/persistentvolume` of kubernetes/kubernetes.
 */
export function createPvBinder(): Behaviour {
  return {
    name: 'persistentvolume-binder',
    watches: [resources.persistentVolumeClaim, resources.persistentVolume, resources.storageClass],
    lag: 120,
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind === 'PersistentVolumeClaim') {
    const claim = port.get(resources.persistentVolumeClaim, key.namespace, key.name);
    if (claim !== undefined) syncClaim(port, claim);
    // A claim that went, or came back as another, changes what is true of the volume that names it.
    for (const volume of port.list(resources.persistentVolume)) {
      const { namespace, name } = key;
      const isNamed =
        textAt(volume, 'spec', 'claimRef', 'name') === name &&
        textAt(volume, 'spec', 'claimRef', 'namespace') === namespace;
      if (isNamed) syncVolume(port, volume);
    }
    return;
  }
  if (key.resource.kind === 'PersistentVolume') {
    const volume = port.get(resources.persistentVolume, '', key.name);
    if (volume !== undefined) syncVolume(port, volume);
  }
  for (const claim of port.list(resources.persistentVolumeClaim)) if (mayConcern(claim, key)) syncClaim(port, claim);
}

function mayConcern(claim: KubeObject, key: ObjectKey): boolean {
  if (key.resource.kind === 'StorageClass') return textAt(claim, 'spec', 'storageClassName') === key.name;
  const bound = textAt(claim, 'spec', 'volumeName');
  return bound === undefined ? textAt(claim, 'status', 'phase') !== 'Lost' : bound === key.name;
}
