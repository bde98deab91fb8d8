import { type Json, isJsonObject, numberAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { quorumTaintKeys } from '../../model/gates.ts';
import { isChange, kindOf } from '../interference.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Property } from './property.ts';

const group = resources.protectionGroup.plural;

/** The epoch of a group only grows, and belongs to one operation. */
export const epochMonotone: Property = {
  id: 'S8',
  name: 'EpochMonotone',
  says: 'The epoch of a group never falls, and no two operations order under the same epoch.',
  watch: ({ twin: { world }, onRequest }, report) => {
    const owners = new Map<string, string>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old }) => {
        if (resource.plural !== group || old === undefined) return;
        const [before, after] = [epochOf(old), epochOf(object)];
        if (after < before) report(`the epoch of ${object.metadata.name} on ${site} falls from ${before} to ${after}`);
      });
    }
    onRequest.add(({ host, request, outcome }) => {
      if (!isChange(request) || request.resource.plural !== group || request.subresource !== undefined) return;
      const epoch = numberAt(request.body, 'spec', 'epoch');
      if (epoch === undefined || outcome.kind !== 'applied') return;
      const operation = host.slice(host.lastIndexOf('/') + 1);
      const place = `${request.name} ${epoch}`;
      const owner = owners.get(place) ?? operation;
      owners.set(place, owner);
      if (owner !== operation) report(`${operation} orders ${request.name} under epoch ${epoch}, which is ${owner}'s`);
    });
    return undefined;
  },
};

function epochOf(object: KubeObject): number {
  return numberAt(object, 'spec', 'epoch') ?? 0;
}

/** What stops, starts or untaints says which version of the object it was decided from. */
export const freshBeforeDestroy: Property = {
  id: 'S9',
  name: 'FreshBeforeDestroy',
  says: 'A request that changes the power of a VM, the order of a group or the taints of a node carries the version it was decided from.',
  watch: ({ onRequest }, report) => {
    const guarded = new Set([resources.virtualMachine.plural, group, resources.node.plural]);
    onRequest.add(({ host, request }) => {
      if (!isChange(request) || !guarded.has(request.resource.plural) || request.verb !== 'patch') return;
      if (request.subresource !== undefined || hasPrecondition(request.body)) return;
      report(`${host} patches ${request.resource.plural} ${request.name} on ${request.site} whatever its version`);
    });
    return undefined;
  },
};

function hasPrecondition(body: Json | undefined): boolean {
  if (textAt(body, 'metadata', 'resourceVersion') !== undefined) return true;
  return Array.isArray(body) && body.some((op) => isJsonObject(op) && op.op === 'test');
}

/** Nothing is ordered that the journal does not know of. */
export const writeAhead: Property = {
  id: 'S10',
  name: 'WriteAhead',
  says: 'Whoever orders a group or a node in an operation is its holder by the journal, in a state that orders that.',
  watch: ({ twin: { world }, onRequest }, report) => {
    onRequest.add(({ host, request, outcome }) => {
      if (!isChange(request) || kindOf(host) === 'protection-group-controller' || outcome.kind !== 'applied') return;
      if (![group, resources.node.plural].includes(request.resource.plural)) return;
      const name = host.slice(host.lastIndexOf('/') + 1);
      const operation = stageSites
        .map((site) => world.cluster(site).api.get(resources.failover, stageNamespace, name))
        .find((found) => found !== undefined);
      const state = textAt(operation, 'status', 'record', 'state') ?? 'no state';
      if (!ordering.has(state)) report(`${host} changes ${request.resource.plural} while the journal says ${state}`);
    });
    return undefined;
  },
};

const ordering: ReadonlySet<string> = new Set([
  'stoppingSource',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'rollingBack',
]);

/** Taking a taint off a node leaves everything else of it alone. */
export const taintFrame: Property = {
  id: 'S12',
  name: 'TaintFrame',
  says: "Our changes of a node take away the two quorum taints of DRBD's and touch nothing else.",
  watch: ({ twin: { world }, onRequest }: Stage, report) => {
    onRequest.add(({ request, outcome }) => {
      if (!isChange(request) || request.resource.plural !== resources.node.plural || outcome.kind !== 'applied') return;
      const { api } = world.cluster(request.site);
      const after = api.get(resources.node, '', request.name ?? '');
      const changes = api.changesSince(resources.node, Number(after?.metadata.resourceVersion ?? 0) - 1);
      const change = changes === 'gone' ? undefined : changes.find(({ object }) => object === after);
      if (after === undefined || change?.old === undefined) return;
      const difference = differenceOf(change.old, after);
      if (difference.length > 0) report(`${request.name} changes in ${difference.join(', ')}`);
    });
    return undefined;
  },
};

function differenceOf(before: KubeObject, after: KubeObject): readonly string[] {
  const strip = ({ metadata, spec, ...rest }: KubeObject): Record<string, unknown> => {
    const { resourceVersion: _version, managedFields: _fields, generation: _generation, ...kept } = metadata;
    const { taints, ...others } = (spec ?? {}) as { readonly taints?: readonly Json[] };
    const left = (taints ?? []).filter((taint) => !quorumTaintKeys.includes(textAt(taint, 'key') ?? ''));
    return { ...rest, metadata: kept, spec: others, taints: left };
  };
  const [old, now] = [strip(before), strip(after)];
  return Object.keys({ ...old, ...now }).filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]));
}
