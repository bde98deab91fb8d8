import { isOnline, type LinstorContext } from './context.ts';
import { drbdOptionsOf } from './properties.ts';
import { findByName, type LinstorNode, type LinstorResource, type ResourceDefinition, volumesOf } from './store.ts';

/** Creates a replica and its DRBD resource on a node. */
export function deploy(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  kind: LinstorResource['kind'],
  pool: string,
): LinstorResource {
  const resource: LinstorResource = {
    node: node.name,
    uuid: context.random.uuid(),
    volumeUuids: new Map(volumesOf(definition).map(({ number }) => [number, context.random.uuid()])),
    createdAt: context.wallNow,
    nodeId: firstFreeId(definition),
    properties: new Map([['StorPoolName', pool]]),
    kind,
    disklessKind: kind === 'tiebreaker' ? 'tiebreaker' : 'client',
    initialized: true,
    isClient: false,
    keepsDisklessFlag: false,
    inactive: false,
    deleting: false,
    isDeletedAlone: false,
    isDown: false,
    report: undefined,
  };
  definition.resources.set(node.name.toLowerCase(), resource);
  definition.wasPlaced = true;
  if (isOnline(node)) bringUp(context, definition, resource);
  return resource;
}

/**
 * Makes the DRBD resource of a replica on its node, unless it is there. The kernel plays the first volume of a definition; the
 * others share its state.
 */
export function bringUp(context: LinstorContext, definition: ResourceDefinition, resource: LinstorResource): void {
  const [volume] = volumesOf(definition);
  if (volume === undefined || resource.inactive || !definition.layers.includes('DRBD')) return;
  const { kernel } = context;
  const kind = resource.kind === 'diskful' ? 'diskful' : 'diskless';
  if (kernel.resource(definition.name) === undefined) {
    const options = drbdOptionsOf(context.store, definition);
    kernel.createResource(definition.name, {
      sizeKib: volume.sizeKib,
      minor: volume.minor,
      replicas: { [resource.node]: kind },
      options,
      generation: volume.generation,
    });
  } else {
    kernel.addReplica(definition.name, resource.node, kind);
  }
}

/** Destroys a replica where its satellite can be told, and at its return where not. Answers whether it is gone. */
export function undeploy(context: LinstorContext, definition: ResourceDefinition, resource: LinstorResource): boolean {
  const node = findByName(context.store.nodes, resource.node);
  if (!isOnline(node)) {
    resource.deleting = true;
    return false;
  }
  definition.resources.delete(resource.node.toLowerCase());
  context.kernel.removeReplica(definition.name, resource.node);
  return true;
}

/** Gives a replica a disk, or takes it away; its DRBD resource is made anew. */
export function changeDisk(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  pool: string | undefined,
): void {
  resource.kind = pool === undefined ? resource.disklessKind : 'diskful';
  resource.initialized = false;
  resource.isClient = resource.keepsDisklessFlag = false;
  resource.properties.set('StorPoolName', pool ?? 'DfltDisklessStorPool');
  context.kernel.removeReplica(definition.name, resource.node);
  bringUp(context, definition, resource);
}

/** Gives DRBD the options that the properties say, where they differ. */
export function adjust(context: LinstorContext, definition: ResourceDefinition): void {
  const wanted = drbdOptionsOf(context.store, definition);
  for (const resource of definition.resources.values()) {
    const replica = context.kernel.replica(definition.name, resource.node);
    if (replica === undefined || !isOnline(findByName(context.store.nodes, resource.node))) continue;
    if (Object.entries(wanted).some(([name, value]) => replica.options[name as keyof typeof wanted] !== value)) {
      context.kernel.setOptions(definition.name, wanted, resource.node);
    }
  }
}

function firstFreeId(definition: ResourceDefinition): number {
  const used = [...definition.resources.values()].map((resource) => resource.nodeId);
  let id = 0;
  while (used.includes(id)) id++;
  return id;
}
