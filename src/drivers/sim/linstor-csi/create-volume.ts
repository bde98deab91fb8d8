import type { JsonObject } from '../../../model/json.ts';
import { linstorDriver } from '../../../model/volume.ts';
import type {
  CapacityRange,
  CreatedVolume,
  CreateVolumeRequest,
  CsiAnswer,
  VolumeCapability,
} from '../behaviours/storage/csi-ports.ts';
import { failed, missingArgument } from './answers.ts';
import { refuseSource } from './content-source.ts';
import { deleteEverything } from './delete-volume.ts';
import { findVolume, sizeOf, type PresentVolume } from './existing-volume.ts';
import type { LinstorClient } from './linstor-client.ts';
import { volumeIdFor } from './names.ts';
import { type ClassParameters, groupChange, readParameters } from './parameters.ts';
import { accessibleTopology, placeReplicas } from './placement.ts';
import { accessPolicyText } from './remote-access.ts';

/** What marks a definition as made by the driver, to its end. */
export const provisioningMark = 'Aux/csi-provisioning-completed-by';
const driverVersion = 'linstor-csi/v1.12.0';

type Answer = CsiAnswer<{ readonly volume: CreatedVolume }>;

/**
 * CreateVolume: a volume that is there is checked and answered, whatever is missing of a new one is made. A failure on the way
 * destroys everything under that name, also what was there before and had no mark of the driver.
 * Sources: `CreateVolume` in `pkg/driver/driver.go`, `Create` and `reconcile…` in `pkg/client/linstor.go`.
 */
export function createVolume(client: LinstorClient, request: CreateVolumeRequest, propertySpace: string): Answer {
  const { name = '', volumeCapabilities = [], parameters: raw = {} } = request;
  if (name === '') return missingArgument('CreateVolume', '', 'Name');
  if (volumeCapabilities.length === 0) return missingArgument('ValidateVolumeCapabilities', name, 'VolumeCapabilities');
  const fsType = fileSystemOf(volumeCapabilities);
  if (fsType instanceof Error) return failed('InvalidArgument', `CreateVolume failed for ${name}: ${fsType.message}`);
  const bytes = allocationFor(request.capacityRange ?? {}, fsType);
  if (bytes instanceof Error) return failed('Internal', `CreateVolume failed for ${name}: ${bytes.message}`);
  const parameters = readParameters(raw, propertySpace);
  if (parameters instanceof Error)
    return failed('InvalidArgument', `failed to parse parameters: ${parameters.message}`);
  const claim = claimOf(raw);
  const id = volumeIdFor(name, parameters.usePvcName ? claim : undefined);
  const present = findVolume(client, id);
  if (present !== undefined && present.fsType !== '' && fsType !== '' && present.fsType !== fsType) {
    const message = `FsType don't match: existing: '${present.fsType}', requested: '${fsType}'`;
    return failed('AlreadyExists', message);
  }
  if (present?.definition.properties.get(provisioningMark)?.startsWith('linstor-csi') === true) {
    const mismatch = mismatchOf(present, bytes, parameters);
    if (mismatch !== undefined)
      return failed('AlreadyExists', `CreateVolume failed for ${id}: volume already present, but ${mismatch}`);
  } else if (request.volumeContentSource !== undefined) {
    return refuseSource(client, name, request.volumeContentSource);
  } else {
    const wish = { id, bytes, fsType, parameters, claim, requirements: request.accessibilityRequirements ?? {} };
    const fault = makeVolume(client, wish, propertySpace);
    if (fault !== undefined) {
      deleteEverything(client, id);
      return failed('Internal', `CreateVolume failed for ${id}: ${fault}`);
    }
  }
  const topology = accessibleTopology(client, id, parameters.access, propertySpace);
  const volume: CreatedVolume = {
    volumeId: id,
    capacityBytes: String(bytes),
    volumeContext: contextOf(parameters),
    ...(topology.length === 0 ? {} : { accessibleTopology: topology }),
    ...(request.volumeContentSource === undefined ? {} : { contentSource: request.volumeContentSource }),
  };
  return { kind: 'ok', value: { volume } };
}

/** The file system that the capabilities ask for; '' for a block volume. */
export function fileSystemOf(capabilities: readonly VolumeCapability[]): string | Error {
  const mounts = capabilities.filter(({ mount }) => mount !== undefined);
  if (mounts.length === 0) return '';
  if (mounts.length < capabilities.length) return new Error('unsupported FileSystem and Block mode on the same volume');
  for (const { accessMode } of mounts) {
    const mode = accessMode?.mode ?? 'UNKNOWN';
    if (mode === 'MULTI_NODE_MULTI_WRITER' || mode === 'MULTI_NODE_SINGLE_WRITER')
      return new Error(`unsupported access mode '${mode}' for FileSystem volumes, NFS export not enabled`);
    if (mode === 'UNKNOWN') return new Error(`unsupported access mode: '${mode}'`);
  }
  return mounts[0]?.mount?.fsType || 'ext4';
}

