import { isJsonObject, type Json, textAt } from './json.ts';
import type { Outcome } from './request.ts';

/** What an API server has answered: `message` is its own, in words for people. */
export interface KubeAnswer {
  readonly status: number;
  /** Absent where it is no JSON. */
  readonly body: Json | undefined;
  readonly message: string;
}

/**
 * Sorts a Kubernetes API server's own answer into applied, refused or unknown: for the live driver, and for the simulated
 * servers. What tells of a failure inside the server (5xx) may have been applied.
 */
export function outcomeOfKubeAnswer({ status, body, message }: KubeAnswer, server: string): Outcome {
  if (status >= 200 && status < 300) return { kind: 'applied', status, body: body ?? null };
  if (status === 408 || status === 504) {
    return { kind: 'unknown', reason: 'timeout', message: `${server} gave up the request: ${message}` };
  }
  if (status < 400 || status >= 500) {
    return { kind: 'unknown', reason: 'server-error', message: `${server} answered ${status}: ${message}` };
  }
  const reason = reasonOf(status, body);
  return { kind: 'refused', status, reason, message, ...(isJsonObject(body) && { body }) };
}

/** A 404 that names no object is about the type (a CRD is missing, no such API here), not about an object. */
function reasonOf(status: number, body: Json | undefined): string {
  if (status === 404 && textAt(body, 'details', 'name') === undefined) return 'NotServed';
  return textAt(body, 'reason') || (reasons[status] ?? 'Unknown');
}

// Names of `StatusReason` in k8s.io/apimachinery `pkg/apis/meta/v1/types.go`.
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
};
