import { copiesAreTogether, shownTroubles } from './checks/troubles.ts';
import { type DrillRecord, lastDrillIn } from './drill-record.ts';
import { diskfulReplicas, isInSync, replicasAt, type VolumeView, type VolumeViews } from './drbd-replica.ts';
import type { Finding } from './findings.ts';
import type { GroupView } from './group-view.ts';
import { textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import { type Known, mapKnown } from './known.ts';
import type { SiteName } from './site.ts';
import { readingOfSite } from './site-reading.ts';
import { partedCopies } from './split-brain.ts';

/** Where a group's data is, which way it flows, and what has happened to it. */
export interface GroupFacts {
  /** Undefined while not exactly one site is told to run the group. */
  readonly direction: { readonly source: SiteName; readonly target: SiteName } | undefined;
  /** Sites that have an UpToDate copy of every volume. */
  readonly dataOn: Known<readonly SiteName[]>;
  readonly replication: Known<ReplicationState>;
  readonly lastOperation: { readonly name: string; readonly phase: string; readonly target: SiteName } | undefined;
  readonly lastDrill: DrillRecord | undefined;
  /** What keeps the group from going where it is wanted and takes a person, each with the next command. */
  readonly troubles: readonly Finding[];
}

/** The worst of what the copies of a group's volumes show. */
export type ReplicationState =
  | { readonly kind: 'InSync' | 'Parted' | 'NotConnected' | 'NotUpToDate' | 'NotReported' }
  /** `donePercentage`: of the volume that is furthest behind; undefined when LINSTOR does not tell. */
  | { readonly kind: 'Resyncing'; readonly donePercentage: number | undefined };

/** The facts of a group, from a view whose source is the site that runs it. */
export function groupFacts(view: GroupView): GroupFacts {
  const { source, target } = view;
  const [here, there] = [source, target].map(({ group }) => (group.known ? group.value?.desiredState : undefined));
  const operations = operationsOf(view);
  const [newest] = operations;
  return {
    direction: here === 'running' && there === 'stopped' ? { source: source.site, target: target.site } : undefined,
    dataOn: mapKnown(view.volumes, (volumes) => sitesWithData(volumes, [source.site, target.site])),
    replication: mapKnown(view.volumes, replicationState),
    lastOperation: newest && {
      name: newest.metadata.name,
      phase: textAt(newest, 'status', 'phase') ?? 'Pending',
      target: textAt(newest, 'spec', 'targetCluster') ?? '',
    },
    lastDrill: lastDrillIn(operations),
    troubles: troublesOf(view),
  };
}

/** The operations on a group that its two sites know of, the newest first. Where both have one, the target's counts. */
export function operationsOf(view: GroupView): readonly KubeObject[] {
  const byName = new Map<string, KubeObject>();
  for (const site of [view.target, view.source]) {
    const operations = readingOfSite(site, 'operations');
    for (const object of operations.known ? operations.value : []) {
      if (textAt(object, 'spec', 'protectionGroup') !== view.scope.group) continue;
      // The target's object is the operation itself; another site's is a copy.
      const isOwn = textAt(object, 'spec', 'targetCluster') === site.site;
      if (isOwn || !byName.has(object.metadata.name)) byName.set(object.metadata.name, object);
    }
  }
  return [...byName.values()].sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1));
}

/** When an operation was taken up, or else ordered; empty when neither is told. */
export function startOf(operation: KubeObject): string {
  return textAt(operation, 'status', 'startTime') ?? operation.metadata.creationTimestamp ?? '';
}

/** Each trouble once, though both sites may tell of it. */
function troublesOf(view: GroupView): readonly Finding[] {
  const all = [
    ...copiesAreTogether(view),
    ...[view.source, view.target].flatMap((site) => shownTroubles(view, site, 'error')),
  ];
  return all.filter(({ id, what }, index) => all.findIndex((each) => each.id === id && each.what === what) === index);
}

function sitesWithData(volumes: VolumeViews, sites: readonly SiteName[]): readonly SiteName[] {
  const all = [...volumes.values()];
  const hasIt = (volume: VolumeView | undefined, site: SiteName): boolean =>
    volume !== undefined &&
    replicasAt(volume, site).some(({ kind, diskState }) => kind === 'diskful' && diskState === 'UpToDate');
  return all.length === 0 ? [] : sites.filter((site) => all.every((volume) => hasIt(volume, site)));
}

function replicationState(volumes: VolumeViews): ReplicationState {
  if (partedCopies(volumes).some(({ sign }) => sign !== 'Connecting')) return { kind: 'Parted' };
  const states = [...volumes.values()].map((volume) =>
    volume === undefined ? ({ kind: 'NotReported' } as const) : volumeState(volume),
  );
  const resyncs = states.flatMap((state) => (state.kind === 'Resyncing' ? [state] : []));
  const worst = (['NotConnected', 'NotReported'] as const).find((kind) => states.some((state) => state.kind === kind));
  if (worst !== undefined) return { kind: worst };
  if (resyncs.length > 0) {
    const told = resyncs.flatMap(({ donePercentage }) => donePercentage ?? []);
    return { kind: 'Resyncing', donePercentage: told.length === 0 ? undefined : Math.min(...told) };
  }
  return states.find(({ kind }) => kind !== 'InSync') ?? { kind: 'InSync' };
}

function volumeState(volume: VolumeView): ReplicationState {
  const copies = diskfulReplicas(volume);
  const nodes = new Set(copies.map(({ node }) => node));
  const links = copies.flatMap(({ node, peers }) => peers.filter((peer) => nodes.has(peer.node) && peer.node !== node));
  if (links.some(({ connection }) => connection !== undefined && connection !== 'Connected'))
    return { kind: 'NotConnected' };
  const running = links.filter(({ replication }) => replication !== undefined && !isInSync(replication));
  if (running.length > 0) {
    const told = running.flatMap(({ donePercentage }) => donePercentage ?? []);
    return { kind: 'Resyncing', donePercentage: told.length === 0 ? undefined : Math.min(...told) };
  }
  if (links.length < nodes.size * (nodes.size - 1) || links.some(({ replication }) => replication === undefined))
    return { kind: 'NotReported' };
  if (copies.some(({ diskState }) => diskState === undefined)) return { kind: 'NotReported' };
  return { kind: copies.every(({ diskState }) => diskState === 'UpToDate') ? 'InSync' : 'NotUpToDate' };
}
