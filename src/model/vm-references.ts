import { flagAt, isJsonObject, type Json, listAt, objectAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import { keepLast } from './memo.ts';

export type ReferenceKind =
  | 'claim'
  | 'secret'
  | 'configMap'
  | 'serviceAccount'
  | 'network'
  | 'instancetype'
  | 'preference'
  | 'priorityClass'
  | 'scheduler'
  | 'nodeSelector'
  | 'resourceClaim'
  | 'device'
  | 'image'
  | 'nodePath';

/**
 * What the other site does about a thing that a VM names.
 * - `replicated`: its data is a replicated volume; claim and volume are copied
 * - `copied`: its content is copied
 * - `needed`: must be there under the same name; never made by us
 * - `unprotected`: lives on one node of this site only, and is lost with it
 */
export type ReferenceHandling = 'replicated' | 'copied' | 'needed' | 'unprotected';

export interface VmReference {
  readonly kind: ReferenceKind;
  readonly handling: ReferenceHandling;
  /** Kind of the Kubernetes object where there are several (`VirtualMachineClusterInstancetype`). */
  readonly objectKind?: string;
  /** Absent for what is not namespaced. */
  readonly namespace?: string;
  readonly name: string;
  /** Where the VM names it, as a field path. */
  readonly path: string;
  /** The VM starts without it. */
  readonly optional?: boolean;
  /** A claim that KubeVirt made for the VM's own state (vTPM, EFI variables). */
  readonly persistentState?: boolean;
}

/**
 * Everything that a VM names and cannot run without, each once, in the order of its definition.
 * `claims` of its namespace, where known, add the claim that KubeVirt made for persistent vTPM or EFI state.
 * Source: kubevirt/kubevirt staging/src/kubevirt.io/api/core/v1/schema.go.
 */
export function referencesOf(vm: KubeObject, claims: readonly KubeObject[] = []): readonly VmReference[] {
  const namespace = vm.metadata.namespace ?? '';
  const template = objectAt(vm, 'spec', 'template', 'spec');
  const found: Draft[] = [
    ...listAt(template, 'volumes').flatMap((volume, index) =>
      volumeReferences(volume, `${specPath}.volumes[${index}]`),
    ),
    ...listAt(template, 'utilityVolumes').flatMap((volume, index) =>
      named('claim', 'replicated', volume, 'claimName', `${specPath}.utilityVolumes[${index}]`),
    ),
    ...persistentStateClaimsOf(vm, claims).map((claim) => persistentStateReference(claim)),
    ...listAt(template, 'accessCredentials').flatMap(credentialReferences),
    ...named('serviceAccount', 'needed', template, 'serviceAccountName', specPath),
    ...listAt(template, 'networks').flatMap((network, index) => networkReference(network, index, namespace)),
    ...catalogueReference(vm, 'instancetype', 'VirtualMachineClusterInstancetype'),
    ...catalogueReference(vm, 'preference', 'VirtualMachineClusterPreference'),
    ...named('priorityClass', 'needed', template, 'priorityClassName', specPath),
    ...schedulerReference(template),
    ...nodeSelectorReferences(template),
    ...deviceReferences(template),
    ...kernelBootReferences(template),
  ];
  return unique(found.map((draft) => withNamespace(draft, namespace)));
}

const lastReferences = keepLast<readonly VmReference[]>();

/** `referencesOf` without state claims, found only once for a definition: a new status or power names nothing new. */
export function knownReferencesOf(vm: KubeObject): readonly VmReference[] {
  const { name, namespace } = vm.metadata;
  const { instancetype, preference } = vm.spec ?? {};
  return lastReferences([templateOf(vm), instancetype, preference, name, namespace], () => referencesOf(vm));
}

/** What a VM's instances are made from; the VM itself where it has none. The same object for as long as it has not changed. */
export function templateOf(vm: KubeObject): object {
  const template = vm.spec?.template;
  return isJsonObject(template) ? template : vm;
}

const lastClaimNames = keepLast<readonly string[]>();

/** `claimNamesOf`, found only once for a template, but for VMs whose state claims are found among all claims. */
export function knownClaimNamesOf(vm: KubeObject, claims: readonly KubeObject[]): readonly string[] {
  if (keepsPersistentState(vm)) return claimNamesOf(vm, claims);
  return lastClaimNames([templateOf(vm)], () => claimNamesOf(vm));
}

/** Names of the claims that hold a VM's disks and state, each once. The short way through `referencesOf`, for every pass. */
export function claimNamesOf(vm: KubeObject, claims: readonly KubeObject[] = []): readonly string[] {
  const names = new Set<string>();
  const add = (name: string | undefined): void => {
    if (name !== undefined && name !== '') names.add(name);
  };
  for (const volume of listAt(vm, 'spec', 'template', 'spec', 'volumes')) {
    add(textAt(volume, 'persistentVolumeClaim', 'claimName'));
    add(textAt(volume, 'dataVolume', 'name'));
    add(textAt(volume, 'ephemeral', 'persistentVolumeClaim', 'claimName'));
    add(textAt(volume, 'memoryDump', 'claimName'));
  }
  for (const volume of listAt(vm, 'spec', 'template', 'spec', 'utilityVolumes')) add(textAt(volume, 'claimName'));
  for (const claim of persistentStateClaimsOf(vm, claims)) names.add(claim.metadata.name);
  return [...names];
}

/** True when the VM keeps vTPM or EFI variables over restarts, so that a claim for them must exist. */
export function keepsPersistentState(vm: KubeObject): boolean {
  const domain = objectAt(vm, 'spec', 'template', 'spec', 'domain');
  return (
    (flagAt(domain, 'devices', 'tpm', 'persistent') === true &&
      flagAt(domain, 'devices', 'tpm', 'enabled') !== false) ||
    flagAt(domain, 'firmware', 'bootloader', 'efi', 'persistent') === true
  );
}

/**
 * The claims with persistent vTPM or EFI state of a VM: labelled `persistent-state-for: <name>`, on older releases named so.
 * Source: kubevirt/kubevirt pkg/storage/backend-storage/backend-storage.go.
 */
export function persistentStateClaimsOf(vm: KubeObject, claims: readonly KubeObject[]): readonly KubeObject[] {
  if (!keepsPersistentState(vm)) return [];
  const { name, namespace } = vm.metadata;
  return claims.filter(
    (claim) =>
      claim.metadata.namespace === namespace &&
      (claim.metadata.labels?.['persistent-state-for'] === name ||
        claim.metadata.name === `persistent-state-for-${name}`),
  );
}

type Draft = VmReference & { readonly clusterScoped?: boolean };

const specPath = 'spec.template.spec';

function volumeReferences(volume: Json, path: string): readonly Draft[] {
  return [
    ...named('claim', 'replicated', volume, 'persistentVolumeClaim.claimName', path),
    ...named('claim', 'replicated', volume, 'dataVolume.name', path),
    ...named('claim', 'replicated', volume, 'ephemeral.persistentVolumeClaim.claimName', path),
    ...named('claim', 'replicated', volume, 'memoryDump.claimName', path),
    ...['cloudInitNoCloud', 'cloudInitConfigDrive'].flatMap((source) => [
      ...named('secret', 'copied', volume, `${source}.secretRef.name`, path),
      ...named('secret', 'copied', volume, `${source}.networkDataSecretRef.name`, path),
    ]),
    ...optionally(volume, 'secret', named('secret', 'copied', volume, 'secret.secretName', path)),
    ...optionally(volume, 'configMap', named('configMap', 'copied', volume, 'configMap.name', path)),
    ...named('secret', 'copied', volume, 'sysprep.secret.name', path),
    ...named('configMap', 'copied', volume, 'sysprep.configMap.name', path),
    ...named('serviceAccount', 'needed', volume, 'serviceAccount.serviceAccountName', path),
    ...named('image', 'needed', volume, 'containerDisk.image', path),
    ...named('secret', 'copied', volume, 'containerDisk.imagePullSecret', path),
    ...named('nodePath', 'unprotected', volume, 'hostDisk.path', path),
    ...named('nodePath', 'unprotected', volume, 'containerPath.path', path),
  ];
}

function persistentStateReference(claim: KubeObject): Draft {
  return {
    kind: 'claim',
    handling: 'replicated',
    name: claim.metadata.name,
    path: `${specPath}.domain`,
    persistentState: true,
  };
}

function credentialReferences(credential: Json, index: number): readonly Draft[] {
  const path = `${specPath}.accessCredentials[${index}]`;
  return ['sshPublicKey', 'userPassword'].flatMap((kind) =>
    named('secret', 'copied', credential, `${kind}.source.secret.secretName`, path),
  );
}

/** `networkName` is a NetworkAttachmentDefinition, in the VM's namespace unless it says another: `[namespace/]name`. */
function networkReference(network: Json, index: number, namespace: string): readonly Draft[] {
  const [reference] = named('network', 'needed', network, 'multus.networkName', `${specPath}.networks[${index}]`);
  if (reference === undefined) return [];
  const [name = '', other = namespace] = reference.name.split('/').reverse();
  return [{ ...reference, objectKind: 'NetworkAttachmentDefinition', name, namespace: other }];
}

function catalogueReference(
  vm: KubeObject,
  kind: 'instancetype' | 'preference',
  defaultKind: string,
): readonly Draft[] {
  const [reference] = named(kind, 'needed', objectAt(vm, 'spec', kind), 'name', `spec.${kind}`);
  if (reference === undefined) return [];
  const objectKind = textAt(vm, 'spec', kind, 'kind') ?? defaultKind;
  const clusterScoped = objectKind.toLowerCase().startsWith('virtualmachinecluster');
  return [{ ...reference, objectKind, clusterScoped }];
}

function schedulerReference(template: Json): readonly Draft[] {
  return named('scheduler', 'needed', template, 'schedulerName', specPath).filter(
    (reference) => reference.name !== 'default-scheduler',
  );
}

/** Labels that a node of the other site must carry too; a host name never does. */
function nodeSelectorReferences(template: Json): readonly Draft[] {
  return Object.keys(objectAt(template, 'nodeSelector')).map((label) => ({
    kind: 'nodeSelector',
    handling: 'needed',
    name: `${label}=${textAt(template, 'nodeSelector', label) ?? ''}`,
    path: `${specPath}.nodeSelector`,
    clusterScoped: true,
  }));
}

function deviceReferences(template: Json): readonly Draft[] {
  const devices = ['gpus', 'hostDevices'].flatMap((list) =>
    listAt(template, 'domain', 'devices', list).flatMap((device, index) =>
      named('device', 'needed', device, 'deviceName', `${specPath}.domain.devices.${list}[${index}]`),
    ),
  );
  const claims = listAt(template, 'resourceClaims').flatMap((claim, index) =>
    ['resourceClaimName', 'resourceClaimTemplateName'].flatMap((field) =>
      named('resourceClaim', 'needed', claim, field, `${specPath}.resourceClaims[${index}]`),
    ),
  );
  return [...devices, ...claims];
}

function kernelBootReferences(template: Json): readonly Draft[] {
  const container = objectAt(template, 'domain', 'firmware', 'kernelBoot', 'container');
  const path = `${specPath}.domain.firmware.kernelBoot.container`;
  return [
    ...named('image', 'needed', container, 'image', path),
    ...named('secret', 'copied', container, 'imagePullSecret', path),
  ];
}

/** The reference whose name is at `field` (dotted) below `path`; none when the field is absent or empty. */
function named(
  kind: ReferenceKind,
  handling: ReferenceHandling,
  holder: Json,
  field: string,
  path: string,
): readonly Draft[] {
  const name = textAt(holder, ...field.split('.'));
  return name === undefined || name === '' ? [] : [{ kind, handling, name, path: `${path}.${field}` }];
}

function optionally(volume: Json, source: string, references: readonly Draft[]): readonly Draft[] {
  return flagAt(volume, source, 'optional') === true
    ? references.map((reference) => ({ ...reference, optional: true }))
    : references;
}

const namespacedKinds: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'claim',
  'secret',
  'configMap',
  'serviceAccount',
  'network',
  'instancetype',
  'preference',
  'resourceClaim',
]);

function withNamespace({ clusterScoped = false, ...reference }: Draft, namespace: string): VmReference {
  return clusterScoped || !namespacedKinds.has(reference.kind) ? reference : { namespace, ...reference };
}

/** Each thing once: a Secret with user and network data is one Secret. What is required anywhere is required. */
function unique(references: readonly VmReference[]): readonly VmReference[] {
  const first = new Map<string, VmReference>();
  for (const reference of references) {
    const key = [reference.kind, reference.objectKind, reference.namespace, reference.name].join('\n');
    const before = first.get(key);
    if (before === undefined || (before.optional === true && reference.optional !== true)) first.set(key, reference);
  }
  return [...first.values()];
}
