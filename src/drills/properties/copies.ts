import { at, isJsonObject, isSameJson, type Json, objectAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { KubeRequest } from '../../model/request.ts';
import { isChange } from '../interference.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Property } from './property.ts';
import { replicasOf } from './replicas.ts';

/** What holds data; deleting one of them may delete it. */
const holders: ReadonlySet<string> = new Set([
  resources.virtualMachine.plural,
  resources.persistentVolumeClaim.plural,
  resources.persistentVolume.plural,
]);

/** Nothing of ours takes data away. */
export const deleteSafety: Property = {
  id: 'S7',
  name: 'DeleteSafety',
  says: 'No request of ours deletes a VM, a claim or a volume; what we protect is kept when its claim goes (Retain on every site), and every volume is there to the end.',
  watch: (stage, judge) => {
    const { kernel } = stage.twin;
    for (const request of stage.copies) {
      judge.check(!deletesData(request), () => `protecting the group deletes ${nameOf(request)}`);
      if (request.resource.plural !== resources.persistentVolume.plural) continue;
      const policy = textAt(request.body, 'spec', 'persistentVolumeReclaimPolicy');
      judge.check(policy === 'Retain', () => `${nameOf(request)} is given the policy ${policy}`);
    }
    stage.onRequest.add(({ host, request }) => {
      if (!isChange(request) || !holders.has(request.resource.plural)) return;
      judge.check(!deletesData(request), () => `${host} deletes ${nameOf(request)}`);
    });
    return {
      rested: () => {
        for (const volume of stage.groups.flatMap(({ volumes }) => volumes))
          judge.check(
            replicasOf(kernel, volume).some(({ kind }) => kind === 'diskful'),
            () => `${volume} is gone`,
          );
      },
    };
  },
};

function deletesData({ verb, resource, body }: KubeRequest): boolean {
  if (!holders.has(resource.plural)) return false;
  return verb === 'delete' || textAt(body, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete';
}

/** What an object is on one cluster only: copied, it would be wrong on another. */
const local: readonly (readonly string[])[] = [
  ['metadata', 'uid'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'generation'],
  ['metadata', 'ownerReferences'],
  ['metadata', 'managedFields'],
  ['metadata', 'finalizers'],
  ['spec', 'claimRef', 'uid'],
  ['spec', 'claimRef', 'resourceVersion'],
  ['status'],
];

/** What must be the same on both sites, by type. */
const carried: Readonly<Record<string, readonly (readonly string[])[]>> = {
  [resources.virtualMachine.plural]: [['spec', 'template']],
  [resources.persistentVolumeClaim.plural]: [
    ['spec', 'accessModes'],
    ['spec', 'volumeMode'],
    ['spec', 'resources'],
    ['spec', 'storageClassName'],
  ],
  [resources.persistentVolume.plural]: [
    ['spec', 'csi'],
    ['spec', 'capacity'],
    ['spec', 'accessModes'],
    ['spec', 'volumeMode'],
  ],
  [resources.secret.plural]: [['data'], ['type']],
};

/** Copies are as good as the original, and carry nothing that means something on its own cluster only. */
export const syncHygiene: Property = {
  id: 'S13',
  name: 'SyncHygiene',
  says: 'What is created on the other site carries no uid, resourceVersion, owner, status or binding of its source; the template of a VM and what a disk is come over unchanged.',
  watch: (stage, judge) => {
    for (const request of stage.copies) {
      if (request.verb !== 'create') continue;
      const { body } = request;
      const kept = local.filter((path) => at(body, ...path) !== undefined).map((path) => path.join('.'));
      judge.check(kept.length === 0, () => `${nameOf(request)} is created with ${kept.join(', ')}`);
      const original = originalOf(stage, request);
      for (const path of carried[request.resource.plural] ?? []) {
        const isCarried = original !== undefined && contains(at(body, ...path), at(original, ...path));
        judge.check(isCarried, () => `${nameOf(request)} differs from its original in ${path.join('.')}`);
      }
    }
    return undefined;
  },
};

function originalOf({ twin: { world } }: Stage, { resource, body }: KubeRequest): KubeObject | undefined {
  const name = textAt(objectAt(body, 'metadata'), 'name') ?? '';
  const namespace = resource.namespaced ? stageNamespace : '';
  return world.cluster(stageSites[0]).api.get(resource, namespace, name);
}

/** A copy may say more, such as the UUID and the addresses that its original got when it ran. */
function contains(copy: Json | undefined, original: Json | undefined): boolean {
  if (Array.isArray(original) && Array.isArray(copy))
    return original.length === copy.length && original.every((item, index) => contains(copy[index], item));
  if (!isJsonObject(original) || !isJsonObject(copy)) return isSameJson(copy ?? null, original ?? null);
  return Object.entries(original).every(([field, value]) => contains(copy[field], value));
}

function nameOf({ site, resource, name, body }: KubeRequest): string {
  return `${resource.plural}/${name ?? textAt(body, 'metadata', 'name')} on ${site}`;
}
