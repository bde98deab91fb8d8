import { type JsonObject, listAt, objectAt, textAt } from '../../model/json.ts';
import { aheadIn, at, type Cells, column, columnOf, has, isConnected, primaryIn, trouble } from './cells.ts';
import type { MachineScenery } from './scenery.ts';

/** LINSTOR's entries of a volume's two replicas. A satellite that does not answer leaves everything out that it alone knows. */
export function replicaEntries(
  { replicas }: MachineScenery,
  cells: Cells,
  virtualMachine: number,
): readonly JsonObject[] {
  const guests = at(cells, columnOf(virtualMachine) + column.guests);
  return replicas.map((entry, site) => {
    const peer = textAt(replicas[1 - site], 'node_name') ?? '';
    return has(cells, trouble.nodeLost(site)) ? silentEntry(entry) : reportedEntry(entry, peer, site, cells, guests);
  });
}

function silentEntry(entry: JsonObject): JsonObject {
  const { state: _state, ...rest } = entry;
  const { state: _volumeState, ...volume } = objectAt(listAt(entry, 'volumes')[0]);
  const { may_promote: _may, ...drbd } = objectAt(entry, 'layer_object', 'drbd');
  return withParts(rest, { ...drbd, connections: {} }, volume);
}

function reportedEntry(entry: JsonObject, peer: string, site: number, cells: Cells, guests: number): JsonObject {
  const connected = isConnected(cells, guests);
  const ahead = aheadIn(guests);
  const own = 1 << site;
  const isPrimary = (primaryIn(guests) & own) !== 0;
  const lacks = connected && ahead !== 0 && (ahead & own) === 0;
  const message = connected ? 'Connected' : ahead === 3 ? 'StandAlone' : 'Connecting';
  const replication = !connected ? 'Off' : ahead === 0 ? 'Established' : lacks ? 'SyncTarget' : 'SyncSource';
  const drbd = {
    ...objectAt(entry, 'layer_object', 'drbd'),
    connections: { [peer]: { connected, message } },
    // A Primary that is seen at the peer keeps this side from promoting; one that is not seen does not.
    may_promote: !isPrimary && (!connected || primaryIn(guests) === 0),
  };
  const state = {
    disk_state: lacks ? 'Inconsistent' : 'UpToDate',
    replication_states: { [peer]: { replication_state: replication } },
  };
  return withParts({ ...entry, state: { in_use: isPrimary } }, drbd, {
    ...objectAt(listAt(entry, 'volumes')[0]),
    state,
  });
}

function withParts(entry: JsonObject, drbd: JsonObject, volume: JsonObject): JsonObject {
  return { ...entry, layer_object: { ...objectAt(entry, 'layer_object'), drbd }, volumes: [volume] };
}
