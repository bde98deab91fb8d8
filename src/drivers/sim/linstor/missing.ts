import type { Instant } from '../../../model/instant.ts';
import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { type LinstorObject, type Operation, returnCode } from './ret-codes.ts';

/** A plain "not found" of a read: `Node 'x' not found.` */
export function notFound(code: number, message: string, at: Instant): LinstorAnswer {
  return messagesAnswer([{ code: returnCode('error', 'none', 'none', code), message }], at);
}

/** The longer "not found" of a write, with cause and correction. */
export function missing(
  what: 'node' | 'resource definition' | 'resource group',
  name: string,
  operation: Operation,
  object: LinstorObject,
  details?: string,
  refs?: Readonly<Record<string, string>>,
): Message {
  const code = what === 'node' ? 300 : what === 'resource definition' ? 301 : 317;
  const title = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  return {
    code: returnCode('error', operation, object, code),
    message: `${title} '${name}' not found.`,
    cause: `The specified ${what} '${name}' could not be found in the database`,
    ...(details === undefined ? {} : { details }),
    correction: `Create a ${what} with the name '${name}' first.`,
    ...(refs === undefined ? {} : { refs }),
  };
}
