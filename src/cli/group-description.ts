import type { ReplicaView, VolumeView } from '../model/drbd-replica.ts';
import { operationsOf, startOf } from '../model/group-facts.ts';
import type { GroupOverview } from '../model/group-overview.ts';
import type { GroupView, SiteView } from '../model/group-view.ts';
import { instantOf } from '../model/instant.ts';
import { listAt, textAt } from '../model/json.ts';
import type { Known } from '../model/known.ts';
import type { KubeObject } from '../model/kube.ts';
import { factTexts, outOfSyncText } from './fact-text.ts';
import { reasonLines, type SiteTitles, siteHeading } from './group-text.ts';
import { tableLines } from './table.ts';

/**
 * Everything about a group, in sections: the whole, each cluster, the replicas of its volumes, its operations. `outOfSync`: in
 * KiB, by DRBD's own word.
 */
export function descriptionLines(
  overview: GroupOverview,
  view: GroupView,
  outOfSync: Known<number>,
  titles: SiteTitles,
): readonly string[] {
  const { source, target } = view;
  const sites = source.site === titles.primary ? [source, target] : [target, source];
  const active = overview.activeSites.length === 0 ? '-' : overview.activeSites.join(', ');
  return [
    ...pairLines([
      ['Protection Group', overview.name],
      ['Namespace', overview.namespace],
      ['Health', overview.health],
      ['Running on', active],
      ...factTexts(overview.facts),
      ['Out of sync', outOfSyncText(outOfSync)],
      ['VMs', view.virtualMachines.join(', ')],
    ]),
    ...reasonLines(overview),
    ...sites.flatMap((site) => ['', siteHeading(site.site, titles), ...siteLines(site, view, overview)]),
    '',
    'REPLICATION:',
    ...replicaLines(view),
    '',
    'OPERATIONS:',
    ...operationLines(view),
  ];
}

/** The same for programs. */
export function descriptionDocument(overview: GroupOverview, view: GroupView, outOfSync: Known<number>): unknown {
  const conditions = [view.source, view.target].map((site) => ({ site: site.site, conditions: conditionsOf(site) }));
  const volumes = view.volumes.known ? [...view.volumes.value.values()] : undefined;
  return {
    ...overview,
    outOfSyncKib: outOfSync.known ? outOfSync.value : null,
    conditions,
    volumes,
    operations: operationsOf(view).map((object) => ({
      name: object.metadata.name,
      spec: object.spec,
      ...withoutRecord(object),
    })),
  };
}

function withoutRecord(object: KubeObject): { readonly status: unknown } {
  const { record: _record, ...status } = object.status ?? {};
  return { status };
}

function siteLines(site: SiteView, { askedStorage }: GroupView, overview: GroupOverview): readonly string[] {
  const shown = overview.sites.find((candidate) => candidate.site === site.site);
  const group = site.group.known ? site.group.value : undefined;
  const vms = shown?.virtualMachines ?? [];
  const claims = site.virtualMachines.flatMap((vm) => vm.claims);
  return [
    ...pairLines([
      ['State', shown?.state ?? 'Unknown'],
      ['Desired state', group?.desiredState ?? '-'],
      ['Current state', shown?.currentState ?? 'unknown'],
      ['Epoch', group === undefined ? '-' : String(group.epoch)],
    ]),
    ...tableLines(
      ['VM', 'STATUS', 'REASON', 'MESSAGE'],
      vms.map((vm) => [vm.name, vm.status, vm.reason, vm.message]),
    ),
    ...tableLines(
      ['PVC', 'VM', 'PHASE', 'VOLUME', askedStorage === 'drbd-operator' ? 'DRBD VOLUME' : 'LINSTOR RESOURCE'],
      claims.map((claim) => [
        claim.name,
        claim.virtualMachine,
        claim.claim.known ? (textAt(claim.claim.value, 'status', 'phase') ?? 'Missing') : 'Unknown',
        claim.volume.known ? (claim.volume.value?.metadata.name ?? 'Missing') : 'Unknown',
        claim.resource ?? '-',
      ]),
    ),
    ...conditionLines(site),
  ];
}

function conditionLines(site: SiteView): readonly string[] {
  const conditions = conditionsOf(site);
  if (conditions.length === 0) return [];
  return tableLines(
    ['CONDITION', 'STATUS', 'REASON', 'MESSAGE'],
    conditions.map((condition) =>
      ['type', 'status', 'reason', 'message'].map((field) => textAt(condition, field) ?? ''),
    ),
  );
}

function conditionsOf(site: SiteView): readonly unknown[] {
  return site.group.known ? listAt(site.group.value?.object, 'status', 'conditions') : [];
}

function replicaLines(view: GroupView): readonly string[] {
  if (!view.volumes.known) return [`Unknown: ${view.volumes.why}`];
  const volumes = [...view.volumes.value.values()].filter((volume): volume is VolumeView => volume !== undefined);
  const replicas = volumes.flatMap((volume) => volume.replicas);
  return tableLines(
    ['RESOURCE', 'NODE', 'CLUSTER', 'KIND', 'IN USE', 'DISK', 'PEERS'],
    replicas.map((replica) => [
      replica.resource,
      replica.node,
      replica.site ?? '-',
      replica.kind,
      replica.inUse,
      replica.diskState ?? 'unknown',
      peersText(replica),
    ]),
  );
}

function peersText(replica: ReplicaView): string {
  return replica.peers
    .map(
      (peer) =>
        `${peer.node} ${peer.connection ?? 'unknown'}${peer.replication === undefined ? '' : `/${peer.replication}`}`,
    )
    .join(', ');
}

function operationLines(view: GroupView): readonly string[] {
  const operations = operationsOf(view);
  if (operations.length === 0) return ['None'];
  return tableLines(
    ['NAME', 'SOURCE', 'TARGET', 'PHASE', 'STEP', 'STARTED', 'SECONDS', 'MESSAGE'],
    operations.map((object) => [
      object.metadata.name,
      textAt(object, 'spec', 'sourceCluster') ?? '-',
      textAt(object, 'spec', 'targetCluster') ?? '-',
      textAt(object, 'status', 'phase') ?? 'Pending',
      textAt(object, 'status', 'step') ?? '-',
      startOf(object),
      secondsOf(object),
      textAt(object, 'status', 'message') ?? '',
    ]),
  );
}

function secondsOf(object: KubeObject): string {
  const from = instantOf(startOf(object));
  const to = instantOf(textAt(object, 'status', 'completionTime'));
  return from === undefined || to === undefined ? '-' : String(Math.round((to - from) / 1000));
}

function pairLines(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([name]) => name.length)) + 1;
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(width + 1)}${value}`);
}
