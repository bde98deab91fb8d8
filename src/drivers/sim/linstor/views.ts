import type { Json, JsonObject } from '../../../model/json.ts';
import {
  type LinstorNode,
  type LinstorResource,
  type Properties,
  type Report,
  type ResourceDefinition,
  type ResourceGroup,
  sorted,
  type StoragePool,
  type VolumeDefinition,
} from './store.ts';

/*
 * The answers' shapes, as recorded from a real controller. What is empty or not known is left out, never null: an absent
 * `state`, `connections`, `promotion_score` or `may_promote` means that the satellite has not told.
 */

export function nodeView(node: LinstorNode): JsonObject {
  const offline = node.connection === 'OFFLINE';
  return {
    name: node.name,
    type: 'SATELLITE',
    props: propertiesView(node.properties),
    net_interfaces: [
      {
        name: 'default',
        address: node.address,
        satellite_port: 3366,
        satellite_encryption_type: 'PLAIN',
        is_active: true,
        uuid: node.interfaceUuid,
      },
    ],
    connection_status: offline ? 'OFFLINE' : 'ONLINE',
    uuid: node.uuid,
    storage_providers: ['DISKLESS', 'LVM', 'LVM_THIN', 'FILE', 'FILE_THIN', 'REMOTE_SPDK', 'EBS_INIT', 'EBS_TARGET'],
    resource_layers: ['DRBD', 'STORAGE'],
    ...(offline
      ? { eviction_timestamp: node.evictionAt }
      : { platform: 'LINUX', os_variant: 'Debian GNU/Linux 12 (bookworm)' }),
  };
}

export function definitionView(definition: ResourceDefinition, withVolumes: boolean): JsonObject {
  const placed = definition.resources.size > 0;
  return {
    name: definition.name,
    ...optional('props', propertiesView(definition.properties)),
    ...(definition.deleting ? { flags: ['DELETE'] } : {}),
    ...(placed ? { layer_data: [{ type: 'DRBD', data: drbdDefinition(definition) }, { type: 'STORAGE' }] } : {}),
    uuid: definition.uuid,
    resource_group_name: definition.group,
    ...(withVolumes && definition.volume !== undefined
      ? { volume_definitions: [volumeDefinitionView(definition, definition.volume)] }
      : {}),
  };
}

