import type { JsonObject } from '../../../model/json.ts';
import type { Message } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { skipDiskProperty } from './properties.ts';
import { returnCode } from './ret-codes.ts';
import { adjusted, done, notConnected, providerOf, type Reply } from './satellites.ts';
import {
  diskfulOf,
  findByName,
  type LinstorResource,
  type ResourceDefinition,
  type Snapshot,
  sorted,
  volumesOf,
} from './store.ts';
import { propertiesView } from './views.ts';

/*
 * Snapshots as the controller keeps them: that they are there, and where. They hold no data, so nothing is restored from them
 * (`CtrlSnapshotCrtHelper`, `CtrlSnapshotDeleteApiCallHandler`).
 */

/** Why no snapshot can be taken of these replicas; undefined when it can. */
export function refuseSnapshot(
  context: LinstorContext,
  definition: ResourceDefinition,
  chosen: readonly LinstorResource[],
  { details, refs }: Reply,
): Message | undefined {
  const refuse = (code: number, message: string, note = ''): Message => ({
    code: returnCode('error', 'create', 'snapshot', code),
    message,
    details: note === '' ? details : `${note}\n${details}`,
    refs,
  });
  for (const each of sorted(definition.resources)) {
    if (each.properties.get(skipDiskProperty) === 'True') {
      const note = 'Snapshots are not allowed while SkipDisk is enabled, because upToDate-state cannot be ensured.';
      return refuse(979, `SkipDisk is enabled for resource ${definition.name}`, note);
    }
    const provider = providerOf(context, each);
    if (each.kind === 'diskful' && !/_THIN$|^ZFS|^FILE/.test(provider)) {
      const note = `Used for storage pool '${each.properties.get('StorPoolName') ?? ''}' on '${each.node}'.`;
      return refuse(994, `Storage driver '${provider}' does not support snapshots.`, note);
    }
  }
  if (!diskfulOf(definition).some((each) => isReached(context, each.node))) {
    const note = 'Snapshots need at least one diskful online satellite.';
    return refuse(995, 'No diskful connected satellite for snapshot or no resources.', note);
  }
  const diskless = chosen.find((each) => each.kind !== 'diskful');
  return diskless === undefined
    ? undefined
    : refuse(994, `Cannot create snapshot from diskless resource on node '${diskless.node}'`);
}

/** Takes one on the given nodes, or wherever there is a disk within reach. `subject` is what LINSTOR calls it. */
export function takeSnapshot(
  context: LinstorContext,
  definition: ResourceDefinition,
  name: string,
  chosen: readonly LinstorResource[],
  subject: string,
  reply: Reply,
): Message[] {
  const messages: Message[] = [];
  const copied = chosen.length > 0 ? chosen : diskfulOf(definition);
  const reached = copied.filter((each) => chosen.length > 0 || isReached(context, each.node));
  for (const each of copied) {
    if (reached.includes(each)) continue;
    const message = `Snapshot for resource '${definition.name}' will not be created on node '${each.node}' because that node is currently offline.`;
    messages.push({ code: returnCode('warn', 'none', 'none', 0), message });
  }
  const snapshot = newSnapshot(context, definition, name, reached);
  definition.snapshots.set(name.toLowerCase(), snapshot);
  messages.push({
    code: returnCode('success', 'create', 'snapshot', 1),
    message: `New ${subject} registered.`,
    details: `${subject.charAt(0).toUpperCase()}${subject.slice(1)} UUID is: ${snapshot.uuid}`,
    refs: { Snapshot: name, UUID: snapshot.uuid, RscDfn: definition.name },
  });
  const volumes = volumesOf(definition);
  const all = sorted(definition.resources).filter((each) => isReached(context, each.node));
  const onEach = (what: string, after: string, taken: boolean): void => {
    for (const each of all) {
      if (!reached.includes(each)) messages.push(skipping(definition, each, name, reply));
      else if (taken) {
        const provider = providerOf(context, each).replaceAll('_', ' ');
        for (const { number } of volumes) {
          messages.push(ofVolume(definition, each, { name, number, provider, what: 'created' }, reply));
        }
      }
      messages.push(done(`${what} of '[${definition.name}]' on '${each.node}'${after}`, reply));
    }
  };
  onEach('Suspended IO', ' for snapshot', false);
  onEach('Took snapshot', '', true);
  messages.push(...adjusted(context, definition, reply));
  onEach('Resumed IO', ' after snapshot', false);
  return messages;
}

