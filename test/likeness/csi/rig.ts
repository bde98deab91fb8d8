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
  const own = [...calls.flatMap(({ traffic }) => traffic), ...groupsOf(calls, more), cutOffNodes(all)];
  return new Rig(pools === undefined ? own : [...own, pools], [], more);
}

/** Answers about the groups of this recording's definitions, with all that was set on them later. */
function groupsOf(calls: readonly Call[], more: readonly Exchange[]): readonly Exchange[] {
  const texts = calls.flatMap(({ traffic }) => traffic.map(({ answer }) => answer));
  const names = texts.flatMap((text) => [...text.matchAll(/"resource_group_name":"([^"]+)"/g)].map(([, name]) => name));
  return [...new Set(names)].flatMap((name) => {
    const reads = more.filter(({ path, status }) => path === `/v1/resource-groups/${name}` && status === 200);
    return reads.slice(-1);
  });
}

/** Nodes that are named but described nowhere: what NodeGetInfo told of them, and that they are not reached. */
function cutOffNodes(calls: readonly Call[]): Exchange {
  const traffic = calls.flatMap((call) => call.traffic);
  const shown = traffic.flatMap(({ answer }) => objectsIn(jsonOf(answer), (each) => 'connection_status' in each));
  const described = new Set(shown.map((each) => each.name));
  const named = new Set(
    traffic.flatMap(({ answer }) => [...answer.matchAll(/"node_name":"([\w-]+)"/g)].map(([, name]) => name)),
  );
  const nodes = [...named]
    .filter((name) => !described.has(name))
    .map((name) => ({ name, connection_status: 'OFFLINE', net_interfaces: [], props: labelsOf(calls, name) }));
  return {
    name: '',
    note: '',
    method: 'GET',
    path: '/v1/nodes',
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
