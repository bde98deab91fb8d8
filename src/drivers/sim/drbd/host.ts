import type { Millis } from '../../../model/instant.ts';
import type { RandomStream } from '../random.ts';
import type { Ledger } from './ledger.ts';

/** What the parts of the kernel model share: time, chance, the network, and who is told of changes. */
export interface DrbdHost {
  readonly now: Millis;
  readonly random: RandomStream;
  readonly ledger: Ledger;
  schedule(delay: Millis, kind: DrbdEventKind, key: string, payload: DrbdEventPayload): number;
  cancel(id: number): void;
  /** True while packets pass between two running nodes. */
  reaches(a: string, b: string): boolean;
  /** One node's view of a resource is different now. */
  changed(resource: string, node: string): void;
}

/** `lost`: an unanswered ping; `connect`: an attempt to connect; `sync-start`, `sync-end`: a resync; `demote`: a close that hung. */
export type DrbdEventKind = 'drbd.lost' | 'drbd.connect' | 'drbd.sync-start' | 'drbd.sync-end' | 'drbd.demote';

export interface DrbdEventPayload {
  readonly resource: string;
  readonly a: string;
  readonly b: string;
}
