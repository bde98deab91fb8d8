import { drbdOperatorDriver } from '../drbd-operator/installation.ts';
import type { Finding } from '../findings.ts';
import { claimsOf, type SiteView } from '../group-view.ts';
import type { ClaimView } from '../member-reading.ts';
import { type KubeObject, resources } from '../kube.ts';
import { keepsPersistentState } from '../vm-references.ts';
import { claimPhaseOf, linstorDriver, reclaimPolicyOf, volumeNameOf } from '../volume.ts';
import { readingOfSite } from '../site-reading.ts';
import { unreadable } from './group.ts';

/**
 * On the source: every claim exists, is bound to a replicated volume, and nothing would delete that volume. `other`: the site that
 * the group is to go to, where one is meant; a claim that is Lost is then no obstacle to a VM which stays as it is on the other.
 */
export function claimsAreBound(site: SiteView, other?: SiteView): readonly Finding[] {
  const untold = untoldClaims(site);
  if (untold.length > 0) return untold;
  return claimsOf(site).flatMap((view) => {
    if (!view.claim.known) return [unreadable(site, labelOf(view), view.claim.why)];
    const claim = view.claim.value;
    if (claim === undefined)
      return [missingClaim(site, view, 'create the claim that the VM names, or drop it from the VM')];
    const phase = claimPhaseOf(claim);
    if (phase === 'Lost' && other !== undefined && isWholeElsewhere(site, other, view, claim))
      return [lostButWholeElsewhere(site, other, view)];
    if (phase !== 'Bound') {
      return [
        {
          id: phase === 'Lost' ? 'ClaimLost' : 'ClaimNotBound',
          severity: 'error',
          site: site.site,
          object: labelOf(view),
          what: `PVC ${view.name} of ${view.virtualMachine} is ${phase ?? 'not reported'}, not Bound`,
          why: phase === 'Lost' ? 'its PersistentVolume is gone' : 'no volume has been bound to it yet',
          remedy: `kubectl --kubeconfig <kubeconfig of ${site.site}> describe pvc ${view.name}`,
        } satisfies Finding,
      ];
    }
    if (!view.volume.known) return [unreadable(site, labelOf(view), view.volume.why)];
    return view.volume.value === undefined
      ? [missingVolume(site, view)]
      : volumeFindings(site, view, view.volume.value);
  });
}

/**
 * A VM whose claim is Lost cannot be started here, and the claim of the other site is bound to the very volume that this one
 * names: it goes there with the data that its volume has, as soon as this site has let go of that.
 */
function isWholeElsewhere(site: SiteView, other: SiteView, view: ClaimView, claim: KubeObject): boolean {
  const power = site.virtualMachines.find(({ name }) => name === view.virtualMachine)?.power.state;
  if (power !== 'starting' && power !== 'stopped') return false;
  const twin = claimsOf(other).find(({ name }) => name === view.name);
  return (
    twin?.resource !== undefined &&
    twin.claim.known &&
    twin.claim.value !== undefined &&
    claimPhaseOf(twin.claim.value) !== 'Lost' &&
    volumeNameOf(twin.claim.value) === volumeNameOf(claim)
  );
}

function lostButWholeElsewhere(site: SiteView, other: SiteView, view: ClaimView): Finding {
  return {
    id: 'ClaimLostHere',
    severity: 'warning',
    site: site.site,
    object: labelOf(view),
    what: `${view.virtualMachine} cannot run on ${site.site}: its PVC ${view.name} is Lost`,
    why: `its PersistentVolume is gone there; the one on ${other.site} is for the same volume`,
    remedy: `none is needed to leave ${site.site}; before a return: pgctl sync vm ${view.virtualMachine}`,
  };
}

/** On the target: the claim's definition is there. That it is bound is not asked. */
export function claimDefinitionsExist(site: SiteView, group: string): readonly Finding[] {
  const untold = untoldClaims(site);
  if (untold.length > 0) return untold;
  return claimsOf(site).flatMap((view) => {
    if (!view.claim.known) return [unreadable(site, labelOf(view), view.claim.why)];
    if (view.claim.value === undefined) return [missingClaim(site, view, `pgctl sync protectiongroup ${group}`)];
    if (claimPhaseOf(view.claim.value) !== 'Lost') return [];
    return [
      {
        id: 'ClaimLost',
        severity: 'error',
        site: site.site,
        object: labelOf(view),
        what: `PVC ${view.name} on ${site.site} is Lost`,
        why: `it is bound to PersistentVolume ${volumeNameOf(view.claim.value) ?? '(none)'}, which is not there or belongs to another claim`,
        remedy: `pgctl sync vm ${view.virtualMachine}`,
      } satisfies Finding,
    ];
  });
}

