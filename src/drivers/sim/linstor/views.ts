import type { Instant } from '../../../model/instant.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { entryOf } from './answer.ts';
import { notConnected } from './satellites.ts';
import {
  type KeyValueStore,
  type LinstorNode,
  type LinstorResource,
  type NetInterface,
  type Properties,
  type Report,
  type ResourceDefinition,
  type ResourceGroup,
  sorted,
  type StoragePool,
  type VolumeDefinition,
  type VolumeGroup,
  volumesOf,
} from './store.ts';

/*
 * The answers' shapes, as recorded from a real controller. What is empty or not known is left out, never null: an absent
 * `state`, `connections`, `promotion_score` or `may_promote` means that the satellite has not told.
 */

export function nodeView(node: LinstorNode): JsonObject {
  const offline = node.connection === 'OFFLINE';
  return {
    name: node.name,
    type: node.type,
    props: propertiesView(node.properties),
    net_interfaces: node.interfaces.map((each, index) => interfaceView(each, index === 0)),
    connection_status: offline ? 'OFFLINE' : 'ONLINE',
    uuid: node.uuid,
    storage_providers: ['DISKLESS', 'LVM', 'LVM_THIN', 'FILE', 'FILE_THIN', 'REMOTE_SPDK', 'EBS_INIT', 'EBS_TARGET'],
    resource_layers: [...node.layers],
    ...(offline
      ? { eviction_timestamp: node.evictionAt }
      : { platform: 'LINUX', os_variant: 'Debian GNU/Linux 12 (bookworm)' }),
  };
}

export function interfaceView(each: NetInterface, isActive: boolean): JsonObject {
  const { satellite } = each;
  return {
    name: each.name,
    address: each.address,
    ...(satellite === undefined
      ? {}
      : { satellite_port: satellite.port, satellite_encryption_type: satellite.encryption, is_active: isActive }),
    uuid: each.uuid,
  };
}

export function definitionView(definition: ResourceDefinition, withVolumes: boolean): JsonObject {
  return {
    name: definition.name,
    ...(definition.externalName === undefined ? {} : { external_name: definition.externalName }),
    ...optional('props', propertiesView(definition.properties)),
    ...(definition.deleting ? { flags: ['DELETE'] } : {}),
    ...(definition.wasPlaced ? { layer_data: layersOf(definition, drbdDefinition(definition)) } : {}),
    uuid: definition.uuid,
    resource_group_name: definition.group,
    ...(withVolumes && definition.volumes.size > 0
      ? { volume_definitions: volumesOf(definition).map((volume) => volumeDefinitionView(definition, volume)) }
      : {}),
  };
}

/** One entry for each layer; `data` is what DRBD knows. */
function layersOf(definition: ResourceDefinition, data: JsonObject): JsonObject[] {
  return definition.layers.map((type) => (type === 'DRBD' ? { type, data } : { type }));
}

export function volumeDefinitionView(definition: ResourceDefinition, volume: VolumeDefinition): JsonObject {
  const layers = layersOf(definition, { volume_number: volume.number, minor_number: volume.minor });
  return {
    volume_number: volume.number,
    size_kib: volume.sizeKib,
    props: { DrbdCurrentGi: volume.generation, ...propertiesView(volume.properties) },
    ...(definition.resources.size > 0 ? { flags: ['DRBD_INITIALIZED'] } : {}),
    ...(definition.wasPlaced ? { layer_data: layers } : {}),
    uuid: volume.uuid,
  };
}

export function groupView(group: ResourceGroup): JsonObject {
  return {
    name: group.name,
    ...(group.description === undefined ? {} : { description: group.description }),
    ...optional('props', propertiesView(group.properties)),
    select_filter: group.filter as unknown as JsonObject,
    uuid: group.uuid,
  };
}

export function storagePoolView(node: LinstorNode, pool: StoragePool, at: Instant): JsonObject {
  const thin = pool.provider.endsWith('_THIN');
  const room = { free_capacity: pool.freeKib, total_capacity: pool.totalKib };
  return {
    storage_pool_name: pool.name,
    node_name: node.name,
    provider_kind: pool.provider,
    props: propertiesView(pool.properties),
    static_traits: { Provisioning: thin ? 'Thin' : 'Fat', SupportsSnapshots: String(thin) },
    ...(node.connection === 'OFFLINE' ? {} : room),
    free_space_mgr_name: `${node.name};${pool.name}`,
    uuid: pool.uuid,
    ...offlineReport(node, at),
    supports_snapshots: thin,
    external_locking: false,
  };
}

