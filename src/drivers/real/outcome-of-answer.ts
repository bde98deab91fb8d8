import { type Json, numberAt, textAt } from '../../model/json.ts';
import { outcomeOfKubeAnswer } from '../../model/kube-outcome.ts';
import type { Outcome } from '../../model/request.ts';
import { connectionTrouble } from './connection-trouble.ts';
import type { HttpAnswer, HttpFailure, HttpResult } from './http-call.ts';

/**
 * Sorts what came of a call to a Kubernetes API into applied, refused or unknown.
 * A no counts as one only when it comes from the API server itself: a proxy's 404 page must never read as "object absent".
 */
export function kubeOutcome(result: HttpResult, server: string): Outcome {
  if (result.kind === 'failed') return outcomeOfFailure(result, server);
  const { status } = result;
  if (status >= 200 && status < 300) return success(result, server);
  if (status >= 400 && status < 500 && status !== 408 && !isApiServerAnswer(result))
    return unknown('server-error', `${server} answered ${status}: ${messageOf(result)}`);
  return outcomeOfKubeAnswer({ status, body: jsonOf(result.text), message: messageOf(result) }, server);
}

/** No status line: certainly not applied when nothing was sent, open otherwise. */
export function outcomeOfFailure(failure: HttpFailure, server: string): Outcome {
  const { cause, sent, error } = failure;
  const trouble = error instanceof Error && cause !== 'connection' ? error.message : connectionTrouble(error);
  if (!sent) return unknown('unreachable', `${server} cannot be reached: ${trouble}. Nothing was sent`);
  if (cause === 'timeout') return unknown('timeout', `${server} gave ${trouble}`);
  return unknown('reset', `${server} gave no answer: ${trouble}`);
}

/** The text of an answer as JSON; undefined when it is not JSON. */
export function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function success(answer: HttpAnswer, server: string): Outcome {
  if (!answer.complete) return unknown('reset', `${server} answered ${answer.status}, then the connection was cut`);
  // KubeVirt's subresources answer 202 without a body.
  if (answer.text.trim() === '') return { kind: 'applied', status: answer.status, body: null };
  const body = jsonOf(answer.text);
  if (body !== undefined) return { kind: 'applied', status: answer.status, body };
  return unknown(
    'server-error',
    `${server} answered ${answer.status} with ${shapeOf(answer)} instead of JSON: is it a Kubernetes API?`,
  );
}

/** Status objects; and the plain texts that the server's outer filters write (unknown path, too many requests). */
function isApiServerAnswer(answer: HttpAnswer): boolean {
  if (isStatus(jsonOf(answer.text))) return answer.complete;
  const type = String(answer.headers['content-type'] ?? '');
  if (answer.status === 404) return answer.text.trim() === '404 page not found';
  return answer.status === 429 || answer.status === 401 || type.startsWith('text/plain');
}

const isStatus = (body: Json | undefined): boolean =>
  textAt(body, 'kind') === 'Status' && textAt(body, 'apiVersion') === 'v1';

function messageOf(answer: HttpAnswer): string {
  const body = jsonOf(answer.text);
  const told = textAt(body, 'message');
  const retry = answer.headers['retry-after'] ?? numberAt(body, 'details', 'retryAfterSeconds');
  const later = retry === undefined ? '' : ` (try again in ${String(retry)} s)`;
  if (told !== undefined && told !== '') return told + later;
  const plain = String(answer.headers['content-type'] ?? '').startsWith('text/plain')
    ? answer.text.trim().slice(0, 500)
    : '';
  return (plain !== '' ? plain : `no reason given, only ${shapeOf(answer)}`) + later;
}

function shapeOf(answer: HttpAnswer): string {
  if (answer.text.trim() === '') return 'an empty body';
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  return type === '' ? 'an unnamed kind of body' : `a body of ${type}`;
}

const unknown = (reason: Extract<Outcome, { kind: 'unknown' }>['reason'], message: string): Outcome => ({
  kind: 'unknown',
  reason,
  message,
});
