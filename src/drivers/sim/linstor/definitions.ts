import type { LinstorContext } from './context.ts';
import { bringUp } from './deployment.ts';
import type { ResourceDefinition, VolumeDefinition } from './store.ts';

/** Makes a definition without volumes or replicas. */
export function newDefinition(
  context: LinstorContext,
  name: string,
  group: string,
  { externalName, layers = ['DRBD', 'STORAGE'] }: { externalName?: string; layers?: readonly string[] } = {},
): ResourceDefinition {
  const definition: ResourceDefinition = {
    name,
    externalName,
    uuid: context.random.uuid(),
    layers,
    group,
    properties: new Map(),
    deleting: false,
    wasPlaced: false,
    secret: context.random.hex(20),
    volumes: new Map(),
    resources: new Map(),
    connections: new Map(),
    snapshots: new Map(),
    snapshotsTaken: 0,
  };
  context.store.definitions.set(name.toLowerCase(), definition);
  return definition;
}

/** Adds a volume, on the nodes of its replicas too. */
export function addVolume(
  context: LinstorContext,
  definition: ResourceDefinition,
  sizeKib: number,
  number = 0,
): VolumeDefinition {
  const volume: VolumeDefinition = {
    number,
    uuid: context.random.uuid(),
    sizeKib,
    minor: context.store.nextMinor++,
    generation: `${context.random.hex(15)}6`.toUpperCase(),
    properties: new Map(),
  };
  definition.volumes.set(number, volume);
  for (const resource of definition.resources.values()) {
    resource.volumeUuids.set(number, context.random.uuid());
    bringUp(context, definition, resource);
  }
  return volume;
}

export function firstFreeNumber(definition: ResourceDefinition): number {
  let number = 0;
  while (definition.volumes.has(number)) number++;
  return number;
}