/** Deletes a snapshot on the given nodes, or wherever it is. Where a satellite is not connected it waits for it. */
export function deleteSnapshot(
  context: LinstorContext,
  definition: ResourceDefinition,
  snapshot: Snapshot,
  nodes: ReadonlySet<string> | undefined,
  reply: Reply,
): Message[] {
  const deleted = (message: string): Message => ({
    code: returnCode('success', 'delete', 'snapshot', 2),
    message,
    refs: reply.refs,
  });
  const subject = `snapshot '${snapshot.name}' of resource '${definition.name}'`;
  const capital = `S${subject.slice(1)}`;
  const marked = snapshot.copies.filter((each) => nodes === undefined || nodes.has(each.node.toLowerCase()));
  const messages = marked.map(({ node }) => deleted(`Marked snapshot for deletion ${subject} on nodes '${node}'`));
  for (const copy of marked) {
    copy.deleting = true;
    const resource = definition.resources.get(copy.node.toLowerCase());
    const node = findByName(context.store.nodes, copy.node);
    if (!isOnline(node)) messages.push(notConnected(node, reply));
    else {
      for (const number of copy.volumes.keys()) {
        const provider = (resource === undefined ? 'LVM_THIN' : providerOf(context, resource)).replaceAll('_', ' ');
        const told = { name: snapshot.name, number, provider, what: 'deleted' } as const;
        messages.push(ofVolume(definition, copy, told, reply));
      }
      messages.push(done(`Deleted snapshot '${snapshot.name}' of '${definition.name}' on '${copy.node}'`, reply));
    }
  }
  const gone = marked.filter((each) => isReached(context, each.node)).map((each) => each.node);
  forgetDeleted(context, definition);
  if (gone.length > 0) messages.push(deleted(`${capital} on nodes '${gone.join(', ')}' deleted.`));
  if (definition.snapshots.has(snapshot.name.toLowerCase())) return messages;
  return [
    ...messages,
    {
      ...deleted(`${capital} deleted.`),
      details: `${capital} UUID was: ${snapshot.uuid}`,
      refs: { Snapshot: snapshot.name, UUID: snapshot.uuid, RscDfn: definition.name },
    },
  ];
}

/** Forgets what was to be deleted on satellites that are connected. */
export function forgetDeleted(context: LinstorContext, definition: ResourceDefinition): void {
  for (const [key, snapshot] of Array.from(definition.snapshots)) {
    snapshot.copies = snapshot.copies.filter((each) => !each.deleting || !isReached(context, each.node));
    if (snapshot.copies.length === 0) definition.snapshots.delete(key);
  }
}

export function snapshotView({ name, uuid, about, copies, takenAt }: Snapshot): JsonObject {
  return {
    name,
    ...about,
    nodes: copies.map((each) => each.node),
    flags: copies.every((each) => each.deleting) ? ['SUCCESSFUL', 'DELETE'] : ['SUCCESSFUL'],
    uuid,
    snapshots: copies.map((each) => ({
      snapshot_name: name,
      node_name: each.node,
      create_timestamp: takenAt,
      ...(each.deleting ? { flags: ['DELETE'] } : {}),
      uuid: each.uuid,
      resource_props: { StorPoolName: each.pool },
      snapshot_volumes: Array.from(each.volumes, ([number, id]) => ({ uuid: id, vlm_nr: number })),
    })),
  };
}

function newSnapshot(
  context: LinstorContext,
  definition: ResourceDefinition,
  name: string,
  on: readonly LinstorResource[],
): Snapshot {
  const own = {
    'BackupShipping/BackupNodeIdsToReset': diskfulOf(definition)
      .map((each) => each.nodeId)
      .toSorted((a, b) => a - b)
      .join(','),
    SequenceNumber: String(++definition.snapshotsTaken),
  };
  const properties = propertiesView(definition.properties);
  return {
    name,
    uuid: context.random.uuid(),
    takenAt: context.wallNow,
    about: {
      resource_name: definition.name,
      props: { ...own, ...properties },
      snapshot_definition_props: own,
      resource_definition_props: properties,
      volume_definitions: volumesOf(definition).map((volume) => ({
        volume_number: volume.number,
        size_kib: volume.sizeKib,
        volume_definition_props: { DrbdCurrentGi: volume.generation, ...propertiesView(volume.properties) },
      })),
    },
    copies: on.map((each) => ({
      node: each.node,
      uuid: context.random.uuid(),
      pool: each.properties.get('StorPoolName') ?? '',
      volumes: new Map(volumesOf(definition).map(({ number }) => [number, context.random.uuid()])),
      deleting: false,
    })),
  };
}

function isReached(context: LinstorContext, node: string): boolean {
  return isOnline(findByName(context.store.nodes, node));
}

/** The satellite of a replica that the snapshot is not taken of has nothing to do. */
function skipping(definition: ResourceDefinition, { node }: LinstorResource, name: string, { refs }: Reply): Message {
  const message = `(${node}) Skipping processing unknown snapshot '${name}' of resource '${definition.name}'`;
  return { code: returnCode('success', 'create', 'snapshot', 0), message, cause: 'Resource is already deleted', refs };
}

function ofVolume(
  definition: ResourceDefinition,
  { node }: { readonly node: string },
  told: {
    readonly name: string;
    readonly number: number;
    readonly provider: string;
    readonly what: 'created' | 'deleted';
  },
  { operation, refs }: Reply,
): Message {
  const { name, number, provider, what } = told;
  return {
    code: returnCode('success', operation, 'snapshot', what === 'created' ? 1 : 2),
    message: `(${node}) Snapshot [${provider}] with name '${name}' of resource '${definition.name}', volume number ${number} ${what}.`,
    refs: { ...refs, VlmNr: String(number) },
  };
}
