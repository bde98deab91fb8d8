import { isObject } from '../difference.ts';
import { type Exchange, jsonOf } from '../linstor/exchange.ts';
import { objectsIn, Rig } from '../linstor/rig.ts';
import type { Call } from './call.ts';

/**
 * What was there before the first call. Long answers were cut off: nodes and groups that this recording only names are as the
 * other recordings of the rig have them.
 */
export function csiRig(calls: readonly Call[], others: readonly Call[]): Rig {
  const all = [...calls, ...others];
  const more = others.flatMap(({ traffic }) => traffic);
  const pools = all.flatMap(({ traffic }) => traffic).find(({ path }) => path.startsWith('/v1/view/storage-pools'));
  const traffic = calls.flatMap((call) => call.traffic);
  const definitions = definitionsOf(traffic, more);
  const replicas = replicasOf(traffic, more);
  const groups = groupsOf([...traffic, ...definitions], more);
  const own = [...replicas, ...traffic, ...definitions, ...groups, cutOffNodes(all)];
  return new Rig(pools === undefined ? own : [...own, pools], [], more);
}

/** The volume of a definition that was there before the first call. */
export interface SeenVolume {
  readonly definition: string;
  readonly sizeKib: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** Sizes, and block sizes kept, as the first read of this recording shows them, else as the last one of another does. */
export function seenVolumes(calls: readonly Call[], others: readonly Call[]): readonly SeenVolume[] {
  const found = new Map<string, SeenVolume>();
  const own = calls.flatMap(({ traffic }) => traffic);
  for (const { path, answer } of [...own, ...others.flatMap(({ traffic }) => traffic).toReversed()]) {
    const definition = /^\/v1\/resource-definitions\/([\w-]+)\/volume-definitions$/.exec(path)?.[1];
    const [volume] = objectsIn(jsonOf(answer), (each) => 'size_kib' in each);
    if (definition === undefined || found.has(definition) || volume === undefined) continue;
    const props = isObject(volume.props) ? (volume.props as Readonly<Record<string, string>>) : {};
    const kept = Object.entries(props).filter(([key]) => key === 'Linstor/Drbd/freeze-block-size');
    found.set(definition, { definition, sizeKib: Number(volume.size_kib), properties: Object.fromEntries(kept) });
  }
  return [...found.values()];
}

/** Definitions of which only replicas are shown: as they were read elsewhere. */
function definitionsOf(traffic: readonly Exchange[], more: readonly Exchange[]): readonly Exchange[] {
  const shown = traffic.flatMap(({ answer }) => objectsIn(jsonOf(answer), (each) => 'layer_object' in each));
  return [...new Set(shown.map((each) => String(each.name)))].flatMap((name) => {
    const path = `/v1/resource-definitions/${name}`;
    if (traffic.some((each) => each.path === path && each.status === 200)) return [];
    return more.filter((each) => each.path === path && each.method === 'GET' && each.status === 200).slice(-1);
  });
}

/** Volumes that were there and of which this recording shows no more than a part: as they were last read elsewhere. */
function replicasOf(traffic: readonly Exchange[], more: readonly Exchange[]): readonly Exchange[] {
  const shown = traffic.flatMap(({ answer }) => objectsIn(jsonOf(answer), (each) => 'layer_object' in each));
  const asked = traffic.map(({ path }) => /^\/v1\/resource-definitions\/([\w-]+)\/resources/.exec(path)?.[1]);
  const names = new Set([...shown.map((each) => String(each.name)), ...asked.filter((each) => each !== undefined)]);
  return [...names].flatMap((name) => {
    const isRead = ({ method, path, status, answer }: Exchange): boolean =>
      method === 'GET' && path === `/v1/view/resources?resources=${name}` && status === 200 && answer !== '[]';
    const isMade = traffic.some(({ path, body = '' }) => path === '/v1/resource-definitions' && body.includes(name));
    return isMade || traffic.some(isRead) ? [] : more.filter(isRead).slice(-1);
  });
}

/** Answers about the groups of definitions, with all that was set on them later. */
function groupsOf(traffic: readonly Exchange[], more: readonly Exchange[]): readonly Exchange[] {
  const texts = traffic.map(({ answer }) => answer);
  const names = texts.flatMap((text) => [...text.matchAll(/"resource_group_name":"([^"]+)"/g)].map(([, name]) => name));
  return [...new Set(names)].flatMap((name) => {
    const reads = more.filter(({ path, status }) => path === `/v1/resource-groups/${name}` && status === 200);
    return reads.slice(-1);
  });
}

/** Nodes whose descriptions were all cut off, not all nodes that there are: what NodeGetInfo told of them; a satellite that reports nowhere is away. */
function cutOffNodes(calls: readonly Call[]): Exchange {
  const traffic = calls.flatMap((call) => call.traffic);
  const shown = traffic.flatMap(({ answer }) => objectsIn(jsonOf(answer), (each) => 'connection_status' in each));
  const described = new Set(shown.map((each) => each.name));
  const named = new Set(
    traffic.flatMap(({ answer }) => [...answer.matchAll(/"node_name":"([\w-]+)"/g)].map(([, name]) => name)),
  );
  const nodes = [...named]
    .filter((name) => !described.has(name))
    .map((name) => {
      const isThere = traffic.some(({ answer }) => answer.includes(`"message":"(${name}) `));
      const connection_status = isThere ? 'ONLINE' : 'OFFLINE';
      const resource_layers = ['DRBD', 'STORAGE'];
      return { name, connection_status, net_interfaces: [], resource_layers, props: labelsOf(calls, name) };
    });
  return {
    name: '',
    note: '',
    method: 'GET',
    path: '/v1/nodes?cut=off',
    body: undefined,
    status: 200,
    answer: JSON.stringify(nodes),
    seconds: 0,
  };
}

function labelsOf(calls: readonly Call[], node: string | undefined): Readonly<Record<string, string>> {
  const info = calls.find(({ method, value }) => method === 'NodeGetInfo' && isObject(value) && value.nodeId === node);
  const topology = isObject(info?.value) ? info.value.accessibleTopology : undefined;
  const segments = isObject(topology) && isObject(topology.segments) ? topology.segments : {};
  return Object.fromEntries(
    Object.entries(segments).flatMap(([key, value]) =>
      key.startsWith('linbit.com/') || typeof value !== 'string' ? [] : [[`Aux/${key}`, value]],
    ),
  );
}
