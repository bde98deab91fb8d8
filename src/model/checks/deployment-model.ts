import { drbdOperatorDriver } from '../drbd-operator/installation.ts';
import type { Finding } from '../findings.ts';
import { claimsOf, type SiteView } from '../group-view.ts';
import { textAt } from '../json.ts';
import type { StorageBackend } from '../storage-backend.ts';
import { linstorDriver } from '../volume.ts';

const drivers: Readonly<Record<StorageBackend, string>> = {
  linstor: linstorDriver,
  'drbd-operator': drbdOperatorDriver,
};

const names: Readonly<Record<StorageBackend, string>> = { linstor: 'LINSTOR', 'drbd-operator': 'DRBD Operator' };

/**
 * What was found of the volumes, unless another storage keeps one of them than the one that was asked: then nothing that was found
 * counts, and the setting is what is wrong.
 */
export function unlessModelDiffers(
  asked: StorageBackend | undefined,
  sites: readonly SiteView[],
  found: () => readonly Finding[],
): readonly Finding[] {
  const differs = asked === undefined ? undefined : sites.flatMap((site) => modelDiffers(asked, site) ?? [])[0];
  return differs === undefined ? found() : [differs];
}

function modelDiffers(asked: StorageBackend, site: SiteView): Finding | undefined {
  const other: StorageBackend = asked === 'linstor' ? 'drbd-operator' : 'linstor';
  const claim = claimsOf(site).find(
    ({ volume }) => volume.known && textAt(volume.value, 'spec', 'csi', 'driver') === drivers[other],
  );
  if (claim === undefined) return undefined;
  return {
    id: 'DeploymentModelDiffers',
    severity: 'error',
    site: site.site,
    object: `PersistentVolumeClaim ${claim.name}`,
    what: `PVC ${claim.name} of ${claim.virtualMachine} on ${site.site} is on a volume of ${names[other]}, and ${names[asked]} was asked about it`,
    why: `its PersistentVolume is of ${drivers[other]}, and DEPLOYMENT_MODEL is ${asked}`,
    remedy: `set DEPLOYMENT_MODEL=${other} in the config file of pgctl, and in that of the controllers`,
  };
}
