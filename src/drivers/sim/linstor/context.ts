import type { Instant, Millis } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { RandomStream } from '../random.ts';
import type { LinstorNode, LinstorResource, LinstorStore, ResourceDefinition } from './store.ts';

/** What the parts of the controller share. */
export interface LinstorContext {
  readonly store: LinstorStore;
  readonly kernel: DrbdKernel;
  readonly random: RandomStream;
  readonly now: Millis;
  readonly wallNow: Instant;
  /** A replica with its volumes, as it is shown. */
  viewOf(definition: ResourceDefinition, resource: LinstorResource): JsonObject;
  /** What the host can do where a satellite answers; undefined where none does. */
  satelliteAt(node: string): { readonly layers: readonly string[] } | undefined;
  /** Asks the satellites for their newest state of a definition, as they report it after a change of it. */
  report(definition: string): void;
}

/** A satellite that takes orders now. */
export function isOnline(node: LinstorNode | undefined): boolean {
  return node?.connection === 'ONLINE';
}

/** How long the controller waits for a satellite that does not answer, before it counts it as offline. */
export const silenceLimit: Millis = 7000;
