import { listAt, objectAt, textAt, type Json } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { claimNameOf } from './virtual-machine.ts';

/** Volumes of a VirtualMachineInstance. */
export function volumesOf(vmi: KubeObject): readonly Json[] {
  return listAt(vmi, 'spec', 'volumes');
}

/** `status.volumeStatus` once the VMI is on a node: one entry per volume, by name; the node fills in the targets. */
export function volumeStatusOf(port: ClusterPort, vmi: KubeObject): readonly Json[] {
  const entries = volumesOf(vmi).map((volume) => {
    const name = textAt(volume, 'name') ?? '';
    const claimName = claimNameOf(volume);
    if (claimName === undefined) return { name, target: '' };
    const claim = port.get(resources.persistentVolumeClaim, vmi.metadata.namespace ?? '', claimName);
    return {
      name,
      persistentVolumeClaimInfo: {
        accessModes: listAt(claim, 'spec', 'accessModes'),
        capacity: objectAt(claim, 'status', 'capacity'),
        claimName,
        filesystemOverhead: '0.055',
        requests: objectAt(claim, 'spec', 'resources', 'requests'),
        volumeMode: textAt(claim, 'spec', 'volumeMode') ?? 'Filesystem',
      },
      target: '',
    };
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `status.interfaces` before the guest runs. */
export function interfacesOf(vmi: KubeObject): readonly Json[] {
  return listAt(vmi, 'spec', 'networks').map((network) => ({
    name: textAt(network, 'name') ?? 'default',
    podInterfaceName: 'eth0',
  }));
}
