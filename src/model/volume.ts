import { drbdOperatorDriver, policyParameter } from './drbd-operator/installation.ts';
import { at, isJsonObject, listAt, objectAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';

/** Name under which linstor-csi serves; the provisioner of replicated StorageClasses and the driver of their volumes. */
export const linstorDriver = 'linstor.csi.linbit.com';

/** `status.phase` of a claim; undefined: not reported yet. */
export type ClaimPhase = 'Pending' | 'Bound' | 'Lost' | undefined;

export function claimPhaseOf(claim: KubeObject): ClaimPhase {
  const phase = textAt(claim, 'status', 'phase');
  return phase === 'Pending' || phase === 'Bound' || phase === 'Lost' ? phase : undefined;
}

/** Name of the PersistentVolume that a claim names; undefined while it names none. */
export function volumeNameOf(claim: KubeObject): string | undefined {
  const name = textAt(claim, 'spec', 'volumeName');
  return name === '' ? undefined : name;
}

/** Which claim a PersistentVolume is bound to or reserved for. Without `uid` it is a reservation. */
export interface ClaimReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
}

export function claimReferenceOf(volume: KubeObject): ClaimReference | undefined {
  const reference = at(volume, 'spec', 'claimRef');
  if (!isJsonObject(reference)) return undefined;
  const uid = textAt(reference, 'uid');
  return {
    namespace: textAt(reference, 'namespace') ?? '',
    name: textAt(reference, 'name') ?? '',
    uid: uid === '' ? undefined : uid,
  };
}

/**
 * The DRBD resource behind a PersistentVolume, from its volume handle; undefined for volumes of other drivers. LINSTOR's handle is
 * the resource name, or `name/<volume number>` (piraeusdatastore/linstor-csi pkg/driver/driver.go); that of DRBD Operator is the name
 * of the DRBDVolume.
 */
export function replicatedResourceOf(volume: KubeObject): string | undefined {
  const driver = textAt(volume, 'spec', 'csi', 'driver');
  const handle = textAt(volume, 'spec', 'csi', 'volumeHandle');
  const resource =
    driver === linstorDriver ? handle?.split('/')[0] : driver === drbdOperatorDriver ? handle : undefined;
  return resource === '' ? undefined : resource;
}

/** `Retain`, `Delete` or `Recycle`; the API's default for a volume made by hand is Retain. */
export function reclaimPolicyOf(volume: KubeObject): string {
  return textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') ?? 'Retain';
}

export function accessModesOf(object: KubeObject): readonly string[] {
  return listAt(object, 'spec', 'accessModes').filter((mode) => typeof mode === 'string');
}

/** `Block` or `Filesystem`, the API's default. */
export function volumeModeOf(object: KubeObject): string {
  return textAt(object, 'spec', 'volumeMode') ?? 'Filesystem';
}

export function storageClassNameOf(object: KubeObject): string {
  const legacy = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return textAt(object, 'spec', 'storageClassName') ?? legacy ?? '';
}

/** The VolumeAttachments of some PersistentVolumes: while one exists the volume may be open on its node. */
export function attachmentsOf(
  volumeNames: ReadonlySet<string>,
  attachments: readonly KubeObject[],
): readonly KubeObject[] {
  return attachments.filter((attachment) =>
    volumeNames.has(textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? ''),
  );
}

/** What a StorageClass says about copies of its volumes. It says nothing about where they are: that shows in LINSTOR only. */
export type ReplicationReading =
  | { readonly kind: 'replicated'; readonly copies: number; readonly parameter: string }
  | { readonly kind: 'single'; readonly copies: number; readonly parameter: string }
  /** The provisioner is of another storage. */
  | { readonly kind: 'foreign'; readonly provisioner: string }
  /** DRBD Operator's: the policy that says it is not there, or none is named. */
  | { readonly kind: 'policyless'; readonly policy: string | undefined }
  /** The parameter is no whole number: linstor-csi refuses to provision. */
  | { readonly kind: 'invalid'; readonly parameter: string; readonly value: string };

/**
 * How many copies a StorageClass asks for. `placementCount` and `autoPlace` are one setting with default 1; keys are compared
 * without case and may carry the driver's name as prefix. A node list places by hand: then its length counts.
 * Source: piraeusdatastore/linstor-csi pkg/volume/parameter.go. Of DRBD Operator's classes a policy says it: one copy for each
 * cluster that it lists.
 */
export function replicationOf(storageClass: KubeObject, policies: readonly KubeObject[] = []): ReplicationReading {
  const provisioner = textAt(storageClass, 'provisioner') ?? '';
  if (provisioner === drbdOperatorDriver)
    return byPolicy(textAt(storageClass, 'parameters', policyParameter), policies);
  if (provisioner !== linstorDriver) return { kind: 'foreign', provisioner };
  const parameters = linstorParametersOf(storageClass);
  const nodes = (parameters.get('nodelist') ?? '').split(/\s+/).filter((node) => node !== '');
  if (nodes.length > 0) return byCount(nodes.length, 'nodeList');
  const given = ['placementcount', 'autoplace'].find((name) => parameters.has(name));
  const parameter = given === 'autoplace' ? 'autoPlace' : 'placementCount';
  const value = (given === undefined ? undefined : parameters.get(given)) ?? '';
  if (value === '') return byCount(1, parameter);
  return /^\d+$/.test(value) ? byCount(Number(value), parameter) : { kind: 'invalid', parameter, value };
}

function byPolicy(name: string | undefined, policies: readonly KubeObject[]): ReplicationReading {
  const policy = policies.find(({ metadata }) => metadata.name === name);
  if (policy === undefined) return { kind: 'policyless', policy: name };
  return byCount(listAt(policy, 'spec', 'clusters').length, `the number of clusters of policy ${name}`);
}

function byCount(copies: number, parameter: string): ReplicationReading {
  return { kind: copies >= 2 ? 'replicated' : 'single', copies, parameter };
}

/** Parameters of the driver's own and of the empty namespace, by lower-case name without prefix. */
function linstorParametersOf(storageClass: KubeObject): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [key, value] of Object.entries(objectAt(storageClass, 'parameters'))) {
    const [name, namespace = ''] = key.split('/').reverse();
    const isOwn = namespace === '' || namespace.toLowerCase() === linstorDriver;
    if (isOwn && name !== undefined && typeof value === 'string') parameters.set(name.toLowerCase(), value.trim());
  }
  return parameters;
}
