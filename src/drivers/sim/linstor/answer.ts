import { microTimestamp, type Instant, type Millis } from '../../../model/instant.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { type ReturnCode, statusOf } from './ret-codes.ts';

/**
 * An HTTP answer. `body` is for readers inside the process: a number of 64 bits in it is a decimal text, so that no bit is lost.
 * `text` is what goes over the wire: there it is a JSON number with all its digits.
 */
export interface LinstorAnswer {
  readonly status: number;
  readonly body: Json;
  /** How long the answer takes, in world time; 0 for at once. */
  readonly takes: Millis;
  /** The JSON text; empty for an answer without a body. */
  text(): string;
}

/** One entry of LINSTOR's answer array. */
export interface Message {
  readonly code: ReturnCode;
  readonly message?: string;
  readonly cause?: string;
  readonly details?: string;
  readonly correction?: string;
  readonly refs?: Readonly<Record<string, string>> | undefined;
}

export function answerWith(body: Json, status = 200): LinstorAnswer {
  return { status, body, takes: 0, text: () => wireText(body) };
}

/** An answer that is no JSON. */
export function textAnswer(text: string): LinstorAnswer {
  return { status: 200, body: text, takes: 0, text: () => text };
}

export function emptyAnswer(status = 200): LinstorAnswer {
  return { status, body: null, takes: 0, text: () => '' };
}

/** The array of messages that every change and every failure answers with. */
export function messagesAnswer(
  messages: readonly Message[],
  at: Instant,
  success = 200,
  takes: Millis = 0,
): LinstorAnswer {
  const entries = messages.map((entry) => entryOf(entry, at));
  return {
    status: statusOf(
      messages.map((entry) => entry.code),
      success,
    ),
    body: entries,
    takes,
    text: () => wireText(entries),
  };
}

/** JSON with the numbers of 64 bits that are decimal texts inside the process. */
function wireText(body: Json): string {
  return JSON.stringify(body).replaceAll(/"(ret_code|(?:free|total)_capacity)":"(-?\d+)"/g, '"$1":$2');
}

/** A message as it is in an answer's list. */
export function entryOf(entry: Message, at: Instant): JsonObject {
  const { code, refs, ...texts } = entry;
  return {
    ret_code: code.toString(),
    ...texts,
    ...(refs === undefined ? {} : { obj_refs: refs }),
    created_at: microTimestamp(at),
  };
}
