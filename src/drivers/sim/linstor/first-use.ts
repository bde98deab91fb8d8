import type { LinstorResource, ResourceDefinition } from './store.ts';

/**
 * What a replica's report that it is in use changes: a tiebreaker is a client from now on, and DRBD's block size stays as it is
 * (LINBIT/linstor-server `ResourceStateEventHandler.processEvent`).
 */
export function noteUse(definition: ResourceDefinition, resource: LinstorResource): void {
  if (resource.kind === 'tiebreaker') resource.kind = resource.disklessKind = 'client';
  for (const { properties } of definition.volumes.values()) properties.set('Linstor/Drbd/freeze-block-size', 'True');
}
