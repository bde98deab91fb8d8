import { carriesVersion, needsVersion } from '../../machines/request-rules.ts';
import { orderingStates } from '../../machines/failover/safety-rules.ts';
import type { Millis } from '../../model/instant.ts';
import { type Json, numberAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { quorumTaintKeys } from '../../model/gates.ts';
import { takesSnapshot } from '../../model/recovery/snapshots.ts';
import { isChange, kindOf } from '../interference.ts';
import { stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { isOrder, operationOf } from './orders.ts';
import type { Property } from './property.ts';

const group = resources.protectionGroup.plural;

/** Nothing is forced. */
export const forceGuard: Property = {
  id: 'S5',
  name: 'ForceGuard',
  says: 'No request of ours tells LINSTOR to do anything but to take a snapshot of what a recovery gives up: what is planned needs no consent, since it takes no risk. What DRBD is told in an unplanned failover or a recovery is judged by S29.',
  watch: ({ onRequest }, judge) => {
    onRequest.add(({ host, request }) => {
      const isToStorage = request.api === 'linstor' && request.method !== 'GET';
      judge.check(
        !isToStorage || takesSnapshot(request),
        () => `${host} tells LINSTOR to ${request.api === 'linstor' ? request.path : ''}`,
      );
    });
    return undefined;
  },
};

/** The epoch of a group only grows, and belongs to one operation. */
export const epochMonotone: Property = {
  id: 'S8',
  name: 'EpochMonotone',
  says: 'The epoch of a group never falls, and no two operations order under the same epoch.',
  watch: ({ twin: { world }, onRequest }, judge) => {
    const owners = new Map<string, string>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old }) => {
        if (resource.plural !== group || old === undefined || object.spec === old.spec) return;
        const [before, after] = [epochOf(old), epochOf(object)];
        judge.check(
          after >= before,
          () => `the epoch of ${object.metadata.name} on ${site} falls from ${before} to ${after}`,
        );
      });
    }
    onRequest.add(({ host, request, outcome }) => {
      // A site that was superseded follows under the epoch of the operation that did it.
      if (!isOrder(request) || outcome.kind !== 'applied' || kindOf(host) === 'protection-group-controller') return;
      const epoch = numberAt(request.body, 'spec', 'epoch');
      const operation = operationOf(host);
      const place = `${request.name} ${epoch}`;
      const owner = owners.get(place) ?? operation;
      owners.set(place, owner);
      judge.check(
        owner === operation,
        () => `${operation} orders ${request.name} under epoch ${epoch}, which is ${owner}'s`,
      );
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
  watch: ({ onRequest }, judge) => {
    onRequest.add(({ host, request }) => {
      if (!needsVersion(request)) return;
      judge.check(
        carriesVersion(request),
        () => `${host} patches ${request.resource.plural} ${request.name} on ${request.site} whatever its version`,
      );
    });
    return undefined;
  },
};

/** Nothing is ordered that the journal does not know of. */
export const writeAhead: Property = {
  id: 'S10',
  name: 'WriteAhead',
  says: 'Whoever orders a group or a node in an operation is its holder by the journal, in a state that orders that.',
  watch: ({ twin: { world }, onRequest }, judge) => {
    const writtenAt = new Map<string, Millis>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object }) => {
        if (resource.plural === resources.failover.plural) writtenAt.set(object.metadata.name, world.now);
      });
    }
    onRequest.add(({ host, request, outcome, sentAt }) => {
      if (!isChange(request) || kindOf(host) === 'protection-group-controller' || outcome.kind !== 'applied') return;
      if (request.resource.plural !== group && request.resource.plural !== resources.node.plural) return;
      const name = operationOf(host);
      // What was held up on its way was sent by an earlier journal.
      if ((writtenAt.get(name) ?? 0) > sentAt) return;
      // Two operations may have one name, each on its own target.
      const states = stageSites.map(
        (site) =>
          textAt(world.cluster(site).api.get(resources.failover, stageNamespace, name), 'status', 'record', 'state') ??
          'nothing',
      );
      judge.check(
        states.some((state) => orderingStates.has(state)),
        () => `${host} changes ${request.resource.plural} while the journals say ${states.join(' and ')}`,
      );
    });
    return undefined;
  },
};

/** Taking a taint off a node leaves everything else of it alone. */
export const taintFrame: Property = {
  id: 'S12',
  name: 'TaintFrame',
  says: "Our changes of a node take away the two quorum taints of DRBD's and touch nothing else.",
  watch: ({ twin: { world }, onRequest }, judge) => {
    onRequest.add(({ request, outcome }) => {
      if (!isChange(request) || request.resource.plural !== resources.node.plural || outcome.kind !== 'applied') return;
      const { api } = world.cluster(request.site);
      const after = api.get(resources.node, '', request.name ?? '');
      const changes = api.changesSince(resources.node, Number(after?.metadata.resourceVersion ?? 0) - 1);
      const change = changes === 'gone' ? undefined : changes.find(({ object }) => object === after);
      if (after === undefined || change?.old === undefined) return;
      const difference = differenceOf(change.old, after);
      judge.check(difference.length === 0, () => `${request.name} changes in ${difference.join(', ')}`);
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
