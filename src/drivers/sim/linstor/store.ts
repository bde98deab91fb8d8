import type { Instant } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { ConnectionState, ReplicationState } from '../drbd/states.ts';

/** What the controller has in its database and has heard from its satellites. Plain data, changed by the controller alone. */
export interface LinstorStore {
  readonly nodes: Map<string, LinstorNode>;
  readonly groups: Map<string, ResourceGroup>;
  readonly definitions: Map<string, ResourceDefinition>;
  readonly properties: Properties;
  /** Key-value stores, by name. */
  readonly keyValues: Map<string, KeyValueStore>;
  /** Pairs of nodes that have properties, by the pair's key. */
  readonly nodePairs: Map<string, Connection>;
  readonly auth: TokenStore;
  nextMinor: number;
}

export interface Connection {
  readonly uuid: string;
  readonly properties: Properties;
}

export interface KeyValueStore {
  readonly name: string;
  readonly uuid: string;
  readonly properties: Properties;
}

/** A token of the controller's API. Its secret is told once, when it is made. */
export interface AuthToken {
  readonly id: number;
  readonly secret: string;
  readonly description: string | undefined;
  /** The only address that may use it; undefined for any. */
  readonly ipFilter: string | undefined;
  readonly expiresAt: Instant | undefined;
  readonly createdAt: Instant;
  /** Made for a person, not by the controller for a satellite. */
  readonly isUserToken: boolean;
}

/** Who may use the API: everybody until token authentication is initialised, which nothing undoes. */
export interface TokenStore {
  isRequired: boolean;
  nextId: number;
  readonly tokens: Map<number, AuthToken>;
}

export type Properties = Map<string, string>;

export interface LinstorNode {
  readonly name: string;
  readonly uuid: string;
  readonly type: string;
  /** The first is the one that the controller talks to. */
  interfaces: readonly NetInterface[];
  /** What its host can do: DRBD needs the kernel module there. */
  readonly layers: readonly string[];
  readonly properties: Properties;
  /** `silent`: it does not answer and the controller does not know it yet. */
  connection: 'ONLINE' | 'OFFLINE' | 'silent';
  /** When it fell silent, in world time. */
  silentSince: number;
  /** When auto-eviction would move its replicas; 0 while it is online. */
  evictionAt: Instant;
  /** Storage pools with a disk, by name. */
  readonly pools: Map<string, StoragePool>;
}

export interface NetInterface {
  readonly name: string;
  readonly address: string;
  readonly uuid: string;
  /** Port and encryption of the satellite; undefined where it does not listen. */
  readonly satellite: { readonly port: number; readonly encryption: string } | undefined;
}

export interface StoragePool {
  readonly name: string;
  readonly uuid: string;
  readonly provider: string;
  readonly properties: Properties;
  readonly totalKib: number;
  freeKib: number;
}

export interface ResourceGroup {
  readonly name: string;
  readonly uuid: string;
  description: string | undefined;
  readonly properties: Properties;
  filter: SelectFilter;
  /** Templates of volumes, by number. */
  readonly volumeGroups: Map<number, VolumeGroup>;
}

export interface VolumeGroup {
  readonly number: number;
  readonly uuid: string;
  readonly properties: Properties;
}

export interface SelectFilter {
  readonly place_count?: number;
  readonly additional_place_count?: number;
  readonly node_name_list?: readonly string[];
  readonly storage_pool?: string;
  readonly storage_pool_list?: readonly string[];
  readonly replicas_on_same?: readonly string[];
  readonly replicas_on_different?: readonly string[];
  readonly x_replicas_on_different_map?: Readonly<Record<string, number>>;
  readonly layer_stack?: readonly string[];
  readonly diskless_on_remaining?: boolean;
}

export interface ResourceDefinition {
  readonly name: string;
  /** The name that LINSTOR made its own of; undefined where none was given. */
  readonly externalName: string | undefined;
  readonly uuid: string;
  /** From the top: DRBD over STORAGE, or STORAGE alone. */
  readonly layers: readonly string[];
  group: string;
  readonly properties: Properties;
  deleting: boolean;
  /** It has had a replica: what the layers were given is kept, also without one. */
  wasPlaced: boolean;
  readonly secret: string;
  /** By number. */
  readonly volumes: Map<number, VolumeDefinition>;
  readonly resources: Map<string, LinstorResource>;
  /** Connections that have properties, by the pair's key. */
  readonly connections: Map<string, Connection>;
  /** By name. */
  readonly snapshots: Map<string, Snapshot>;
  /** How many there ever were. */
  snapshotsTaken: number;
}

