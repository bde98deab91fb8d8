import { unreachable } from './assert.ts';
import { claimRepair } from './definition-copy/claim-repair.ts';
import { copyClaim } from './definition-copy/claim-copy.ts';
import { copyConfigMap, copySecret, isCopyableSecret } from './definition-copy/configuration-copy.ts';
import { updateOf } from './definition-copy/update.ts';
import { copyVirtualMachine } from './definition-copy/virtual-machine-copy.ts';
import { copyVolume } from './definition-copy/volume-copy.ts';
import type { Finding } from './findings.ts';
import type { GroupView } from './group-view.ts';
import type { ClaimView, VirtualMachineReading } from './member-reading.ts';
import type { Json, JsonObject } from './json.ts';
import type { Known } from './known.ts';
import { type KubeObject, type ResourceType, resources } from './kube.ts';
import type { Subject } from './read-plan.ts';
import type { KubeRequest } from './request.ts';
import type { SiteName } from './site.ts';
import { readingOfSite } from './site-reading.ts';
import { reclaimPolicyOf } from './volume.ts';
import { referencesOf } from './vm-references.ts';

/** `retain` keeps a volume's data when its claim is deleted; `repair` makes a claim bind to its volume again. */
export type SyncAction = 'create' | 'update' | 'repair' | 'retain' | 'unchanged' | 'blocked';

/** One object of a sync: what is to be done with it and the request that does it, or the finding that forbids it. */
export interface SyncStep {
  readonly site: SiteName;
  readonly kind: string;
  readonly name: string;
  readonly action: SyncAction;
  /** With every action but `unchanged` and `blocked`. */
  readonly request?: KubeRequest;
  /** With `blocked` an error; else perhaps a warning about what cannot be changed. */
  readonly finding?: Finding;
  /** What changes, as field paths, or why it is repaired. */
  readonly details: readonly string[];
}

/**
 * What makes the target's definitions equal to the source's, in the order in which it has to happen: the volume always
 * before its claim, everything that a VM names before the VM. Empty `blocked` steps mean that the whole plan can be done.
 * The view must have been read with namespaces, secrets and config maps.
 */
