import type { Instant } from '../../../model/instant.ts';
import type { ConnectionState, DiskState, ReplicationState } from '../drbd/states.ts';

/** What the controller has in its database and has heard from its satellites. Plain data, changed by the controller alone. */
export interface LinstorStore {
  readonly nodes: Map<string, LinstorNode>;
  readonly groups: Map<string, ResourceGroup>;
  readonly definitions: Map<string, ResourceDefinition>;
  readonly properties: Properties;
  nextMinor: number;
}

export type Properties = Map<string, string>;

export interface LinstorNode {
  readonly name: string;
  readonly uuid: string;
  readonly interfaceUuid: string;
  readonly address: string;
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

export interface StoragePool {
  readonly name: string;
  readonly uuid: string;
  readonly provider: string;
  readonly totalKib: number;
  freeKib: number;
}

export interface ResourceGroup {
  readonly name: string;
  readonly uuid: string;
  description: string | undefined;
  readonly properties: Properties;
  filter: SelectFilter;
}

export interface SelectFilter {
  readonly place_count?: number;
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
  readonly uuid: string;
  group: string;
  readonly properties: Properties;
  deleting: boolean;
  readonly secret: string;
  /** The quorum property was set by a person on this definition: AutoQuorum leaves it alone. */
  quorumByUser: boolean;
  volume: VolumeDefinition | undefined;
  readonly resources: Map<string, LinstorResource>;
}

export interface VolumeDefinition {
  readonly uuid: string;
  sizeKib: number;
  readonly minor: number;
  readonly generation: string;
  readonly properties: Properties;
}

export interface LinstorResource {
  readonly node: string;
  readonly uuid: string;
  readonly volumeUuid: string;
  readonly createdAt: Instant;
  readonly nodeId: number;
  readonly properties: Properties;
  kind: 'diskful' | 'client' | 'tiebreaker';
  deleting: boolean;
  /** The newest report of its satellite; undefined when there is none or the satellite is not connected. */
  report: Report | undefined;
}

/** DRBD's state of one resource on one node, as its satellite told it. */
export interface Report {
  readonly inUse: boolean;
  readonly disk: DiskState;
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

export function diskfulOf(definition: ResourceDefinition): LinstorResource[] {
  return sorted(definition.resources).filter((resource) => resource.kind === 'diskful' && !resource.deleting);
}

export function disklessOf(definition: ResourceDefinition): LinstorResource[] {
  return sorted(definition.resources).filter((resource) => resource.kind !== 'diskful' && !resource.deleting);
}
