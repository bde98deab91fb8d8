import { second } from '../../../model/instant.ts';
import type { CsiAnswer, CsiWait } from '../behaviours/storage/csi-ports.ts';
import { failed, missingArgument } from './answers.ts';
import type { LinstorClient, LinstorFailure } from './linstor-client.ts';

/**
 * DeleteVolume: waits until the view shows no replica in use, looking every 5 s, then destroys the replicas on every node,
 * the volume, the definition, and the group where it was the last. The view may be old, and a replica whose satellite is
 * silent has no state: both count as not in use. `goesOn`: the call waits already.
 * Sources: `DeleteVolume` in `pkg/driver/driver.go`, `Delete` in `pkg/client/linstor.go`.
 */
export function deleteVolume(client: LinstorClient, volumeId: string, goesOn: boolean): CsiAnswer<object> | CsiWait {
  if (volumeId === '') return missingArgument('DeleteVolume', '', 'VolumeId');
  const outcome = deleteEverything(client, volumeId, goesOn);
  if (outcome === 'done') return { kind: 'ok', value: {} };
  if (outcome === 'in use') return { kind: 'waiting', lookAgainAfter: 5 * second };
  return failed('Internal', `failed to delete volume: ${outcome.text}`);
}

/** Destroys what there is under a name, in LINSTOR and on every node. */
export function deleteEverything(
  client: LinstorClient,
  id: string,
  goesOn = false,
): LinstorFailure | 'in use' | 'done' {
  const path = `/v1/resource-definitions/${id}`;
  if (!goesOn) {
    if (client.volumeDefinitions(id) === undefined) return 'done';
    const failure = client.change('PUT', path, { override_props: { [balancing]: 'False' } });
    if (failure !== undefined) return doneIfMissing(failure);
  }
  const replicas = client.replicasOf(id);
  if (replicas.some(({ inUse }) => inUse === true)) return 'in use';
  // The last replica with a disk cannot be deleted before those without.
  for (const { node } of replicas.toSorted((a, b) => Number(a.diskful) - Number(b.diskful))) {
    const failure = client.changeResources('DELETE', `${path}/resources/${node}?keep_tiebreaker=false`);
    if (failure !== undefined) return doneIfMissing(failure);
  }
  if ((client.volumeDefinitions(id) ?? []).length > 0) {
    const failure = client.change('DELETE', `${path}/volume-definitions/0`);
    if (failure !== undefined && !failure.notFound) return failure;
  }
  const failure = client.change('PUT', path, { delete_props: [balancing] });
  return failure === undefined ? deleteDefinition(client, id) : doneIfMissing(failure);
}

const balancing = 'BalanceResourcesEnabled';
const hasDefinitions = 501;

function deleteDefinition(client: LinstorClient, id: string): LinstorFailure | 'done' {
  if (client.replicasOf(id).length > 0 || client.hasSnapshots(id)) return 'done';
  const group = client.definition(id)?.group;
  if (group === undefined) return 'done';
  const failure = client.change('DELETE', `/v1/resource-definitions/${id}`);
  if (failure !== undefined) return doneIfMissing(failure);
  if (group === 'DfltRscGrp') return 'done';
  const kept = client.change('DELETE', `/v1/resource-groups/${group}`);
  return kept === undefined || kept.codes.includes(hasDefinitions) ? 'done' : doneIfMissing(kept);
}

function doneIfMissing(failure: LinstorFailure): LinstorFailure | 'done' {
  return failure.notFound ? 'done' : failure;
}