export function planSync(view: GroupView): readonly SyncStep[] {
  const steps = [...namespaceStep(view), ...view.source.virtualMachines.flatMap((vm) => virtualMachineSteps(view, vm))];
  const seen = new Set<string>();
  return steps.filter((step) => {
    const key = `${step.site}/${step.kind}/${step.name}/${step.action === 'retain' ? 'retain' : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

function namespaceStep(view: GroupView): readonly SyncStep[] {
  const { target, scope } = view;
  const reading = readingOfSite(target, 'namespace');
  const base = { site: target.site, kind: 'Namespace', name: scope.namespace, details: [] };
  if (!reading.known) return [blocked(base, unreadable(base, reading.why))];
  if (reading.value.length > 0) return [];
  const body: JsonObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scope.namespace } };
  return [{ ...base, action: 'create', request: createRequest(target.site, resources.namespace, undefined, body) }];
}

function virtualMachineSteps(view: GroupView, vm: VirtualMachineReading): readonly SyncStep[] {
  const { source } = view;
  const base = { site: source.site, kind: 'VirtualMachine', name: vm.name, details: [] };
  if (!vm.object.known) return [blocked(base, unreadable(base, vm.object.why))];
  const object = vm.object.value;
  if (object === undefined) return [blocked(base, missing(base, 'check the name and the namespace of the VM'))];
  const instance = memberOf(view, 'source', 'instances', vm.name);
  const copy = copyVirtualMachine(object, instance.known ? instance.value : undefined, source.site).object;
  return [
    ...configurationSteps(view, object),
    ...vm.claims.flatMap((claim) => claimSteps(view, claim)),
    ...copyStep(view, resources.virtualMachine, 'virtualMachines', copy),
  ];
}

function configurationSteps(view: GroupView, vm: KubeObject): readonly SyncStep[] {
  const claims = readingOfSite(view.source, 'claims');
  return referencesOf(vm, claims.known ? claims.value : [])
    .filter((reference) => reference.handling === 'copied')
    .flatMap((reference) => {
      const isSecret = reference.kind === 'secret';
      const subject = isSecret ? 'secrets' : 'configMaps';
      const base = {
        site: view.source.site,
        kind: isSecret ? 'Secret' : 'ConfigMap',
        name: reference.name,
        details: [],
      };
      const reading = memberOf(view, 'source', subject, reference.name);
      if (!reading.known) return [blocked(base, unreadable(base, reading.why))];
      const object = reading.value;
      if (object === undefined) {
        return reference.optional === true
          ? []
          : [
              blocked(
                base,
                missing(base, `create it, or drop it from ${vm.metadata.name}: it is named in ${reference.path}`),
              ),
            ];
      }
      if (isSecret && !isCopyableSecret(object)) return [blocked(base, notCopyable(base, vm.metadata.name))];
      const copy = (isSecret ? copySecret : copyConfigMap)(object, view.source.site).object;
      return copyStep(view, isSecret ? resources.secret : resources.configMap, subject, copy);
    });
}

function claimSteps(view: GroupView, claimView: ClaimView): readonly SyncStep[] {
  const { source, target } = view;
  const base = { site: source.site, kind: 'PersistentVolumeClaim', name: claimView.name, details: [] };
  if (!claimView.claim.known) return [blocked(base, unreadable(base, claimView.claim.why))];
  if (!claimView.volume.known) return [blocked(base, unreadable(base, claimView.volume.why))];
  const claim = claimView.claim.value;
  const volume = claimView.volume.value;
  if (claim === undefined)
    return [blocked(base, missing(base, `create the claim that ${claimView.virtualMachine} names`))];
  if (volume === undefined || claimView.resource === undefined) return [blocked(base, notReplicated(base, claimView))];
  const nodes = readingOfSite(target, 'nodes');
  const volumeCopy = copyVolume(volume, claim, source.site, nodes.known ? nodes.value : []).object;
  const claimCopy = copyClaim(claim, volume, source.site).object;
  return [
    ...retainStep(source.site, volume),
    ...volumeSteps(view, volumeCopy, claimCopy),
    ...copyStep(view, resources.persistentVolumeClaim, 'claims', claimCopy),
  ];
}

/** The source's volume is kept before anything else is done: deleting it anywhere would destroy both sites' data. */
function retainStep(site: SiteName, volume: KubeObject): readonly SyncStep[] {
  const policy = reclaimPolicyOf(volume);
  if (policy === 'Retain') return [];
  const { name, resourceVersion } = volume.metadata;
  const body: JsonObject = {
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
    spec: { persistentVolumeReclaimPolicy: 'Retain' },
  };
  const request = patchRequest(site, resources.persistentVolume, undefined, name, body);
  const details = [`reclaim policy was ${policy}`];
  return [{ site, kind: 'PersistentVolume', name, action: 'retain', request, details }];
}

/** The target's volume: created, brought up to date, or given back to its claim. */
function volumeSteps(view: GroupView, volumeCopy: KubeObject, claimCopy: KubeObject): readonly SyncStep[] {
  const { target } = view;
  const base = { site: target.site, kind: 'PersistentVolume', name: volumeCopy.metadata.name, details: [] };
  const existing = memberOf(view, 'target', 'volumes', volumeCopy.metadata.name);
  const claim = memberOf(view, 'target', 'claims', claimCopy.metadata.name);
  if (!existing.known) return [blocked(base, unreadable(base, existing.why))];
  if (!claim.known || claim.value === undefined)
    return copyStep(view, resources.persistentVolume, 'volumes', volumeCopy);
  const repair = claimRepair(claim.value, existing.value, volumeCopy.metadata.name);
  switch (repair.kind) {
    case 'none':
    case 'patchClaim':
      return copyStep(view, resources.persistentVolume, 'volumes', volumeCopy);
    case 'createVolume': {
      const body = { ...volumeCopy, spec: { ...volumeCopy.spec, claimRef: repair.claimRef } };
      return [
        { ...base, action: 'create', request: createRequest(target.site, resources.persistentVolume, undefined, body) },
      ];
    }
    case 'patchVolume': {
      const request = patchRequest(target.site, resources.persistentVolume, undefined, base.name, repair.patch);
      return [{ ...base, action: 'repair', request, details: [repair.why] }];
    }
    case 'impossible':
      return [
        blocked(
          { ...base, kind: 'PersistentVolumeClaim', name: claimCopy.metadata.name },
          unrepairable(base, claimCopy, repair.why),
        ),
      ];
    default:
      return unreachable(repair);
  }
}

/** Creates the copy, or updates what is there to it. */
function copyStep(view: GroupView, type: ResourceType, subject: Subject, copy: KubeObject): readonly SyncStep[] {
  const { site } = view.target;
  const { name, namespace } = copy.metadata;
  const base = { site, kind: copy.kind, name, details: [] };
  const existing = memberOf(view, 'target', subject, name);
  if (!existing.known) return [blocked(base, unreadable(base, existing.why))];
  if (existing.value === undefined)
    return [{ ...base, action: 'create', request: createRequest(site, type, namespace, copy) }];
  const nameless = type === resources.persistentVolumeClaim ? namelessClaimPatch(existing.value, copy) : undefined;
  if (nameless !== undefined) {
    return [
      {
        ...base,
        action: 'repair',
        request: patchRequest(site, type, namespace, name, nameless.patch),
        details: [nameless.why],
      },
    ];
  }
  const update = updateOf(existing.value, copy);
  switch (update.kind) {
    case 'same':
      return [{ ...base, action: 'unchanged' }];
    case 'held':
      return [blocked(base, held(base, update.reason, update.paths))];
    case 'fixed':
      return [{ ...base, action: 'unchanged', finding: fixedFinding(base, update.fixed) }];
    case 'patch': {
      const request = patchRequest(site, type, namespace, name, update.patch);
      const warning = update.fixed.length === 0 ? {} : { finding: fixedFinding(base, update.fixed) };
      return [{ ...base, action: 'update', request, details: update.paths, ...warning }];
    }
    default:
      return unreachable(update);
  }
}

function namelessClaimPatch(existing: KubeObject, copy: KubeObject): { patch: JsonObject; why: string } | undefined {
  const volumeName = copy.spec?.['volumeName'];
  if (typeof volumeName !== 'string') return undefined;
  const repair = claimRepair(existing, undefined, volumeName);
  return repair.kind === 'patchClaim' ? repair : undefined;
}

type Base = Pick<SyncStep, 'site' | 'kind' | 'name' | 'details'>;

function memberOf(
  view: GroupView,
  side: 'source' | 'target',
  subject: Subject,
  name: string,
): Known<KubeObject | undefined> {
  const reading = readingOfSite(view[side], subject);
  return reading.known
    ? { known: true, value: reading.value.find((object) => object.metadata.name === name) }
    : reading;
}

function createRequest(
  site: SiteName,
  resource: ResourceType,
  namespace: string | undefined,
  body: unknown,
): KubeRequest {
  const place = resource.namespaced && namespace !== undefined ? { namespace } : {};
  return { api: 'kube', site, verb: 'create', resource, ...place, body: body as Json };
}

function patchRequest(
  site: SiteName,
  resource: ResourceType,
  namespace: string | undefined,
  name: string,
  body: JsonObject,
): KubeRequest {
  const place = resource.namespaced && namespace !== undefined ? { namespace } : {};
  return { api: 'kube', site, verb: 'patch', resource, ...place, name, patch: 'merge', body };
}

function blocked(base: Base, finding: Finding): SyncStep {
  return { ...base, action: 'blocked', finding };
}

function finding(base: Base, id: string, what: string, why: string, remedy: string): Finding {
  return { id, severity: 'error', site: base.site, object: `${base.kind} ${base.name}`, what, why, remedy };
}

const unreadable = (base: Base, why: string): Finding =>
  finding(
    base,
    'SiteUnreadable',
    `${base.kind} ${base.name} could not be read from ${base.site}`,
    why,
    'pgctl config test',
  );

const missing = (base: Base, remedy: string): Finding =>
  finding(
    base,
    `${base.kind}Missing`,
    `${base.kind} ${base.name} does not exist on ${base.site}`,
    'there is no object of that name',
    remedy,
  );

const notCopyable = (base: Base, vm: string): Finding =>
  finding(
    base,
    'SecretNotCopyable',
    `Secret ${base.name}, which ${vm} names, is a token of ${base.site}`,
    'a cluster issues such tokens for itself, and they are worth nothing elsewhere',
    'let the VM use a service account of that name on both clusters instead',
  );

const notReplicated = (base: Base, claim: ClaimView): Finding =>
  finding(
    base,
    claim.resource === undefined && claim.volume.known && claim.volume.value !== undefined
      ? 'VolumeNotReplicated'
      : 'ClaimNotBound',
    `PVC ${claim.name} of ${claim.virtualMachine} has no replicated volume on ${base.site}`,
    'only a claim that is bound to a replicated volume can be had on the other site',
    `kubectl --kubeconfig <kubeconfig of ${base.site}> describe pvc ${claim.name}`,
  );

const unrepairable = (base: Base, claim: KubeObject, why: string): Finding =>
  finding(
    { ...base, kind: 'PersistentVolumeClaim', name: claim.metadata.name },
    'ClaimNotRepairable',
    `PVC ${claim.metadata.name} on ${base.site} cannot be bound to ${base.name}`,
    why,
    `after a look at what it holds, delete the claim on ${base.site} (its volume is kept), then run the sync again`,
  );

const held = (base: Base, reason: 'MayRun' | 'NotOurCopy', paths: readonly string[]): Finding =>
  reason === 'MayRun'
    ? finding(
        base,
        'TargetMayRun',
        `${base.kind} ${base.name} on ${base.site} is not halted, and is left as it is`,
        `it differs in ${paths.join(', ')}`,
        `halt it on ${base.site} if it is the copy, then run the sync again`,
      )
    : finding(
        base,
        'NotOurCopy',
        `${base.kind} ${base.name} on ${base.site} is another object of that name`,
        `it was not copied from the other cluster, and differs in ${paths.join(', ')}`,
        `rename or remove one of the two; if it is meant to be the copy, delete it on ${base.site} and run the sync again`,
      );

const fixedFinding = (base: Base, fixed: readonly string[]): Finding => ({
  ...finding(
    base,
    'DefinitionFixed',
    `${base.kind} ${base.name} on ${base.site} differs in ${fixed.join(', ')}`,
    'these fields cannot be changed after creation',
    'harmless as long as it binds and starts; else delete it there (volumes are kept) and run the sync again',
  ),
  severity: 'warning',
});
