import type { Instant } from '../../../model/instant.ts';
import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { type LinstorObject, type Operation, returnCode } from './ret-codes.ts';

/** A plain "not found" of a read: `Node 'x' not found.` */
export function notFound(code: number, message: string, at: Instant): LinstorAnswer {
  return messagesAnswer([{ code: returnCode('error', 'none', 'none', code), message }], at);
}

const codes = {
  node: 300,
  'resource definition': 301,
  resource: 302,
  'storage pool definition': 309,
  'resource group': 317,
} as const;

/** The longer "not found" of a write, with cause and correction. */
export function missing(
  what: keyof typeof codes,
  name: string,
  operation: Operation,
  object: LinstorObject,
  details?: string,
  refs?: Message['refs'],
): Message {
  const title = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  const named = what === 'storage pool definition' ? `'${name}'` : `with the name '${name}'`;
  return {
    code: returnCode('error', operation, object, codes[what]),
    message: `${title} '${name}' not found.`,
    cause: `The specified ${what} '${name}' could not be found in the database`,
    ...(details === undefined ? {} : { details }),
    correction: `Create a ${what} ${named} first.`,
    ...(refs === undefined ? {} : { refs }),
  };
}

/** A write to a replica that is not there. */
export function missingResource(rd: string, node: string, operation: Operation): Message {
  return {
    code: returnCode('error', operation, 'resource', codes.resource),
    message: `Resource '${rd}' on node '${node}' not found.`,
    cause: `The specified resource '${rd}' on node '${node}' could not be found in the database`,
    details: `Node: ${node}, Resource: ${rd}`,
    correction: `Create a resource with the name '${rd}' on node '${node}' first.`,
    refs: { RscDfn: rd, Node: node },
  };
}

/** What LINSTOR's HTTP server says of a part of the path or query that should be a number, or of a type of content. */
export function unknownPath(at: Instant, reason = 'HTTP 404 Not Found'): LinstorAnswer {
  const code = returnCode('error', 'none', 'none', 998);
  return messagesAnswer([{ code, message: 'An unknown error occurred.', details: reason }], at);
}