export function volumeDefinitionView(definition: ResourceDefinition, volume: VolumeDefinition): JsonObject {
  const placed = definition.resources.size > 0;
  const layers = [{ type: 'DRBD', data: { volume_number: 0, minor_number: volume.minor } }, { type: 'STORAGE' }];
  return {
    volume_number: 0,
    size_kib: volume.sizeKib,
    props: { DrbdCurrentGi: volume.generation, ...propertiesView(volume.properties) },
    ...(placed ? { flags: ['DRBD_INITIALIZED'], layer_data: layers } : {}),
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

export function storagePoolView(node: LinstorNode, pool: StoragePool): JsonObject {
  const thin = pool.provider.endsWith('_THIN');
  return {
    storage_pool_name: pool.name,
    node_name: node.name,
    provider_kind: pool.provider,
    props: { 'StorDriver/StorPoolName': pool.name },
    static_traits: { Provisioning: thin ? 'Thin' : 'Fat', SupportsSnapshots: String(thin) },
    free_capacity: pool.freeKib,
    total_capacity: pool.totalKib,
    free_space_mgr_name: `${node.name};${pool.name}`,
    uuid: pool.uuid,
    supports_snapshots: thin,
    external_locking: false,
  };
}

/** A resource without its volumes: what the list of a definition answers. */
export function resourceView(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  const flags = flagsOf(resource);
  return {
    name: definition.name,
    node_name: resource.node,
    props: propertiesView(resource.properties),
    ...(flags.length > 0 ? { flags } : {}),
    layer_object: layerObject(definition, resource),
    ...(resource.report === undefined ? {} : { state: { in_use: resource.report.inUse } }),
    uuid: resource.uuid,
    create_timestamp: resource.createdAt,
  };
}

export function resourceWithVolumesView(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  return { ...resourceView(definition, resource), volumes: volumesView(definition, resource) };
}

export function volumesView(definition: ResourceDefinition, resource: LinstorResource): JsonObject[] {
  const { volume } = definition;
  if (volume === undefined) return [];
  const diskful = resource.kind === 'diskful';
  const layers = [
    { type: 'DRBD', data: drbdVolume(definition, resource, volume) },
    { type: 'STORAGE', data: storageVolume(definition, resource, volume) },
  ];
  return [
    {
      volume_number: 0,
      storage_pool_name: resource.properties.get('StorPoolName') ?? 'DfltDisklessStorPool',
      provider_kind: diskful ? 'LVM_THIN' : 'DISKLESS',
      device_path: devicePath(volume),
      allocated_size_kib: diskful ? volume.sizeKib : 0,
      ...(resource.report === undefined ? {} : { state: volumeState(resource.report) }),
      layer_data_list: layers,
      uuid: resource.volumeUuid,
    },
  ];
}

export function propertiesView(properties: Properties): JsonObject {
  const view: Record<string, string> = {};
  for (const key of [...properties.keys()].sort()) view[key] = properties.get(key) as string;
  return view;
}

export function flagsOf(resource: LinstorResource): string[] {
  const flags = resource.deleting ? ['DELETE'] : [];
  if (resource.kind === 'diskful') return flags;
  flags.push('DISKLESS', 'DRBD_DISKLESS');
  if (resource.kind === 'tiebreaker') flags.push('TIE_BREAKER');
  return flags;
}

/** Connections of a definition: every pair of its nodes. */
export function pairsOf(definition: ResourceDefinition): [LinstorResource, LinstorResource][] {
  const all = sorted(definition.resources);
  return all.flatMap((a, index) => all.slice(index + 1).map((b): [LinstorResource, LinstorResource] => [a, b]));
}

function layerObject(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
  const { volume } = definition;
  const { report } = resource;
  const diskful = resource.kind === 'diskful';
  return {
    children: [
      {
        type: 'STORAGE',
        ...(volume === undefined
          ? {}
          : { storage: { storage_volumes: [storageVolume(definition, resource, volume)] } }),
      },
    ],
    type: 'DRBD',
    drbd: {
      drbd_resource_definition: drbdDefinition(definition),
      node_id: resource.nodeId,
      tcp_ports: [7000 + ((volume?.minor ?? 1000) - 1000)],
      peer_slots: 7,
      al_stripes: 1,
      al_size: 32,
      flags: diskful ? ['INITIALIZED'] : ['DISKLESS', 'INITIALIZED'],
      ...(volume === undefined ? {} : { drbd_volumes: [drbdVolume(definition, resource, volume)] }),
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
    drbd_volume_definition: { volume_number: 0, minor_number: volume.minor },
    device_path: devicePath(volume),
    ...(diskful ? { backing_device: backingDevice(definition) } : {}),
    allocated_size_kib: diskful ? volume.sizeKib + 44 : -1,
    usable_size_kib: volume.sizeKib,
  };
}

function storageVolume(
  definition: ResourceDefinition,
  resource: LinstorResource,
  volume: VolumeDefinition,
): JsonObject {
  if (resource.kind !== 'diskful') return { volume_number: 0, allocated_size_kib: 0, usable_size_kib: volume.sizeKib };
  return {
    volume_number: 0,
    device_path: backingDevice(definition),
    allocated_size_kib: volume.sizeKib + 44,
    usable_size_kib: volume.sizeKib + 44,
    disk_state: '[]',
  };
}

function devicePath(volume: VolumeDefinition): string {
  return `/dev/drbd${volume.minor}`;
}

function backingDevice(definition: ResourceDefinition): string {
  return `/dev/linstor_vg/${definition.name}_00000`;
}

/** Empty maps are left out of LINSTOR's answers. */
function optional(field: string, value: JsonObject): JsonObject {
  return Object.keys(value).length > 0 ? { [field]: value } : {};
}
