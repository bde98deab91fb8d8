import type { Instant, Millis } from '../../../model/instant.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { RandomStream } from '../random.ts';
import type { ResourceViews } from './resource-views.ts';
import type { LinstorNode, LinstorStore } from './store.ts';

/** What the parts of the controller share. */
export interface LinstorContext {
  readonly store: LinstorStore;
  readonly kernel: DrbdKernel;
  readonly random: RandomStream;
  readonly now: Millis;
  readonly wallNow: Instant;
  readonly views: ResourceViews;
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
