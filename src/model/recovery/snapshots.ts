import { type Json, listAt, textAt } from '../json.ts';
import { type Known, known, unknown } from '../known.ts';
import type { LinstorRequest } from '../request.ts';

/**
 * Whether LINSTOR can take a snapshot of a resource, by `GET /v1/view/resources`: the pool of every copy has to be able to
 * (`isSnapshotSupported` of `DeviceProviderKind`, LINBIT/linstor-server). Otherwise why it cannot.
 */
export function snapshotObstacle(resources: Known<Json>, resource: string): Known<string | undefined> {
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

/** Asks LINSTOR for a snapshot. */
export function snapshotRequest({ resource, nodes, name }: SnapshotOrder): LinstorRequest {
  return {
    api: 'linstor',
    method: 'POST',
    path: `/v1/resource-definitions/${resource}/snapshots`,
    body: { name, nodes },
  };
}

/** True for a request that takes a snapshot, and does nothing else. */
export function takesSnapshot({ method, path }: LinstorRequest): boolean {
  return method === 'POST' && /^\/v1\/resource-definitions\/[^/]+\/snapshots$/.test(path);
}

/** What has become of a snapshot, by `GET /v1/view/snapshots`; `failed` stays so until it is deleted. */
export function snapshotState(
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