/** On the target: the PV of every claim is there, keeps its data, and is the source's volume. */
export function volumeDefinitionsExist(site: SiteView, source: SiteView, group: string): readonly Finding[] {
  return claimsOf(site).flatMap((view) => {
    if (!view.claim.known || view.claim.value === undefined) return [];
    if (!view.volume.known) return [unreadable(site, `PersistentVolume of PVC ${view.name}`, view.volume.why)];
    const volume = view.volume.value;
    if (volume === undefined) {
      return [{ ...missingVolume(site, view), remedy: `pgctl sync protectiongroup ${group}` }];
    }
    const twin = source === site ? view : claimsOf(source).find((candidate) => candidate.name === view.name);
    if (twin?.resource !== undefined && twin.resource !== view.resource) {
      return [
        {
          id: 'VolumeDiffers',
          severity: 'error',
          site: site.site,
          object: `PersistentVolume ${volume.metadata.name}`,
          what: `PVC ${view.name} is backed by ${view.resource ?? 'a foreign volume'} on ${site.site}, by ${twin.resource} on ${source.site}`,
          why: 'the VM would start on other data than it has written',
          remedy: `delete the PVC on ${site.site} after a look at what it holds, then: pgctl sync protectiongroup ${group}`,
        } satisfies Finding,
      ];
    }
    return policyFindings(site, volume);
  });
}

/** Which claims keep a VM's vTPM or EFI state only the list of claims tells: without it none is seen, and none missed. */
function untoldClaims(site: SiteView): readonly Finding[] {
  const claims = readingOfSite(site, 'claims');
  if (claims.known) return [];
  return site.virtualMachines
    .filter(({ object }) => object.known && object.value !== undefined && keepsPersistentState(object.value))
    .map(({ name }) => unreadable(site, `PersistentVolumeClaims of ${name}`, claims.why));
}

function volumeFindings(site: SiteView, view: ClaimView, volume: KubeObject): readonly Finding[] {
  if (view.resource === undefined) {
    return [
      {
        id: 'VolumeNotReplicated',
        severity: 'error',
        site: site.site,
        object: labelOf(view),
        what: `PVC ${view.name} of ${view.virtualMachine} is not on replicated storage`,
        why: `its volume ${volume.metadata.name} is neither one of ${linstorDriver} nor of ${drbdOperatorDriver}`,
        remedy:
          'move the disk to a StorageClass whose volumes have a copy on each of the two clusters, or leave the VM out of the group',
      },
    ];
  }
  return policyFindings(site, volume);
}

function policyFindings(site: SiteView, volume: KubeObject): readonly Finding[] {
  const policy = reclaimPolicyOf(volume);
  if (policy === 'Retain') return [];
  const name = volume.metadata.name;
  return [
    {
      id: 'ReclaimPolicyNotRetain',
      severity: 'error',
      site: site.site,
      object: `PersistentVolume ${name}`,
      what: `the reclaim policy of PV ${name} on ${site.site} is ${policy}`,
      why: 'deleting its claim would destroy the copies of the volume on both sites at once',
      remedy: `kubectl --kubeconfig <kubeconfig of ${site.site}> patch ${resources.persistentVolume.plural} ${name} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
    },
  ];
}

function missingClaim(site: SiteView, view: ClaimView, remedy: string): Finding {
  return {
    id: 'ClaimMissing',
    severity: 'error',
    site: site.site,
    object: labelOf(view),
    what: `PVC ${view.name} of ${view.virtualMachine} does not exist on ${site.site}`,
    why: 'the namespace has no claim of that name',
    remedy,
  };
}

function missingVolume(site: SiteView, view: ClaimView): Finding {
  const name = view.claim.known && view.claim.value ? volumeNameOf(view.claim.value) : undefined;
  return {
    id: 'VolumeMissing',
    severity: 'error',
    site: site.site,
    object: `PersistentVolume ${name ?? `of PVC ${view.name}`}`,
    what: `the PV of PVC ${view.name} does not exist on ${site.site}`,
    why: name === undefined ? 'the claim names no volume' : `there is no PersistentVolume ${name}`,
    remedy: `kubectl --kubeconfig <kubeconfig of ${site.site}> get pv`,
  };
}

function labelOf(view: ClaimView): string {
  return `PersistentVolumeClaim ${view.name}`;
}