/** Bytes to allocate: whole KiB, at least what the file system needs. */
export function allocationFor(
  { requiredBytes = '0', limitBytes = '0' }: CapacityRange,
  fsType: string,
): number | Error {
  const least = smallestVolume[fsType] ?? 4096;
  const limit = Number(limitBytes);
  if (limit !== 0 && least > limit) {
    const what = `LINSTOR's minimum volume size (${least}) exceeds the maximum size limit (${limit})`;
    return new Error(`${what} of the requested volume`);
  }
  const bytes = Math.ceil(Math.max(Number(requiredBytes), least) / 1024) * 1024;
  if (limit === 0 || bytes <= limit) return bytes;
  return new Error(
    `got request for ${requiredBytes} bytes of storage, but needed to allocate ${bytes - limit} more bytes than the ${limit} byte limit`,
  );
}

const smallestVolume: Readonly<Record<string, number>> = { ext4: 2 << 20, xfs: 300 << 20 };

interface VolumeWish {
  readonly id: string;
  readonly bytes: number;
  readonly fsType: string;
  readonly parameters: ClassParameters;
  readonly claim: { readonly namespace: string; readonly name: string } | undefined;
  readonly requirements: NonNullable<CreateVolumeRequest['accessibilityRequirements']>;
}

/** Makes what is missing of a volume. Answers why it could not. */
function makeVolume(client: LinstorClient, wish: VolumeWish, propertySpace: string): string | undefined {
  const { id, parameters, claim, requirements } = wish;
  const fault =
    reconcileGroup(client, parameters) ??
    reconcileDefinition(client, id, parameters.group) ??
    reconcileVolumeDefinition(client, wish) ??
    placeReplicas(client, id, parameters, requirements, propertySpace);
  if (fault !== undefined) return fault;
  const properties = {
    [provisioningMark]: driverVersion,
    ...(claim === undefined ? {} : { [`Aux/${claimName}`]: claim.name, [`Aux/${claimNamespace}`]: claim.namespace }),
  };
  return client.change('PUT', `/v1/resource-definitions/${id}`, { override_props: properties })?.text;
}

function reconcileGroup(client: LinstorClient, parameters: ClassParameters): string | undefined {
  const { group: name } = parameters;
  let group = client.group(name);
  if (group === undefined) {
    const failure = client.change('POST', '/v1/resource-groups', { name, select_filter: {} });
    if (failure !== undefined) return failure.text;
    group = client.group(name);
  }
  const change = groupChange(parameters, group);
  if (change instanceof Error) return change.message;
  if (change !== undefined) {
    const failure = client.change('PUT', `/v1/resource-groups/${name}`, change);
    if (failure !== undefined) return failure.text;
  }
  client.group(name);
  return undefined;
}

function reconcileDefinition(client: LinstorClient, id: string, group: string): string | undefined {
  const present = client.definition(id);
  if (present === undefined) {
    const body = { resource_definition: { name: id, resource_group_name: group } };
    const failure = client.change('POST', '/v1/resource-definitions', body);
    if (failure !== undefined) return failure.text;
    client.definition(id);
    return undefined;
  }
  if (present.deleting) return `'reconcile resource definition' failed, resource definition ${id} is being deleted`;
  if (present.group === group) return undefined;
  return `resource definition "${id}" already belongs to resource group "${present.group}", but "${group}" was requested`;
}

function reconcileVolumeDefinition(
  client: LinstorClient,
  { id, bytes, fsType, parameters }: VolumeWish,
): string | undefined {
  const path = `/v1/resource-definitions/${id}/volume-definitions`;
  const sizeKib = bytes / 1024;
  const present = client.volumeDefinition(id);
  if (present === undefined) {
    const props: JsonObject = { 'FileSystem/MkfsParams': parameters.fsOptions, 'FileSystem/Type': fsType };
    const volume = { volume_number: 0, size_kib: sizeKib, ...(fsType === '' ? {} : { props }) };
    const failure = client.change('POST', path, { volume_definition: volume });
    if (failure !== undefined) return failure.text;
    client.volumeDefinition(id);
    return undefined;
  }
  return present.sizeKib === sizeKib ? undefined : client.change('PUT', `${path}/0`, { size_kib: sizeKib })?.text;
}

function mismatchOf(present: PresentVolume, bytes: number, { group }: ClassParameters): string | undefined {
  if (sizeOf(present) !== bytes) return `size differs on volume 0 (existing: ${sizeOf(present)}, wanted: ${bytes})`;
  const existing = present.definition.group;
  return existing === group ? undefined : `resource group differs (existing: ${existing}, wanted: ${group})`;
}

const claimName = 'csi.storage.k8s.io/pvc/name';
const claimNamespace = 'csi.storage.k8s.io/pvc/namespace';

function claimOf(raw: Readonly<Record<string, string>>): VolumeWish['claim'] {
  const [name = '', namespace = ''] = [raw[claimName], raw[claimNamespace]];
  return name === '' || namespace === '' ? undefined : { namespace, name };
}

function contextOf(parameters: ClassParameters): Readonly<Record<string, string>> {
  return {
    [`${linstorDriver}/mount-options`]: parameters.mountOptions,
    [`${linstorDriver}/post-mount-xfs-opts`]: parameters.postMountXfsOptions,
    [`${linstorDriver}/remote-access-policy`]: accessPolicyText(parameters.access),
    [`${linstorDriver}/uses-volume-context`]: 'true',
  };
}
