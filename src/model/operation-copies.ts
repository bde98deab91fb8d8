import { copiedFrom, copiedFromLabel } from './definition-copy/marks.ts';
import { isUnfinished } from './failover.ts';
import { instantOf } from './instant.ts';
import { isSameJson, type JsonObject, textAt } from './json.ts';
import type { Known } from './known.ts';
import { type KubeObject, type ResourceType, resources } from './kube.ts';
import { type Observation, readingOf } from './observation.ts';
import type { KubeRequest } from './request.ts';
import type { SiteName } from './site.ts';

/** How many operations of a group a site keeps. */
export const historyLimit = 20;

/** The operations of one group, as the sites hold them, each reading of all kinds. */
export interface HistoryView {
  readonly site: SiteName;
  readonly own: Known<readonly KubeObject[]>;
  readonly others: readonly { readonly site: SiteName; readonly operations: Known<readonly KubeObject[]> }[];
}

/** The operations of one group on a site and on the others. A site is unknown as a whole when one of its kinds is. */
export function historyView(observation: Observation, site: SiteName): HistoryView {
  const others = Object.keys(observation.sites).filter((other) => other !== site);
  return {
    site,
    own: operationsOn(observation, site),
    others: others.map((other) => ({ site: other, operations: operationsOn(observation, other) })),
  };
}

function operationsOn(observation: Observation, site: SiteName): Known<readonly KubeObject[]> {
  const failovers = readingOf(observation, site, 'groupOperations');
  const recoveries = readingOf(observation, site, 'groupRecoveries');
  if (!failovers.known || !recoveries.known) return failovers.known ? recoveries : failovers;
  return { known: true, value: [...failovers.value, ...recoveries.value] };
}

/**
 * The requests that bring this site's ended operations to the other sites that answer. Those that the sites together are to
 * forget are not copied any more. The copy's status is what the operation came to, without the stored form of its machine.
 */
export function copyRequests({ site, own, others }: HistoryView): readonly KubeRequest[] {
  if (!own.known) return [];
  const originals = own.value.filter((object) => copiedFrom(object) === undefined && !isUnfinished(object));
  return others.flatMap((other) => {
    if (!other.operations.known) return [];
    const there = byKey(other.operations.value);
    const all = new Map([...there, ...byKey(own.value)]);
    const kept = new Set(newestFirst([...all.values()]).slice(0, historyLimit));
    return originals
      .filter((object) => kept.has(object))
      .flatMap((object) => copyOf(object, there.get(keyOf(object)), { from: site, to: other.site }));
  });
}

/** True when every other site has answered. */
export function allOthersTold({ others }: HistoryView): boolean {
  return others.every(({ operations }) => operations.known);
}

/** The requests that take away what is more than the site keeps: the oldest that have ended, each as it was read. */
export function removalRequests({ site, own }: HistoryView): readonly KubeRequest[] {
  if (!own.known) return [];
  return beyondLimit(own.value).map((object) => ({
    api: 'kube',
    site,
    verb: 'delete',
    resource: typeOf(object),
    ...placeOf(object),
    options: { preconditions: preconditionsOf(object) },
  }));
}

/** Operations that a site need not keep; `objects`: all of one group. */
export function beyondLimit(objects: readonly KubeObject[]): readonly KubeObject[] {
  return newestFirst(objects)
    .slice(historyLimit)
    .filter((object) => !isUnfinished(object));
}

function copyOf(
  original: KubeObject,
  copy: KubeObject | undefined,
  { from, to }: { readonly from: SiteName; readonly to: SiteName },
): readonly KubeRequest[] {
  // Another operation of that name is left alone.
  if (copy !== undefined && copiedFrom(copy) === undefined) return [];
  const status = toldStatus(original);
  if (copy !== undefined && isSameJson(status, toldStatus(copy))) return [];
  const { name, namespace } = placeOf(original);
  const place = { api: 'kube', site: to, resource: typeOf(original), namespace } as const;
  const labels = { ...original.metadata.labels, [copiedFromLabel]: from };
  const { apiVersion, kind, spec = {} } = original;
  const body = { apiVersion, kind, metadata: { name, namespace, labels }, spec };
  return [
    ...(copy === undefined ? [{ ...place, verb: 'create', body } as const] : []),
    { ...place, name, verb: 'patch', patch: 'merge', subresource: 'status', body: { status } },
  ];
}

function toldStatus({ status = {} }: KubeObject): JsonObject {
  const { record: _record, ...told } = status;
  return told;
}

function newestFirst(objects: readonly KubeObject[]): readonly KubeObject[] {
  const orders = new Map(objects.map((object) => [object, orderedAt(object)]));
  return objects.toSorted(
    (a, b) => (orders.get(b) ?? 0) - (orders.get(a) ?? 0) || (a.metadata.name < b.metadata.name ? 1 : -1),
  );
}

// A copy is younger than what it tells of.
function orderedAt(object: KubeObject): number {
  const started = instantOf(textAt(object, 'status', 'startTime'));
  return started ?? instantOf(object.metadata.creationTimestamp) ?? 0;
}

function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}

function typeOf({ kind }: KubeObject): ResourceType {
  return kind === resources.recovery.kind ? resources.recovery : resources.failover;
}

function placeOf({ metadata }: KubeObject): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? 'default', name: metadata.name };
}

function preconditionsOf({ metadata: { uid, resourceVersion } }: KubeObject): {
  readonly uid?: string;
  readonly resourceVersion?: string;
} {
  return { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
