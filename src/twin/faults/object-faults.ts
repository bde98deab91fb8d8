import { type Json, textAt } from '../../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../model/kube.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, FaultError, type FaultOrder, type PreparedFault, siteOf } from './fault.ts';
import { claimsOf, vmOf } from './vm-faults.ts';

const options = ['--vm VM', '--site CLUSTER', '--namespace NAMESPACE'];

/** A PersistentVolume belongs to a claim that is not the VM's. */
export const claimMismatch: FaultKind = {
  kind: 'claim-mismatch',
  about:
    "the PersistentVolumes of a VM on a site are bound to another claim of that name; to the VM's again when it is mended",
  options,
  prepare: (twin, order) =>
    patchedVolumes(twin, order, 'belongs to another claim', (claim) => [
      { spec: { claimRef: { uid: '00000000-0000-4000-8000-000000000000' } } },
      { spec: { claimRef: { uid: claim.metadata.uid ?? null } } },
    ]),
};

/** A volume goes with its claim. */
export const reclaimDelete: FaultKind = {
  kind: 'reclaim-delete',
  about: 'the PersistentVolumes of a VM on a site have the reclaim policy Delete; Retain again when it is mended',
  options,
  prepare: (twin, order) =>
    patchedVolumes(twin, order, 'is deleted with its claim', () => [
      { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
      { spec: { persistentVolumeReclaimPolicy: 'Retain' } },
    ]),
};

/** A namespace may have no more pods. */
export const podQuota: FaultKind = {
  kind: 'pod-quota',
  about: "a quota lets no more pods into the VMs' namespace of a site",
  options: ['--site CLUSTER', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const { namespace = 'default' } = order;
    const { api } = twin.world.cluster(site);
    const place = { resource: resourceQuota, namespace };
    const metadata = { name: 'no-more-pods', namespace };
    const body = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '0' } } };
    return {
      says: `${site} takes no more pods into ${namespace}`,
      breaks: [`pods in ${namespace} of ${site}`],
      act: () => void api.request({ verb: 'create', ...place, body }),
      heal: () => void api.request({ verb: 'delete', ...place, name: metadata.name }),
    };
  },
};

const resourceQuota: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};

const finalizer = 'example.org/kept';

/** A launcher pod cannot go. */
export const podKept: FaultKind = {
  kind: 'pod-kept',
  about: 'the launcher pod of a VM has a finalizer that nobody removes before it is mended',
  options,
  prepare: (twin, order) => {
    const { vm, namespace } = vmOf(twin, order);
    const site = siteOf(twin, order.site);
    const { api } = twin.world.cluster(site);
    const pods = api
      .list(resources.pod, namespace)
      .filter((pod) => textAt(pod, 'metadata', 'labels', 'vm.kubevirt.io/name') === vm);
    if (pods.length === 0) throw new FaultError(`${site} has no launcher pod of ${namespace}/${vm}`);
    const patch = (name: string, change: (present: readonly string[]) => readonly string[]): void => {
      const present = api.get(resources.pod, namespace, name);
      if (present === undefined) return;
      const finalizers = change(present.metadata.finalizers ?? []);
      const place = { resource: resources.pod, namespace, name };
      api.request({ verb: 'patch', patch: 'merge', ...place, body: { metadata: { finalizers } } });
    };
    const names = pods.map(({ metadata }) => metadata.name);
    return {
      says: `${names.join(', ')} of ${site} cannot be deleted`,
      breaks: names.map((name) => `pod ${name} of ${site}`),
      act: () => names.forEach((name) => patch(name, (present) => [...present, finalizer])),
      heal: () => names.forEach((name) => patch(name, (present) => present.filter((each) => each !== finalizer))),
    };
  },
};

/** Changes the PersistentVolumes of a VM on a site: how, and how back. */
function patchedVolumes(
  twin: Twin,
  order: FaultOrder,
  says: string,
  patches: (claim: KubeObject) => readonly [Json, Json],
): PreparedFault {
  const site = siteOf(twin, order.site);
  const { vm, namespace } = vmOf(twin, order);
  const { api } = twin.world.cluster(site);
  if (twin.world.network.reach('operator', site) !== 'open')
    throw new FaultError(`${site} does not answer: nobody can change its PersistentVolumes`);
  const planned = claimsOf(twin, site, namespace, vm).flatMap((name) => {
    const claim = api.get(resources.persistentVolumeClaim, namespace, name);
    const volume = textAt(claim, 'spec', 'volumeName');
    return claim === undefined || volume === undefined ? [] : [{ name: volume, patches: patches(claim) }];
  });
  if (planned.length === 0) throw new FaultError(`${site} has no PersistentVolume of VM ${namespace}/${vm}`);
  const send = (name: string, body: Json): void =>
    void api.request({ verb: 'patch', patch: 'merge', resource: resources.persistentVolume, name, body });
  return {
    says: `PersistentVolume ${planned.map(({ name }) => name).join(', ')} of ${site} ${says}`,
    breaks: planned.map(({ name }) => `volume ${name} of ${site}`),
    act: () => planned.forEach(({ name, patches: [there] }) => send(name, there)),
    heal: () => planned.forEach(({ name, patches: [, back] }) => send(name, back)),
  };
}
