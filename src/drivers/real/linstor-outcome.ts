import { type Json, isJsonObject, textAt } from '../../model/json.ts';
import type { Outcome, UnknownReason } from '../../model/request.ts';
import type { HttpAnswer, HttpResult } from './http-call.ts';
import { parseLinstorJson } from './linstor-json.ts';
import { outcomeOfFailure } from './outcome-of-answer.ts';

/**
 * Sorts what came of a call to a LINSTOR controller. The ret_code of the first error entry decides, not the status
 * (`ApiCallRcRestUtils.java` of LINBIT/linstor-server: most refusals are 500). Unknown stays what may have been stored:
 * an error after an entry that reports something done, the catch-all code 998, an error without a message.
 */
export function linstorOutcome(result: HttpResult, controller: string): Outcome {
  if (result.kind === 'failed') return outcomeOfFailure(result, controller);
  const body = bodyOf(result);
  if (!result.complete) return unknown('reset', `${controller} answered ${result.status}, then the connection was cut`);
  const failed = Array.isArray(body) ? body.find(isError) : undefined;
  if (failed !== undefined) return refusal(result, body as readonly Json[], failed, controller);
  if (result.status >= 200 && result.status < 300 && body !== undefined)
    return { kind: 'applied', status: result.status, body };
  return foreignAnswer(result, body, controller);
}

/** The number that says what happened (`301`: resource definition not found …), out of a decimal ret_code. */
export function linstorCode(retCode: string): number {
  return Number(BigInt.asUintN(64, BigInt(retCode)) & 0x7fffn);
}

const unknownError = 998; // FAIL_UNKNOWN_ERROR: any exception inside the controller, whenever it happened

function refusal(answer: HttpAnswer, entries: readonly Json[], entry: Json, controller: string): Outcome {
  const reason = textAt(entry, 'ret_code') ?? '';
  const message = textAt(entry, 'message');
  const told = [message, textAt(entry, 'cause'), textAt(entry, 'correction')]
    .filter((part) => part !== undefined)
    .join(' ');
  const isAboutPath = answer.status === 404 || answer.status === 405;
  const says = `${controller} answered ${answer.status} (ret_code ${reason}): ${told === '' ? 'no message' : told}`;
  if (message === undefined || entries.some(reportsChange)) return unknown('server-error', says);
  if (linstorCode(reason) === unknownError && !isAboutPath) return unknown('server-error', says);
  return {
    kind: 'refused',
    status: answer.status,
    reason,
    message: told,
    body: entry as { readonly [field: string]: Json },
  };
}

/** Not LINSTOR's own words: the Kubernetes API in front of it, a load balancer, a wrong address. */
function foreignAnswer(answer: HttpAnswer, body: Json | undefined, controller: string): Outcome {
  const { status } = answer;
  if (textAt(body, 'kind') === 'Status') {
    const message = textAt(body, 'message') ?? 'no message';
    const says = `${controller} is not reached, the Kubernetes API in front of it answered ${status}: ${message}`;
    if (status === 401 || status === 403)
      return {
        kind: 'refused',
        status,
        reason: textAt(body, 'reason') ?? 'Forbidden',
        message: says,
        ...(isJsonObject(body) && { body }),
      };
    return unknown(status === 404 ? 'unreachable' : 'server-error', says);
  }
  if (status === 408 || status === 504) return unknown('timeout', `${controller} gave up the request (${status})`);
  return unknown(
    'server-error',
    `${controller} answered ${status} without LINSTOR's JSON: is it a LINSTOR controller?`,
  );
}

function bodyOf(answer: HttpAnswer): Json | undefined {
  if (answer.text.trim() === '') return answer.status < 300 ? null : undefined;
  try {
    return parseLinstorJson(answer.text);
  } catch {
    return undefined;
  }
}

// The two highest bits are the kind of an entry: 11 error, 10 warning, 01 information, 00 success.
const kindOf = (entry: Json): number | undefined => {
  const retCode = textAt(entry, 'ret_code');
  return retCode === undefined ? undefined : Number(BigInt.asUintN(64, BigInt(retCode)) >> 62n);
};
const isError = (entry: Json): boolean => kindOf(entry) === 3;
/** Success, or an information such as "tiebreaker created": something was done. */
const reportsChange = (entry: Json): boolean => kindOf(entry) === 0 || kindOf(entry) === 1;

const unknown = (reason: UnknownReason, message: string): Outcome => ({ kind: 'unknown', reason, message });
