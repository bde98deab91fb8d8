import { type Json, listAt, textAt } from '../json.ts';
import { type Known, known, unknown } from '../known.ts';
import { lastOperationOf } from '../drbd-order.ts';
import { operationRequest } from '../drbd-operator/operation-order.ts';
import type { DrbdResourceReport } from '../drbd-report.ts';
import type { ApiRequest, LinstorRequest } from '../request.ts';
import { type Copy, diskfulCopies, type VolumeCopies } from './copies.ts';

/** Whether the storage can take a snapshot of the copies of a volume. Otherwise why it cannot. */
export function snapshotObstacle(volume: VolumeCopies, resources: Known<Json>): Known<string | undefined> {
  const agents = agentsIn(diskfulCopies(volume));
  if (agents === undefined) return linstorObstacle(resources, volume.resource);
  for (const { satellite, report } of agents) {
    const supported = report.snapshots?.supported ?? 'unknown';
    if (supported === 'unknown') return unknown(`the agent of ${satellite.node} does not tell whether its pool can`);
    if (supported === 'no') return known(`the storage pool on ${satellite.node} takes no snapshots`);
  }
  return known(undefined);
}

/**
 * Whether LINSTOR can take a snapshot of a resource, by `GET /v1/view/resources`: the pool of every copy has to be able to
 * (`isSnapshotSupported` of `DeviceProviderKind`, LINBIT/linstor-server). Otherwise why it cannot.
 */
function linstorObstacle(resources: Known<Json>, resource: string): Known<string | undefined> {
  if (!resources.known) return resources;
  const entries = (Array.isArray(resources.value) ? resources.value : []).filter(
    (entry) => textAt(entry, 'name') === resource,
  );
  const volumes = entries.flatMap((entry) =>
    listAt(entry, 'volumes').map((volume) => ({ node: textAt(entry, 'node_name') ?? '', volume })),
  );
  if (volumes.length === 0) return unknown(`LINSTOR does not tell of the volumes of ${resource}`);
  const thick = volumes.find(({ volume }) => !/^(LVM_THIN|ZFS|ZFS_THIN|FILE|FILE_THIN|DISKLESS)$/.test(kindOf(volume)));
  return known(thick && `the storage pool on ${thick.node} (${kindOf(thick.volume)}) takes no snapshots`);
}

function kindOf(volume: Json): string {
  return textAt(volume, 'provider_kind') ?? 'unknown';
}

/** A snapshot of the copies of a resource on some nodes. */
export interface SnapshotOrder {
  readonly resource: string;
  readonly nodes: readonly string[];
  readonly name: string;
}

/** Asks the storage for a snapshot: LINSTOR once for all nodes, DRBD Operator on each of them. */
export function snapshotRequests(order: SnapshotOrder, volumes: readonly VolumeCopies[]): readonly ApiRequest[] {
  const { resource, nodes, name } = order;
  const agents = agentCopies(order, volumes);
  if (agents === undefined) return [snapshotRequest(order)];
  return agents
    .filter(({ satellite, report }) => nodes.includes(satellite.node) && !isTakenOn(report, name))
    .map(({ satellite, report }) =>
      operationRequest({
        agent: satellite,
        resource,
        command: { type: 'Snapshot', snapshot: name },
        after: lastOperationOf(report),
      }),
    );
}

/** Asks LINSTOR for a snapshot. */
export function snapshotRequest({ resource, nodes, name }: SnapshotOrder): LinstorRequest {
  return {
    api: 'linstor',
    method: 'POST',
    path: `/v1/resource-definitions/${resource}/snapshots`,
    body: { name, nodes },
  };
}

/** True for a request that has LINSTOR take a snapshot, and do nothing else. */
export function takesSnapshot({ method, path }: LinstorRequest): boolean {
  return method === 'POST' && /^\/v1\/resource-definitions\/[^/]+\/snapshots$/.test(path);
}

/** What has become of a snapshot; one that has `failed` stays so until it is deleted. */
export function snapshotState(
  order: SnapshotOrder,
  { volumes, snapshots }: { readonly volumes: readonly VolumeCopies[]; readonly snapshots: Known<Json> },
): 'taken' | 'failed' | 'missing' | 'unknown' {
  const agents = agentCopies(order, volumes);
  if (agents === undefined) return linstorSnapshotState(snapshots, order);
  const reports = order.nodes.map((node) => agents.find(({ satellite }) => satellite.node === node)?.report);
  if (reports.includes(undefined)) return 'unknown';
  return reports.every((report) => report !== undefined && isTakenOn(report, order.name)) ? 'taken' : 'missing';
}

function isTakenOn({ snapshots }: DrbdResourceReport, name: string): boolean {
  return snapshots?.names.includes(name) === true;
}

/** The copies of the volume of an order as agents of DRBD Operator tell of them; undefined where none does. */
function agentCopies({ resource }: SnapshotOrder, volumes: readonly VolumeCopies[]): readonly Copy[] | undefined {
  return agentsIn(volumes.find((volume) => volume.resource === resource)?.copies ?? []);
}

function agentsIn(copies: readonly Copy[]): readonly Copy[] | undefined {
  const found = copies.filter(({ satellite }) => satellite.agent !== undefined);
  return found.length === 0 ? undefined : found;
}

/** The same by `GET /v1/view/snapshots` of LINSTOR. */
function linstorSnapshotState(
  snapshots: Known<Json>,
  { resource, nodes, name }: SnapshotOrder,
): 'taken' | 'failed' | 'missing' | 'unknown' {
  if (!snapshots.known) return 'unknown';
  const found = (Array.isArray(snapshots.value) ? snapshots.value : []).find(
    (entry) =>
      textAt(entry, 'name') === name &&
      textAt(entry, 'resource_name') === resource &&
      nodes.every((node) => listAt(entry, 'nodes').includes(node)),
  );
  if (found === undefined) return 'missing';
  const flags = listAt(found, 'flags');
  if (flags.includes('FAILED_DEPLOYMENT') || flags.includes('FAILED_DISCONNECT')) return 'failed';
  return flags.includes('SUCCESSFUL') ? 'taken' : 'missing';
}
