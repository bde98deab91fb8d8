import type { IncomingMessage } from 'node:http';
import { TimedOut } from './system-clock.ts';

/** A request as HTTP has it. `path` starts with `/` and carries the query. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** False when the connection ended before the whole body came. */
  readonly complete: boolean;
}

/** No answer, or not all of it in time. `sent` is false only when it is certain that the server saw nothing of the request. */
export interface HttpFailure {
  readonly kind: 'failed';
  readonly sent: boolean;
  readonly cause: 'timeout' | 'closed' | 'connection';
  readonly error: unknown;
}

export type HttpResult = HttpAnswer | HttpFailure;

/** The head of an answer whose body is still coming. */
export interface HttpStream {
  readonly kind: 'answering';
  readonly response: IncomingMessage;
}

/** Why a call has no answer: its time was over, it was given up, or its connection failed. */
export function causeOf(error: unknown, signal: AbortSignal): HttpFailure['cause'] {
  if (error instanceof TimedOut) return 'timeout';
  return signal.aborted ? 'closed' : 'connection';
}
