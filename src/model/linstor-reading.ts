import { flagAt, isJsonObject, isSameJson, type Json, listAt, numberAt, objectAt, textAt } from './json.ts';
import { type Known, known, type Truth, unknown } from './known.ts';
import { keepLast } from './memo.ts';
import type { PeerView, ReplicaKind, ReplicaView, VolumeOptions, VolumeView, VolumeViews } from './drbd-replica.ts';
import type { SiteName } from './site.ts';

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
  readonly siteOfNode: (node: string) => SiteName | undefined;
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
  const byName = new Map<string, Json[]>();
  for (const entry of Array.isArray(resources.value) ? (resources.value as readonly Json[]) : []) {
    const name = textAt(entry, 'name') ?? '';
    const entries = byName.get(name);
    if (entries === undefined) byName.set(name, [entry]);
    else entries.push(entry);
  }
  const before: VolumeViews = earlier?.known === true ? earlier.value : new Map();
  let isSame = earlier?.known === true && before.size === names.length;
  const views = new Map<string, VolumeView | undefined>();
  for (const name of names) {
    const replicas = byName.get(name)?.map((entry) => replicaView(entry, readings.siteOfNode));
    const view = replicas && { resource: name, replicas, options: volumeOptions(name, readings) };
    const last = before.get(name);
    const isKept = isSameJson(view, last);
    isSame &&= isKept && before.has(name);
    views.set(name, isKept ? last : view);
  }
  return isSame && earlier !== undefined ? earlier : known(views);
}

const lastReplica = keepLast<ReplicaView>();

/** The view of one entry. An entry that is answered again is the same object, and so is its view. */
function replicaView(entry: Json, siteOfNode: LinstorReadings['siteOfNode']): ReplicaView {
  if (!isJsonObject(entry)) return replicaOf(entry, siteOfNode);
  return lastReplica([entry, siteOfNode], () => replicaOf(entry, siteOfNode));
}

function replicaOf(entry: Json, siteOfNode: LinstorReadings['siteOfNode']): ReplicaView {
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
function volumeOptions(name: string, readings: LinstorReadings): VolumeOptions {
  const { definitions, groups, properties } = readings;
  if (!definitions.known || !groups.known || !properties.known) {
    return { allowTwoPrimaries: 'unknown', quorum: unknown('the properties of LINSTOR could not be read') };
  }
  const definition = entryNamed(definitions.value, name);
  if (definition === undefined) {
    return { allowTwoPrimaries: 'unknown', quorum: unknown(`LINSTOR lists no definition of ${name}`) };
  }
  const own = objectAt(definition, 'props');
  const shared = objectAt(entryNamed(groups.value, textAt(definition, 'resource_group_name') ?? ''), 'props');
  const common = isJsonObject(properties.value) ? properties.value : {};
  const effective = (key: string): string | undefined => textAt(own, key) ?? textAt(shared, key) ?? textAt(common, key);
  return {
    allowTwoPrimaries: effective('DrbdOptions/Net/allow-two-primaries') === 'yes' ? 'yes' : 'no',
    quorum: known(effective('DrbdOptions/Resource/quorum')),
  };
}

// LINSTOR takes names in any case and keeps the first spelling.
function entryNamed(list: Json, name: string): Json | undefined {
  const entries = Array.isArray(list) ? (list as readonly Json[]) : [];
  return entries.find((entry) => textAt(entry, 'name')?.toLowerCase() === name.toLowerCase());
}

function truthOf(flag: boolean | undefined): Truth {
  if (flag === undefined) return 'unknown';
  return flag ? 'yes' : 'no';
}
