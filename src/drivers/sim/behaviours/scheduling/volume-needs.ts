import { textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { bindCompleted, claimsOfPod, isBound } from '../storage/persistent-volume.ts';
import { findVolumeFor } from '../storage/volume-match.ts';

/** What the claims of a pod mean for its placement. */
export type VolumeNeeds =
  /** No node will do until the claims change. */
  | { readonly kind: 'unresolvable'; readonly text: string }
  | {
      readonly kind: 'resolvable';
      /** The volumes that the pod's claims are bound to, or reserved for. */
      readonly volumes: readonly KubeObject[];
      /** Claims for which a volume is made once a node is chosen. */
      readonly toProvision: readonly KubeObject[];
    };

/** The checks of `pkg/scheduler/framework/plugins/volumebinding`, in their order. */
export function volumeNeedsOf(port: ClusterPort, pod: KubeObject): VolumeNeeds {
  const volumes: KubeObject[] = [];
  const toProvision: KubeObject[] = [];
  const claims = claimsOfPod(port, pod);
  for (const { claim, claimName } of claims) {
    if (claim === undefined) return unresolvable(`persistentvolumeclaim "${claimName}" not found`);
    if (textAt(claim, 'status', 'phase') === 'Lost') {
      const volumeName = textAt(claim, 'spec', 'volumeName') ?? '';
      return unresolvable(
        `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${volumeName}"`,
      );
    }
    if (isBeingDeleted(claim)) return unresolvable(`persistentvolumeclaim "${claimName}" is being deleted`);
  }
  for (const { claim, volume } of claims) {
    if (claim === undefined) continue;
    if (isBound(claim)) {
      if (volume !== undefined) volumes.push(volume);
      continue;
    }
    if (!waitsForConsumer(port, claim)) return unresolvable('pod has unbound immediate PersistentVolumeClaims');
    const reserved = claim.metadata.annotations?.[bindCompleted] === undefined ? findVolumeFor(port, claim) : undefined;
    if (reserved === undefined) toProvision.push(claim);
    else volumes.push(reserved);
  }
  return { kind: 'resolvable', volumes, toProvision };
}

function unresolvable(text: string): VolumeNeeds {
  return { kind: 'unresolvable', text };
}

function waitsForConsumer(port: ClusterPort, claim: KubeObject): boolean {
  const className = textAt(claim, 'spec', 'storageClassName');
  const storageClass = className === undefined ? undefined : port.get(resources.storageClass, '', className);
  return textAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer';
}
