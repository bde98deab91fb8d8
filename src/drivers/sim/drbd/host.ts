import type { Millis } from '../../../model/instant.ts';
import type { RandomStream } from '../random.ts';
import type { Ledger } from './ledger.ts';
import type { DrbdRace } from './races.ts';

/** What the parts of the kernel model share: time, chance, the network, and who is told of changes. */
export interface DrbdHost {
  readonly now: Millis;
  readonly random: RandomStream;
  readonly ledger: Ledger;
  schedule(delay: Millis, kind: DrbdEventKind, key: string, payload: DrbdEventPayload): number;
  cancel(id: number): void;
  /** How a race ends that the real kernels decide by which packet or which lock comes first. */
  raceIsLost(race: DrbdRace, node: string, peer: string): boolean;
  /** True while packets pass between two running nodes. */
  reaches(a: string, b: string): boolean;
  /** One node's view of a resource is different now. */
  changed(resource: string, node: string): void;
}

/**
 * `lost`: an unanswered ping; `connect`: an attempt to connect; `sync-start`, `sync-end`: a resync; `verify-end`: an online
 * verify; `demote`: a close that hung; `disk-failed`: a write that failed.
 */
export type DrbdEventKind =
  | 'drbd.lost'
  | 'drbd.connect'
  | 'drbd.sync-start'
  | 'drbd.sync-end'
  | 'drbd.verify-end'
  | 'drbd.demote'
  | 'drbd.disk-failed';

export interface DrbdEventPayload {
  readonly resource: string;
  readonly a: string;
  readonly b: string;
}
