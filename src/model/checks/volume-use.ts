import { replicaLabel, replicasAt } from '../drbd-replica.ts';
import type { Finding } from '../findings.ts';
import { claimsOf, type GroupView, type SiteView } from '../group-view.ts';
import { listAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { isLauncherPod, launcherPodsOf, podIsFinal } from '../launcher-pod.ts';
import { protectionGroupOf } from '../protection-group.ts';
import { storageWords } from '../storage-words.ts';
import { knownClaimNamesOf } from '../vm-references.ts';

/**
 * Nobody but the VMs of the group uses its volumes: no other pod on either site, no other group, and nothing on the target that
 * DRBD knows of. On the source such a user would keep the volume from being released; on the target it would be in the way.
 */
export function volumesAreTheirsAlone(view: GroupView): readonly Finding[] {
  const sites = [view.target, view.source];
  return [
    ...sites.flatMap(foreignPods),
    ...sites.flatMap((site) => sharedWithGroups(view, site)),
    ...openedOnTarget(view),
  ];
}

function foreignPods(site: SiteView): readonly Finding[] {
  const { pods } = site.readings.readings;
  if (pods?.known !== true) return [];
  const claims = new Set(claimsOf(site).map(({ name }) => name));
  const own = ownPods(site, pods.value);
  return pods.value.flatMap((pod) => {
    if (own.has(pod) || podIsFinal(pod) || textAt(pod, 'spec', 'nodeName') === undefined) return [];
    const used = claimsIn(pod).filter((claim) => claims.has(claim));
    return used.map((claim) => foreignPod(site, pod, claim));
  });
}

/** The launcher pods of the group's VMs, and the pods that attach hotplugged disks for them. */
function ownPods({ virtualMachines, readings }: SiteView, pods: readonly KubeObject[]): ReadonlySet<KubeObject> {
  const { instances } = readings.readings;
  const launchers = virtualMachines.flatMap(({ name, object }) => {
    const instance =
      instances?.known === true ? instances.value.find(({ metadata }) => metadata.name === name) : undefined;
    const vm = (object.known ? object.value : undefined) ?? instance;
    const key = { namespace: vm?.metadata.namespace ?? '', name };
    return vm === undefined ? [] : launcherPodsOf(key, instance?.metadata.uid, pods);
  });
  const names = new Set(launchers.map(({ metadata }) => metadata.name));
  const helpers = pods.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'Pod' && names.has(name)),
  );
  return new Set([...launchers, ...helpers]);
}

function claimsIn(pod: KubeObject): readonly string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') ?? []);
}

function foreignPod({ site }: SiteView, pod: KubeObject, claim: string): Finding {
  const { name, namespace } = pod.metadata;
  const user = isLauncherPod(pod) ? `VM ${pod.metadata.labels?.['vm.kubevirt.io/name'] ?? name}` : `pod ${name}`;
  return {
    id: 'VolumeInUse',
    severity: 'error',
    site,
    object: `PersistentVolumeClaim ${claim}`,
    what: `PVC ${claim} is used on ${site} by ${user}, which is not in the group`,
    why: 'a volume can be moved only when nobody has it open',
    remedy: `end what uses it, or take it into the group: kubectl --kubeconfig <kubeconfig of ${site}> describe pod ${name} -n ${namespace}`,
  };
}

/** No VM of another group has a disk on one of the group's claims: it would be left without. */
function sharedWithGroups({ scope }: GroupView, site: SiteView): readonly Finding[] {
  const { groups, virtualMachines } = site.readings.readings;
  if (groups?.known !== true || virtualMachines?.known !== true) return [];
  const claims = new Set(claimsOf(site).map(({ name }) => name));
  const own = new Set(site.virtualMachines.map(({ name }) => name));
  return groups.value
    .map(protectionGroupOf)
    .filter(({ name }) => name !== scope.group)
    .flatMap((other) =>
      virtualMachines.value
        .filter(({ metadata }) => other.virtualMachines.includes(metadata.name) && !own.has(metadata.name))
        .flatMap((vm) =>
          knownClaimNamesOf(vm, [])
            .filter((claim) => claims.has(claim))
            .map(
              (claim): Finding => ({
                id: 'VolumeInTwoGroups',
                severity: 'error',
                site: site.site,
                object: `PersistentVolumeClaim ${claim}`,
                what: `PVC ${claim} is a disk of ${vm.metadata.name} as well, which is in Protection Group ${other.name}`,
                why: 'a volume runs on one site, so that both groups would have to move at once',
                remedy: `put both VMs into one group: pgctl describe protectiongroup ${other.name}`,
              }),
            ),
        ),
    );
}

/** DRBD has a volume open on the target although no VM of the group is up there: mounted by hand, or by another cluster. */
function openedOnTarget({ volumes, scope, target }: GroupView): readonly Finding[] {
  if (!volumes.known || target.virtualMachines.some(({ power }) => power.state !== 'stopped')) return [];
  return [...volumes.value.values()].flatMap((volume) =>
    (volume === undefined ? [] : replicasAt(volume, scope.target))
      .filter(({ inUse }) => inUse === 'yes')
      .map(
        (replica): Finding => ({
          id: 'VolumeInUse',
          severity: 'error',
          site: scope.target,
          object: storageWords(volume ?? replica).object,
          what: `${replicaLabel(replica)} is Primary, and no VM of the group runs there`,
          why: 'somebody else has the volume open on the target',
          remedy: `see on ${replica.node} what holds it: drbdsetup status ${replica.resource} --verbose; lsof /dev/drbd/by-res/${replica.resource}/0`,
        }),
      ),
  );
}
