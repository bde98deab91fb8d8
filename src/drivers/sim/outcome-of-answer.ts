import { isJsonObject, textAt } from '../../model/json.ts';
import type { Outcome } from '../../model/request.ts';
import type { Answer } from './behaviour.ts';

/** Sorts an answer of a simulated API server as the live driver sorts one that came over HTTP. */
export function outcomeOfKubeAnswer(answer: Answer): Outcome {
  const { status, body } = answer;
  if (status < 300) return { kind: 'applied', status, body };
  const message = textAt(body, 'message') ?? `HTTP ${status}`;
  if (status >= 500) return { kind: 'unknown', reason: 'server-error', message };
  const reason = textAt(body, 'reason') ?? `HTTP${status}`;
  return isJsonObject(body)
    ? { kind: 'refused', status, reason, message, body }
    : { kind: 'refused', status, reason, message };
}
