import type { CapacityRange, CsiAnswer, Topology, VolumeCapability } from '../behaviours/storage/csi-ports.ts';
import { failed, missingArgument } from './answers.ts';
import { allocationFor, fileSystemOf } from './create-volume.ts';
import { findVolume, sizeOf } from './existing-volume.ts';
import type { LinstorClient, SeenReplica } from './linstor-client.ts';
import { readParameters } from './parameters.ts';
import { nodesAt } from './placement.ts';
import { accessibleSegments, type Segments } from './remote-access.ts';

/** What ListVolumes and ControllerGetVolume tell of a volume. */
export interface VolumeEntry {
  readonly volume: { readonly volumeId: string; readonly capacityBytes: string };
  readonly status: { readonly volumeCondition: { readonly abnormal?: true; readonly message: string } };
}

export interface VolumeList {
  readonly entries?: readonly VolumeEntry[];
  readonly nextToken?: string;
}

/** ListVolumes. A page always ends at `maxEntries`, whatever it begins with: the second one is empty. */
export function listVolumes(
  client: LinstorClient,
  { maxEntries = 0, startingToken = '' }: { readonly maxEntries?: number; readonly startingToken?: string },
): CsiAnswer<VolumeList> {
  const volumes = client.volumes();
  const replicas = client.allReplicas();
  if (!/^[+-]?\d*$/.test(startingToken)) {
    const fault = `strconv.ParseInt: parsing ${JSON.stringify(startingToken)}: invalid syntax`;
    return failed('Aborted', `ListVolumes failed for: failed to parse starting token: ${fault}`);
  }
  const isCut = maxEntries > 0 && volumes.length > maxEntries;
  const page = volumes.slice(Number(startingToken), isCut ? maxEntries : volumes.length);
  const entries = page.map(({ name, sizeKib }) => {
    const own = replicas.filter((replica) => replica.name === name);
    return entryOf(name, sizeKib * 1024, own);
  });
  const value = { ...(entries.length === 0 ? {} : { entries }), ...(isCut ? { nextToken: String(maxEntries) } : {}) };
  return { kind: 'ok', value };
}

/** ControllerGetVolume. The condition is that of all replicas of all volumes: the cached view knows no filter. */
export function getVolume(client: LinstorClient, volumeId: string): CsiAnswer<VolumeEntry> {
  const present = findVolume(client, volumeId);
  if (present === undefined) return failed('NotFound', `no volume '${volumeId}' found`);
  return { kind: 'ok', value: entryOf(volumeId, sizeOf(present), client.allReplicas()) };
}

/** ValidateVolumeCapabilities: what the volume can do, whatever it was made for. */
export function validateCapabilities(
  client: LinstorClient,
  volumeId: string,
  volumeCapabilities: readonly VolumeCapability[],
): CsiAnswer<{ readonly confirmed: { readonly volumeCapabilities: readonly VolumeCapability[] } }> {
  const call = 'ValidateVolumeCapabilities';
  if (volumeId === '') return missingArgument(call, '', 'volumeId');
  if (volumeCapabilities.length === 0) return missingArgument(call, volumeId, 'VolumeCapabilities');
  if (findVolume(client, volumeId) === undefined)
    return failed('NotFound', `${call} failed for ${volumeId}: volume not present in storage backend`);
  const fsType = fileSystemOf(volumeCapabilities);
  if (fsType instanceof Error)
    return failed('InvalidArgument', `${call} failed to validate capabilities for ${volumeId}: ${fsType.message}`);
  return { kind: 'ok', value: { confirmed: { volumeCapabilities } } };
}

/** ControllerExpandVolume: a volume grows and never shrinks. */
export function expandVolume(
  client: LinstorClient,
  volumeId: string,
  range: CapacityRange,
  capability: VolumeCapability | undefined,
): CsiAnswer<{ readonly capacityBytes: string; readonly nodeExpansionRequired?: true }> {
  const call = 'ControllerExpandVolume';
  if (volumeId === '') return missingArgument(call, '', 'VolumeId');
  const present = findVolume(client, volumeId);
  if (present === undefined) return failed('Internal', `${call} - resource-definitions ${volumeId} not found`);
  const bytes = allocationFor(range, present.fsType);
  if (bytes instanceof Error)
    return failed('Internal', `${call} - expand volume failed for volume id ${volumeId}: ${bytes.message}`);
  const [before, after] = [client.volumeDefinition(volumeId)?.sizeKib ?? 0, bytes / 1024];
  if (after < before) {
    const fault = `storage only support expand does not support reduce.volumeInfo: ${volumeId} old: ${before}, new: ${after}`;
    return failed('Internal', `${call} - expand volume failed for ${volumeId}: ${fault}`);
  }
  const path = `/v1/resource-definitions/${volumeId}/volume-definitions/0`;
  const failure = after === before ? undefined : client.change('PUT', path, { size_kib: after });
  if (failure !== undefined)
    return failed('Internal', `${call} - expand volume failed for ${volumeId}: ${failure.text}`);
  const needsNode = capability?.block === undefined;
  return { kind: 'ok', value: { capacityBytes: String(bytes), ...(needsNode ? { nodeExpansionRequired: true } : {}) } };
}

/** GetCapacity: free space of the class's pools on the nodes from which a volume at that place could be reached. */
export function getCapacity(
  client: LinstorClient,
  request: { readonly parameters?: Readonly<Record<string, string>>; readonly accessibleTopology?: Topology },
  propertySpace: string,
): CsiAnswer<{ readonly availableCapacity: string }> {
  const parameters = readParameters(request.parameters ?? {}, propertySpace);
  if (parameters instanceof Error) return failed('InvalidArgument', `invalid parameters: ${parameters.message}`);
  const pools = parameters.filter.storage_pool_list;
  const wanted = Array.isArray(pools) ? new Set<unknown>(pools) : undefined;
  const freeAt = (place: Segments): number => {
    const nodes = nodesAt(client, place, propertySpace);
    const usable = client.pools().filter(({ node, name, diskless }) => {
      return !diskless && nodes.includes(node) && (wanted === undefined || wanted.has(name));
    });
    client.nodes();
    return usable.reduce((sum, { freeKib }) => sum + freeKib, 0) * 1024;
  };
  const places = accessibleSegments(parameters.access, request.accessibleTopology?.segments ?? {});
  return { kind: 'ok', value: { availableCapacity: String(Math.max(0, ...places.map(freeAt))) } };
}

function entryOf(volumeId: string, bytes: number, replicas: readonly SeenReplica[]): VolumeEntry {
  const troubled = replicas.filter(({ inUse, score }) => inUse === undefined || score === 0).map(({ node }) => node);
  const volumeCondition =
    troubled.length === 0
      ? { message: 'Volume healthy' }
      : { abnormal: true as const, message: `Resource with issues on node(s): ${troubled.join(',')}` };
  return { volume: { volumeId, capacityBytes: String(bytes) }, status: { volumeCondition } };
}