export interface Snapshot {
  readonly name: string;
  readonly uuid: string;
  readonly takenAt: Instant;
  /** What was snapped, as it was then. */
  readonly about: JsonObject;
  copies: readonly SnapshotCopy[];
}

/** A snapshot on one node. */
export interface SnapshotCopy {
  readonly node: string;
  readonly uuid: string;
  readonly pool: string;
  /** UUIDs of its volumes, by number. */
  readonly volumes: ReadonlyMap<number, string>;
  /** It goes when its satellite is connected. */
  deleting: boolean;
}

export interface VolumeDefinition {
  readonly number: number;
  readonly uuid: string;
  sizeKib: number;
  readonly minor: number;
  readonly generation: string;
  readonly properties: Properties;
}

export interface LinstorResource {
  readonly node: string;
  readonly uuid: string;
  /** UUIDs of its volumes, by number. */
  readonly volumeUuids: Map<number, string>;
  readonly createdAt: Instant;
  readonly nodeId: number;
  readonly properties: Properties;
  kind: 'diskful' | 'client' | 'tiebreaker';
  /** What it was before it got a disk, and is again without: a tiebreaker stays LINSTOR's own. */
  disklessKind: 'client' | 'tiebreaker';
  /** DRBD's metadata is there; taking the disk away takes it along. */
  initialized: boolean;
  /** It got its disk by a path: LINSTOR leaves its DRBD layer flagged as diskless then. */
  keepsDisklessFlag: boolean;
  /** DRBD's flag of a replica that only uses the volume: it is no tiebreaker. */
  isClient: boolean;
  inactive: boolean;
  deleting: boolean;
  /** It is deleted on its own, not with its definition. */
  isDeletedAlone: boolean;
  /** Its satellite has taken DRBD down for the deletion. */
  isDown: boolean;
  /** The newest report of its satellite; undefined when there is none or the satellite is not connected. */
  report: Report | undefined;
}

/** DRBD's state of one resource on one node, as its satellite told it. */
export interface Report {
  readonly inUse: boolean;
  /** DRBD's disk state in LINSTOR's words. */
  readonly disk: string;
  readonly mayPromote: boolean;
  readonly score: number;
  readonly peers: readonly PeerReport[];
}

export interface PeerReport {
  readonly node: string;
  readonly connection: ConnectionState;
  readonly replication: ReplicationState;
  readonly done: number | undefined;
}

/** Names are found in any case, as LINSTOR does. */
export function findByName<T>(items: ReadonlyMap<string, T>, name: string): T | undefined {
  return items.get(name.toLowerCase());
}

/** The items in the order of their names. */
export function sorted<T>(items: ReadonlyMap<string, T>): T[] {
  return [...items.keys()].sort().map((key) => items.get(key) as T);
}

export function diskfulOf(definition: Pick<ResourceDefinition, 'resources'>): LinstorResource[] {
  return sorted(definition.resources).filter((resource) => resource.kind === 'diskful' && !resource.deleting);
}

export function disklessOf(definition: Pick<ResourceDefinition, 'resources'>): LinstorResource[] {
  return sorted(definition.resources).filter((resource) => resource.kind !== 'diskful' && !resource.deleting);
}

/** Key of a pair of names, in any order. */
export function pairKey(a: string, b: string): string {
  return [a.toLowerCase(), b.toLowerCase()].sort().join('|');
}

export function volumesOf(definition: ResourceDefinition): VolumeDefinition[] {
  return [...definition.volumes.values()].toSorted((a, b) => a.number - b.number);
}

/** Room that a replica needs on its node. */
export function sizeOf(definition: ResourceDefinition): number {
  let size = 0;
  for (const volume of definition.volumes.values()) size += volume.sizeKib;
  return size;
}
