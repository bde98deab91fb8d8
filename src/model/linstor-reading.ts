import {
  flagAt,
  isJsonObject,
  isSameJson,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
} from './json.ts';
import { type Known, known, type Truth, unknown } from './known.ts';
import { oncePer } from './memo.ts';
import type { SiteOfNode } from './node-sites.ts';
import type { PeerView, ReplicaKind, ReplicaView, VolumeOptions, VolumeView, VolumeViews } from './drbd-replica.ts';

/** LINSTOR's answers that a volume is read from; `siteOfNode` tells which cluster has a node of that name. */
export interface LinstorReadings {
  /** `GET /v1/view/resources` */
  readonly resources: Known<Json>;
  /** `GET /v1/resource-definitions` */
  readonly definitions: Known<Json>;
  /** `GET /v1/resource-groups` */
  readonly groups: Known<Json>;
  /** `GET /v1/controller/properties` */
  readonly properties: Known<Json>;
  readonly siteOfNode: SiteOfNode;
}

/**
 * Reads the named volumes. A resource that LINSTOR does not list is known to be undefined. A volume that shows as it did in
 * an earlier reading keeps its view, and the reading is the same when all of them do.
 * Shapes: `docs/rest_v1_openapi.yaml` of LINBIT/linstor-server; what a satellite has not reported is absent there, and unknown here.
 */
export function volumeViews(
  names: readonly string[],
  readings: LinstorReadings,
  earlier?: Known<VolumeViews>,
): Known<VolumeViews> {
  const { resources } = readings;
  if (!resources.known) return resources;
  const before: VolumeViews = earlier?.known === true ? earlier.value : new Map();
  let isSame = earlier?.known === true && before.size === names.length;
  const entries = entriesByName(resources);
  const optionsOf = optionsReader(readings);
  const views = new Map<string, VolumeView | undefined>();
  for (const name of names) {
    const last = before.get(name);
    const view = volumeView(name, entries.get(name), readings.siteOfNode, optionsOf, last);
    isSame &&= view === last && before.has(name);
    views.set(name, view);
  }
  return isSame && earlier !== undefined ? earlier : known(views);
}

const entriesByName = oncePer(({ value }: { readonly value: Json }): ReadonlyMap<string, readonly Json[]> => {
  const byName = new Map<string, Json[]>();
  for (const entry of Array.isArray(value) ? (value as readonly Json[]) : []) {
    const name = textAt(entry, 'name') ?? '';
    const entries = byName.get(name);
    if (entries === undefined) byName.set(name, [entry]);
    else entries.push(entry);
  }
  return byName;
});

function volumeView(
  resource: string,
  entries: readonly Json[] | undefined,
  siteOfNode: SiteOfNode,
  optionsOf: (name: string) => VolumeOptions,
  last: VolumeView | undefined,
): VolumeView | undefined {
  if (entries === undefined) return undefined;
  const viewOf = replicaViews(siteOfNode);
  const replicas = entries.map((entry) => (isJsonObject(entry) ? viewOf(entry) : replicaOf(entry, siteOfNode)));
  const options = optionsOf(resource);
  const isSame = isSameJson(replicas, last?.replicas) && isSameJson(options, last?.options);
  return isSame ? last : { resource, replicas, options };
}

// An entry that is answered again is the same object, and so is its view.
const replicaViews = oncePer((siteOfNode: SiteOfNode) =>
  oncePer((entry: JsonObject): ReplicaView => replicaOf(entry, siteOfNode)),
);

function replicaOf(entry: Json, siteOfNode: SiteOfNode): ReplicaView {
  const node = textAt(entry, 'node_name') ?? '';
  const drbd = objectAt(entry, 'layer_object', 'drbd');
  const volume = listAt(entry, 'volumes')[0];
  return {
    resource: textAt(entry, 'name') ?? '',
    node,
    site: siteOfNode(node),
    kind: kindOf(listAt(entry, 'flags')),
    inUse: truthOf(flagAt(entry, 'state', 'in_use')),
    diskState: plainDiskState(textAt(volume, 'state', 'disk_state')),
    mayPromote: truthOf(flagAt(drbd, 'may_promote')),
    peers: peerViews(objectAt(drbd, 'connections'), objectAt(volume, 'state', 'replication_states')),
  };
}

function kindOf(flags: readonly Json[]): ReplicaKind {
  if (flags.includes('TIE_BREAKER')) return 'tiebreaker';
  return flags.includes('DISKLESS') || flags.includes('DRBD_DISKLESS') ? 'client' : 'diskful';
}

// LINSTOR shows a running resync as `SyncTarget(37.50%)`: the state is the part before the bracket.
function plainDiskState(text: string | undefined): string | undefined {
  return text?.replace(/\(.*$/, '').trim();
}

function peerViews(connections: object, replications: object): readonly PeerView[] {
  const nodes = new Set([...Object.keys(connections), ...Object.keys(replications)]);
  return [...nodes].sort().map((node) => {
    const connection = objectAt(connections, node);
    const replication = objectAt(replications, node);
    return {
      node,
      connection: textAt(connection, 'message'),
      replication: textAt(replication, 'replication_state'),
      donePercentage: numberAt(replication, 'done_percentage'),
    };
  });
}

/** Precedence of LINSTOR's properties: controller < resource group < resource definition. Those of single connections are not read. */
function optionsReader({ definitions, groups, properties }: LinstorReadings): (name: string) => VolumeOptions {
  if (!definitions.known || !groups.known || !properties.known) {
    return () => ({ allowTwoPrimaries: 'unknown', quorum: unknown('the properties of LINSTOR could not be read') });
  }
  const [own, shared] = [byFoldedName(definitions), byFoldedName(groups)];
  const common = isJsonObject(properties.value) ? properties.value : {};
  return (name) => {
    const definition = own.get(name.toLowerCase());
    if (definition === undefined) {
      return { allowTwoPrimaries: 'unknown', quorum: unknown(`LINSTOR lists no definition of ${name}`) };
    }
    const group = shared.get((textAt(definition, 'resource_group_name') ?? '').toLowerCase());
    const effective = (key: string): string | undefined =>
      textAt(definition, 'props', key) ?? textAt(group, 'props', key) ?? textAt(common, key);
    return {
      allowTwoPrimaries: effective('DrbdOptions/Net/allow-two-primaries') === 'yes' ? 'yes' : 'no',
      quorum: known(effective('DrbdOptions/Resource/quorum')),
    };
  };
}

// LINSTOR takes names in any case and keeps the first spelling.
const byFoldedName = oncePer(({ value }: { readonly value: Json }): ReadonlyMap<string, Json> => {
  const found = new Map<string, Json>();
  for (const entry of Array.isArray(value) ? (value as readonly Json[]) : []) {
    const name = textAt(entry, 'name')?.toLowerCase();
    if (name !== undefined && !found.has(name)) found.set(name, entry);
  }
  return found;
});

function truthOf(flag: boolean | undefined): Truth {
  if (flag === undefined) return 'unknown';
  return flag ? 'yes' : 'no';
}
