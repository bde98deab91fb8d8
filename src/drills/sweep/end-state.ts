import { numberAt, textAt } from '../../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { maskedName, maskedObject } from './masked.ts';

/** What a run has come to, so that it can be compared with what another one has. */
export interface EndState {
  /** What is otherwise than at the beginning, masked, by `site kind namespace/name`; empty text for what is gone. */
  readonly world: ReadonlyMap<string, string>;
  /** The same of what tells of the operations: Failover objects, Leases, the group's epochs. */
  readonly history: ReadonlyMap<string, string>;
  /** How often objects were created and deleted, by `created site kind`. */
  readonly counts: ReadonlyMap<string, number>;
  /** The sites that are told to run each group. */
  readonly runningOn: ReadonlyMap<string, readonly SiteName[]>;
  /** The operations in the order in which they ended. */
  readonly operations: readonly OperationEnd[];
}

/** How an operation ended. */
export interface OperationEnd {
  readonly name: string;
  readonly group: string;
  readonly target: SiteName;
  readonly phase: string;
}

/** An object that has changed: how it was at first, and how it is now. */
interface Touched {
  readonly site: SiteName;
  readonly resource: ResourceType;
  readonly first: KubeObject | undefined;
  readonly last: KubeObject | undefined;
}

const ofOperations: ReadonlySet<string> = new Set([resources.failover.plural, resources.lease.plural]);

/** Follows what changes in the world of a stage; the function that it answers tells what that has come to. */
export function watchEnd(stage: Stage): () => EndState {
  const { sites, world } = stage.twin;
  const touched = new Map<string, Touched>();
  const counts = new Map<string, number>();
  const ended: OperationEnd[] = [];
  for (const { name: site } of sites) {
    world.cluster(site).api.onChange(({ type, resource, object, old }) => {
      const { plural } = resource;
      const { namespace = '', name } = object.metadata;
      // What a lost site does to the storage's own pods goes by how long it was lost.
      if (plural === resources.pod.plural && namespace !== stageNamespace) return;
      const key = `${site} ${plural} ${namespace}/${name}`;
      const first = touched.has(key) ? touched.get(key)?.first : old;
      touched.set(key, { site, resource, first, last: type === 'DELETED' ? undefined : object });
      if (type !== 'MODIFIED') add(counts, `${type === 'ADDED' ? 'created' : 'deleted'} ${site} ${plural}`);
      if (plural === resources.failover.plural) noteEnd(ended, object, old);
    });
  }
  const storage = storageOf(stage);
  return () => ({
    world: new Map([
      ...differences(touched, (plural) => !ofOperations.has(plural)),
      ...since(storage, storageOf(stage)),
    ]),
    history: new Map([...differences(touched, (plural) => ofOperations.has(plural)), ...epochsOf(stage)]),
    counts,
    runningOn: new Map(stage.groups.map(({ name }) => [name, sitesRunning(stage, name)])),
    operations: ended,
  });
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function noteEnd(ended: OperationEnd[], object: KubeObject, old: KubeObject | undefined): void {
  const phase = textAt(object, 'status', 'phase') ?? 'Pending';
  if (phase === 'Pending' || phase === 'Running' || phase === textAt(old, 'status', 'phase')) return;
  const [group = '', target = ''] = ['protectionGroup', 'targetCluster'].map((field) => textAt(object, 'spec', field));
  ended.push({ name: object.metadata.name, group, target, phase });
}

function differences(
  touched: ReadonlyMap<string, Touched>,
  concerns: (plural: string) => boolean,
): ReadonlyMap<string, string> {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { site, resource, first, last } of touched.values()) {
    if (first === last || !concerns(resource.plural)) continue;
    for (const [object, into] of [[first, before] as const, [last, after] as const]) {
      const any = (first ?? last) as KubeObject;
      const key = `${site} ${resource.plural} ${any.metadata.namespace ?? ''}/${maskedName(any)}`;
      const list = into.get(key) ?? [];
      if (object !== undefined) list.push(JSON.stringify(maskedObject(object)));
      into.set(key, list);
    }
  }
  return since(joined(before), joined(after));
}

function joined(lists: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  return new Map([...lists].map(([key, list]) => [key, list.toSorted().join('\n')]));
}

function since(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...after].filter(([key, text]) => text !== before.get(key)));
}

/** What really is: who executes where, and the state of every replica. */
function storageOf({ groups, twin: { kernel, guests } }: Stage): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const name of kernel.resourceNames()) {
    for (const replica of kernel.resource(name)?.replicas.values() ?? []) {
      const peers = [...replica.peers.values()].map(
        ({ node, connection, replication, disk }) => `${node} ${connection} ${replication} ${disk}`,
      );
      const { node, running, role, disk, quorum, openers } = replica;
      const own = `${running ? 'up' : 'down'} ${role} ${disk} quorum ${quorum} opened ${openers.size} times`;
      state.set(`drbd ${name} ${node}`, [own, ...peers.toSorted()].join('; '));
    }
  }
  for (const vm of groups.flatMap(({ members }) => members)) {
    const clusters = guests.executing(stageNamespace, vm).map(({ cluster }) => cluster);
    for (const site of stageSites) state.set(`guest ${site} ${vm}`, clusters.includes(site) ? 'executes' : 'stands');
  }
  return state;
}

function epochsOf(stage: Stage): ReadonlyMap<string, string> {
  return new Map(
    stage.groups.flatMap(({ name }) =>
      stageSites.map((site): [string, string] => [
        `epoch ${site} ${name}`,
        String(numberAt(groupOn(stage, site, name), 'spec', 'epoch') ?? 0),
      ]),
    ),
  );
}

function sitesRunning(stage: Stage, group: string): readonly SiteName[] {
  return stageSites.filter((site) => textAt(groupOn(stage, site, group), 'spec', 'desiredState') === 'running');
}

function groupOn({ twin: { world } }: Stage, site: SiteName, group: string): KubeObject | undefined {
  return world.cluster(site).api.get(resources.protectionGroup, stageNamespace, group);
}
