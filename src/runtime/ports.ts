import type { Instant } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';

/** Performs one request and says what became of it. Never throws for anything the world does; bounded in time. */
export interface Driver {
  perform(request: ApiRequest): Promise<Outcome>;
  close(): Promise<void>;
}

/** Wall time and waiting, for hosts only. */
export interface Clock {
  now(): Instant;
  /** Resolves at the instant or when the signal aborts, whichever comes first. */
  sleepUntil(at: Instant, signal?: AbortSignal): Promise<void>;
}

/** Structured log: a constant sentence and keys. Values never hold secrets. */
export interface Log {
  debug(sentence: string, keys?: LogKeys): void;
  info(sentence: string, keys?: LogKeys): void;
  warn(sentence: string, keys?: LogKeys): void;
  error(sentence: string, keys?: LogKeys): void;
}

export type LogKeys = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