/** The pool of replicas without a disk, which every node has. */
export function disklessPoolView(node: LinstorNode, at: Instant): JsonObject {
  const name = 'DfltDisklessStorPool';
  const room = { free_capacity: endless, total_capacity: endless };
  return {
    storage_pool_name: name,
    node_name: node.name,
    provider_kind: 'DISKLESS',
    static_traits: { SupportsSnapshots: 'false' },
    ...(node.connection === 'OFFLINE' ? {} : room),
    free_space_mgr_name: `${node.name};${name}`,
    // An identity of its own, made of the node's: its first letter is moved to the end.
    uuid: node.uuid.replace(/^(.)(.{7})/, '$2$1'),
    ...offlineReport(node, at),
    supports_snapshots: false,
    external_locking: false,
  };
}

/** The largest number of 64 bits, KiB. */
const endless = '9223372036854775807';

function offlineReport(node: LinstorNode, at: Instant): JsonObject {
  if (node.connection !== 'OFFLINE') return {};
  const entry = notConnected(node, { operation: 'none', object: 'none', refs: undefined });
  return { reports: [entryOf(entry, at)] };
}

export function volumeGroupView({ number, uuid, properties }: VolumeGroup): JsonObject {
  return { volume_number: number, ...optional('props', propertiesView(properties)), uuid };
}

export function keyValueView({ name, properties }: KeyValueStore): JsonObject {
  return { name, props: propertiesView(properties) };
}

/** A resource without its volumes: what the list of a definition answers. */
export function resourceView(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  const flags = flagsOf(resource);
  return {
    name: definition.name,
    node_name: resource.node,
    props: propertiesView(resource.properties),
    ...effectiveProperties(definition, resource),
    ...(flags.length > 0 ? { flags } : {}),
    layer_object: layerObject(definition, resource),
    ...resourceState(resource),
    uuid: resource.uuid,
    create_timestamp: resource.createdAt,
  };
}

/** A replica that is switched off has a state, of which nothing is known. */
function resourceState({ inactive, report }: LinstorResource): JsonObject {
  if (inactive) return { state: {} };
  return report === undefined ? {} : { state: { in_use: report.inUse } };
}

export function resourceWithVolumesView(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  return { ...resourceView(definition, resource), volumes: volumesView(definition, resource) };
}

export function volumesView(definition: ResourceDefinition, resource: LinstorResource): JsonObject[] {
  return volumesOf(definition).map((volume) => volumeView(definition, resource, volume));
}

function volumeView(definition: ResourceDefinition, resource: LinstorResource, volume: VolumeDefinition): JsonObject {
  const diskful = resource.kind === 'diskful';
  const hasDrbd = definition.layers.includes('DRBD');
  const layers = [
    ...(hasDrbd ? [{ type: 'DRBD', data: drbdVolume(definition, resource, volume) }] : []),
    { type: 'STORAGE', data: storageVolume(definition, resource, volume) },
  ];
  return {
    volume_number: volume.number,
    storage_pool_name: resource.properties.get('StorPoolName') ?? 'DfltDisklessStorPool',
    provider_kind: diskful ? 'LVM_THIN' : 'DISKLESS',
    ...(resource.inactive ? {} : { device_path: hasDrbd ? devicePath(volume) : backingDevice(definition, volume) }),
    allocated_size_kib: diskful ? volume.sizeKib : 0,
    ...volumeFlags(resource),
    ...(resource.report === undefined ? {} : { state: volumeState(resource.report) }),
    layer_data_list: layers,
    uuid: resource.volumeUuids.get(volume.number) ?? '',
  };
}

function volumeFlags({ deleting, isDeletedAlone }: LinstorResource): JsonObject {
  if (!deleting) return {};
  return { flags: isDeletedAlone ? ['DELETE', 'DRBD_DELETE'] : ['DELETE'] };
}

export function propertiesView(properties: Properties): JsonObject {
  const view: Record<string, string> = {};
  for (const key of [...properties.keys()].sort()) view[key] = properties.get(key) as string;
  return view;
}

export function flagsOf(resource: LinstorResource): string[] {
  const flags = resource.deleting ? ['DELETE'] : [];
  if (resource.kind !== 'diskful') flags.push('DISKLESS', 'DRBD_DISKLESS');
  if (resource.kind === 'tiebreaker' && !(resource.deleting && !resource.isDeletedAlone)) flags.push('TIE_BREAKER');
  if (resource.inactive) flags.push('INACTIVE');
  if (resource.isDeletedAlone) flags.push('DRBD_DELETE');
  return flags;
}

