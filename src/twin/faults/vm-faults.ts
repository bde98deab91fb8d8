import { listAt, objectAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { GuestFault } from '../../drivers/sim/guests.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, type FaultOrder, FaultError, siteOf } from './fault.ts';

/** A guest that does not end when it is told to. */
export const vmStuck: FaultKind = guestFault('vm-stuck', 'never-stops', {
  about: "a VM's guest does not stop, however it is told to",
  says: 'does not stop',
});

/** A guest that ends, and whose devices stay open. */
export const openerStuck: FaultKind = guestFault('opener-stuck', 'opener-stuck', {
  about: "a VM's devices stay open after it has stopped, so that DRBD cannot demote them",
  says: 'keeps its devices open after it stops',
});

/** The PersistentVolume of a VM's claim is not there. */
export const pvMissing: FaultKind = {
  kind: 'pv-missing',
  about: "the PersistentVolumes of a VM's claims are gone from a site (the dr site when none is named)",
  options: ['--vm VM', '--site CLUSTER', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const dr = twin.sites.find((site) => site.role === 'dr')?.name;
    const site = siteOf(twin, order.site, dr);
    const { vm, namespace } = vmOf(twin, order);
    const { api } = twin.world.cluster(site);
    const volumes = claimsOf(twin, site, namespace, vm).flatMap((claim) => {
      const bound = api.get(resources.persistentVolumeClaim, namespace, claim);
      const name = textAt(bound, 'spec', 'volumeName');
      const volume = name === undefined ? undefined : api.get(resources.persistentVolume, '', name);
      return volume === undefined ? [] : [boundTo(volume, bound)];
    });
    if (volumes.length === 0) throw new FaultError(`${site} has no PersistentVolume of VM ${namespace}/${vm}`);
    const names = volumes.map((volume) => volume.metadata.name);
    return {
      says: `${site} has lost PersistentVolume ${names.join(', ')} of VM ${namespace}/${vm}`,
      breaks: names.map((name) => `volume ${name} of ${site}`),
      act: () => {
        for (const volume of volumes) removeVolume(twin, site, volume);
      },
      heal: () => {
        for (const volume of volumes) restoreVolume(twin, site, volume);
      },
    };
  },
};

/** The volume as it is to come back: its claim's, whatever else is wrong with it when it goes. */
function boundTo(volume: KubeObject, claim: KubeObject | undefined): KubeObject {
  const uid = claim?.metadata.uid;
  if (uid === undefined) return volume;
  const claimRef = { ...objectAt(volume, 'spec', 'claimRef'), uid };
  return { ...volume, spec: { ...volume.spec, claimRef } };
}

/** The nodes of a site do not get the image that a VM starts in. */
export const imageMissing: FaultKind = {
  kind: 'image-missing',
  about: 'the nodes of a site get no images, so that no VM starts there (the dr site when none is named)',
  options: ['--site CLUSTER'],
  prepare: (twin, order) => {
    const dr = twin.sites.find((site) => site.role === 'dr')?.name;
    const site = siteOf(twin, order.site, dr);
    return {
      says: `the nodes of ${site} get no images`,
      breaks: [`images of ${site}`],
      act: () => twin.pods.setImages(site, false),
      heal: () => twin.pods.setImages(site, true),
    };
  },
};

/** The kind of a fault that a guest has until it is healed. */
export function guestFault(kind: string, fault: GuestFault, texts: { about: string; says: string }): FaultKind {
  return {
    kind,
    about: texts.about,
    options: ['--vm VM', '--namespace NAMESPACE'],
    prepare: (twin, order) => {
      const { vm, namespace } = vmOf(twin, order);
      return {
        says: `VM ${namespace}/${vm} ${texts.says}`,
        breaks: [`${fault} of ${namespace}/${vm}`],
        act: () => twin.guests.setFault(namespace, vm, fault),
        heal: () => twin.guests.healFault(namespace, vm, fault),
      };
    },
  };
}

/** The VM of an order, which must exist on some site. */
export function vmOf(twin: Twin, { vm, namespace = 'default' }: FaultOrder): { vm: string; namespace: string } {
  const known = [...twin.world.clusters.values()].flatMap(({ api }) =>
    api.list(resources.virtualMachine, namespace).map((each) => each.metadata.name),
  );
  const names = [...new Set(known)].join(', ') || 'none';
  if (vm === undefined) throw new FaultError(`--vm is missing: VMs in namespace ${namespace}: ${names}`);
  if (!known.includes(vm)) throw new FaultError(`There is no VM ${vm} in namespace ${namespace}: ${names}`);
  return { vm, namespace };
}

/** The claims of a VM's disks. */
export function claimsOf(twin: Twin, site: string, namespace: string, vm: string): readonly string[] {
  const object = twin.world.cluster(site).api.get(resources.virtualMachine, namespace, vm);
  return listAt(object, 'spec', 'template', 'spec', 'volumes').flatMap((volume) => {
    const claim = textAt(volume, 'persistentVolumeClaim', 'claimName') ?? textAt(volume, 'dataVolume', 'name');
    return claim === undefined ? [] : [claim];
  });
}

/** Deletes a volume as somebody in a hurry does: its protection is taken off first. */
function removeVolume({ world }: Twin, site: string, volume: KubeObject): void {
  const { api } = world.cluster(site);
  const target = { resource: resources.persistentVolume, name: volume.metadata.name };
  api.request({ verb: 'patch', patch: 'merge', ...target, body: { metadata: { finalizers: null } } });
  api.request({ verb: 'delete', ...target });
}

function restoreVolume({ world }: Twin, site: string, volume: KubeObject): void {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...metadata } = volume.metadata;
  const { managedFields: _fields, deletionTimestamp: _deleted, ...kept } = metadata;
  const body = { apiVersion: volume.apiVersion, kind: volume.kind, metadata: { ...kept }, spec: volume.spec };
  world.cluster(site).api.request({ verb: 'create', resource: resources.persistentVolume, body: body as never });
}
