import type { LinstorClient, SeenDefinition, SeenVolume } from './linstor-client.ts';

export interface PresentVolume {
  readonly definition: SeenDefinition;
  readonly volume: SeenVolume | undefined;
  /** File system that LINSTOR makes on it; '' for none. */
  readonly fsType: string;
}

/** The volume of that id as LINSTOR has it: `FindByID` in `pkg/client/linstor.go`. */
export function findVolume(client: LinstorClient, id: string): PresentVolume | undefined {
  const definition = client.definition(id);
  if (definition === undefined) return undefined;
  const volume = client.volumeDefinitions(id)?.[0];
  return { definition, volume, fsType: volume?.properties.get('FileSystem/Type') ?? '' };
}

/** In bytes. */
export function sizeOf({ volume }: PresentVolume): number {
  return (volume?.sizeKib ?? 0) * 1024;
}
