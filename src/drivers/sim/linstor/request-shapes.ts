import type { ObjectShape, Shape } from './request-json.ts';

const texts: Shape = { list: 'text' };
const numbers: Shape = { list: 'number' };
const changes = { override_props: 'texts', delete_props: texts, delete_namespaces: texts } as const;

const selectFilter = shape('AutoSelectFilter', {
  place_count: 'number',
  additional_place_count: 'number',
  node_name_list: texts,
  storage_pool: 'text',
  storage_pool_list: texts,
  storage_pool_diskless_list: texts,
  not_place_with_rsc: texts,
  not_place_with_rsc_regex: 'text',
  replicas_on_same: texts,
  replicas_on_different: texts,
  x_replicas_on_different_map: 'any',
  layer_stack: texts,
  provider_list: texts,
  diskless_on_remaining: 'flag',
  diskless_type: 'text',
  overprovision: 'number',
  port_count: 'number',
});

const netInterface = shape('NetInterface', {
  name: 'text',
  address: 'text',
  satellite_port: 'number',
  satellite_encryption_type: 'text',
  is_active: 'flag',
  uuid: 'text',
});

const volumeDefinition = shape('VolumeDefinition', {
  volume_number: 'number',
  size_kib: 'number',
  props: 'texts',
  flags: texts,
  layer_data: 'any',
  uuid: 'text',
});

const resourceCreate = shape('ResourceCreate', {
  resource: shape('Resource', {
    name: 'text',
    node_name: 'text',
    props: 'texts',
    effective_props: 'any',
    flags: texts,
    layer_object: 'any',
    state: 'any',
    uuid: 'text',
    create_timestamp: 'number',
  }),
  layer_list: texts,
  drbd_node_id: 'number',
  drbd_tcp_port_count: 'number',
  drbd_tcp_ports: numbers,
  snap_names: texts,
  copy_all_snaps: 'flag',
  drbd_client: 'flag',
});

/** Bodies of LINSTOR's requests, fields in the order of its REST description (`docs/rest_v1_openapi.yaml`). */
export const shapes = {
  controllerModify: shape('ControllerPropsModify', changes),
  keyValueModify: shape('KeyValueStoreModify', changes),
  resourceConnectionModify: shape('ResourceConnectionModify', changes),
  nodeConnectionModify: shape('NodeConnectionModify', changes),
  storagePoolModify: shape('StoragePoolDefinitionModify', changes),
  nodeModify: shape('NodeModify', { node_type: 'text', ...changes }),
  node: shape('Node', {
    name: 'text',
    type: 'text',
    flags: texts,
    props: 'texts',
    net_interfaces: { list: netInterface },
    connection_status: 'text',
    uuid: 'text',
    storage_providers: texts,
    resource_layers: texts,
    unsupported_providers: 'any',
    unsupported_layers: 'any',
    eviction_timestamp: 'number',
    platform: 'text',
    os_variant: 'text',
  }),
  netInterface,
  storagePool: shape('StoragePool', {
    storage_pool_name: 'text',
    node_name: 'text',
    provider_kind: 'text',
    props: 'texts',
    static_traits: 'texts',
    free_capacity: 'number',
    total_capacity: 'number',
    free_space_mgr_name: 'text',
    uuid: 'text',
    reports: 'any',
    supports_snapshots: 'flag',
    shared_space: 'text',
    external_locking: 'flag',
  }),
  definitionCreate: shape('ResourceDefinitionCreate', {
    drbd_port: 'number',
    drbd_secret: 'text',
    drbd_peer_slots: 'number',
    drbd_transport_type: 'text',
    resource_definition: shape('ResourceDefinition', {
      name: 'text',
      external_name: 'text',
      props: 'texts',
      flags: texts,
      layer_data: 'any',
      uuid: 'text',
      resource_group_name: 'text',
      volume_definitions: { list: volumeDefinition },
    }),
  }),
  definitionModify: shape('ResourceDefinitionModify', {
    ...changes,
    drbd_port: 'number',
    drbd_peer_slots: 'number',
    layer_stack: texts,
    resource_group: 'text',
  }),
  volumeDefinitionCreate: shape('VolumeDefinitionCreate', {
    volume_definition: volumeDefinition,
    drbd_minor_number: 'number',
    passphrase: 'text',
  }),
  volumeDefinitionModify: shape('VolumeDefinitionModify', { size_kib: 'number', ...changes, flags: texts }),
  resourceCreate,
  resourcesCreate: { array: resourceCreate },
  resourceModify: shape('ResourceModify', { ...changes, drbd_tiebreaker: 'flag', drbd_client: 'flag' }),
  makeAvailable: shape('ResourceMakeAvailable', {
    layer_list: texts,
    diskful: 'flag',
    drbd_tcp_ports: numbers,
    snap_names: texts,
    copy_all_snaps: 'flag',
  }),
  toggleDisk: shape('ToggleDiskRequest', {
    operation: 'text',
    storage_pool: 'text',
    migrate_from: 'text',
    layer_list: texts,
  }),
  autoplace: shape('AutoPlaceRequest', {
    diskless_on_remaining: 'flag',
    select_filter: selectFilter,
    layer_list: texts,
    snap_names: texts,
    copy_all_snaps: 'flag',
  }),
  group: shape('ResourceGroup', {
    name: 'text',
    description: 'text',
    props: 'texts',
    select_filter: selectFilter,
    uuid: 'text',
    peer_slots: 'number',
  }),
  groupModify: shape('ResourceGroupModify', {
    description: 'text',
    ...changes,
    select_filter: selectFilter,
    peer_slots: 'number',
    snap_names: texts,
    copy_all_snaps: 'flag',
  }),
  groupAdjust: shape('ResourceGroupAdjust', { select_filter: selectFilter, snap_names: texts, copy_all_snaps: 'flag' }),
  groupSpawn: shape('ResourceGroupSpawn', {
    resource_definition_name: 'text',
    resource_definition_external_name: 'text',
    volume_sizes: numbers,
    select_filter: selectFilter,
    partial: 'flag',
    definitions_only: 'flag',
    peer_slots: 'number',
    volume_passphrases: texts,
    resource_definition_props: 'texts',
  }),
  volumeGroup: shape('VolumeGroup', { volume_number: 'number', props: 'texts', uuid: 'text', flags: texts }),
  tokenCreate: shape('CreateAuthToken', { description: 'text', expires_at: 'text', ip_filter: 'text' }),
  tokenInitialize: shape('InitAuthTokenRequest', { only_satellites: 'flag', description: 'text', no_https: 'flag' }),
  sizeInfo: shape('QuerySizeInfoRequest', { select_filter: selectFilter, ignore_cache_older_than_sec: 'number' }),
} as const satisfies Readonly<Record<string, Shape>>;

function shape(type: string, fields: Readonly<Record<string, Shape>>): ObjectShape {
  return { type, fields };
}