/** Options that the replica has for itself, with where they come from. */
function effectiveProperties(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  const view: Record<string, Json> = {};
  const descr = `Node: '${resource.node}', Rsc: '${definition.name}'`;
  for (const [key, value] of resource.properties) {
    if (key.startsWith('DrbdOptions/')) view[key] = { type: 'RESOURCE', value, descr };
  }
  return optional('effective_props', view);
}

/** Connections of a definition: every pair of its nodes. */
export function pairsOf(definition: ResourceDefinition): [LinstorResource, LinstorResource][] {
  const all = sorted(definition.resources);
  return all.flatMap((a, index) => all.slice(index + 1).map((b): [LinstorResource, LinstorResource] => [a, b]));
}

function layerObject(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  const volumes = volumesOf(definition);
  const views = volumes.map((volume) => storageVolume(definition, resource, volume));
  const storage: JsonObject = {
    type: 'STORAGE',
    ...(views.length === 0 ? {} : { storage: { storage_volumes: views } }),
  };
  if (!definition.layers.includes('DRBD')) return storage;
  const { report } = resource;
  const [first] = volumes;
  return {
    children: [storage],
    type: 'DRBD',
    drbd: {
      drbd_resource_definition: drbdDefinition(definition),
      node_id: resource.nodeId,
      tcp_ports: [7000 + ((first?.minor ?? 1000) - 1000)],
      peer_slots: 7,
      al_stripes: 1,
      al_size: 32,
      ...drbdFlags(resource),
      ...(volumes.length === 0
        ? {}
        : { drbd_volumes: volumes.map((volume) => drbdVolume(definition, resource, volume)) }),
      ...(report === undefined
        ? {}
        : {
            ...optional('connections', connectionsView(report)),
            promotion_score: report.score,
            may_promote: report.mayPromote,
          }),
    },
  };
}

function drbdFlags({ kind, initialized, isClient, keepsDisklessFlag }: LinstorResource): JsonObject {
  const flags = kind === 'diskful' && !keepsDisklessFlag ? [] : ['DISKLESS'];
  if (initialized) flags.push('INITIALIZED');
  if (isClient) flags.push('CLIENT');
  return flags.length === 0 ? {} : { flags };
}

function connectionsView(report: Report): JsonObject {
  const view: Record<string, Json> = {};
  for (const peer of report.peers) {
    view[peer.node] = { connected: peer.connection === 'Connected', message: peer.connection };
  }
  return view;
}

function volumeState(report: Report): JsonObject {
  const replication: Record<string, Json> = {};
  for (const peer of report.peers) {
    // A peer whose replication is Off is not in the map at all.
    if (peer.replication === 'Off') continue;
    replication[peer.node] = {
      replication_state: peer.replication,
      ...(peer.done === undefined ? {} : { done_percentage: peer.done }),
    };
  }
  return { disk_state: report.disk, ...optional('replication_states', replication) };
}

function drbdDefinition(definition: ResourceDefinition): JsonObject {
  return {
    peer_slots: 7,
    al_stripes: 1,
    al_stripe_size_kib: 32,
    port: -1,
    transport_type: 'IP',
    secret: definition.secret,
    down: false,
  };
}

function drbdVolume(definition: ResourceDefinition, resource: LinstorResource, volume: VolumeDefinition): JsonObject {
  const diskful = resource.kind === 'diskful';
  return {
    drbd_volume_definition: { volume_number: volume.number, minor_number: volume.minor },
    ...(resource.inactive ? {} : { device_path: devicePath(volume) }),
    ...(diskful ? { backing_device: backingDevice(definition, volume) } : {}),
    allocated_size_kib: diskful ? volume.sizeKib + 44 : -1,
    usable_size_kib: volume.sizeKib,
  };
}

function storageVolume(
  definition: ResourceDefinition,
  resource: LinstorResource,
  volume: VolumeDefinition,
): JsonObject {
  const { number } = volume;
  if (resource.kind !== 'diskful') {
    return { volume_number: number, allocated_size_kib: 0, usable_size_kib: volume.sizeKib };
  }
  return {
    volume_number: number,
    device_path: backingDevice(definition, volume),
    allocated_size_kib: volume.sizeKib + 44,
    usable_size_kib: volume.sizeKib + 44,
    disk_state: '[]',
  };
}

function devicePath(volume: VolumeDefinition): string {
  return `/dev/drbd${volume.minor}`;
}

function backingDevice(definition: ResourceDefinition, volume: VolumeDefinition): string {
  return `/dev/linstor_vg/${definition.name}_${String(volume.number).padStart(5, '0')}`;
}

/** Empty maps are left out of LINSTOR's answers. */
function optional(field: string, value: JsonObject): JsonObject {
  return Object.keys(value).length > 0 ? { [field]: value } : {};
}
