import { outcomeOfKubeAnswer } from '../model/kube-outcome.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { AnswerFault } from './tape.ts';

export type Answer = Outcome | { readonly kind: 'hang' };

/** A definite no, or a failure of the server, as an API server words it. */
interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: (request: ApiRequest) => string;
}

const refusals: Readonly<Partial<Record<AnswerFault, Refusal>>> = {
  conflict: refusal(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version'),
  exists: refusal(409, 'AlreadyExists', 'the object already exists'),
  notFound: refusal(404, 'NotFound', 'the object is not found'),
  gone: refusal(410, 'Expired', 'The provided continue parameter is too old to display a consistent list result.'),
  invalid: refusal(422, 'Invalid', 'admission webhook "validate.example.org" denied the request: not now'),
  forbidden: {
    status: 403,
    reason: 'Forbidden',
    message: (request) => `cannot ${deedOf(request)}`,
  },
  unauthorized: refusal(401, 'Unauthorized', 'Unauthorized'),
  busy: refusal(429, 'TooManyRequests', 'too many requests, please try again later'),
  error: refusal(500, 'InternalError', 'etcdserver: request timed out'),
  unavailable: refusal(503, 'ServiceUnavailable', 'the server is currently unable to handle the request'),
  gatewayTimeout: refusal(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'),
};

/** Puts a request off to a moment when its sender has given it up. */
export type Later = (perform: () => void) => void;

/** What comes of a request that meets a fault. `perform` carries it out. */
export function answerWith(fault: AnswerFault, request: ApiRequest, perform: () => Answer, later: Later): Answer {
  switch (fault) {
    case 'lost':
      return { kind: 'hang' };
    case 'appliedAndLost':
      perform();
      return { kind: 'hang' };
    case 'appliedLater':
      later(perform);
      return { kind: 'hang' };
    case 'appliedTwice':
      perform();
      return perform();
    case 'reset':
      return reset;
    case 'appliedAndReset':
      perform();
      return reset;
    default:
      return refused(refusals[fault], request);
  }
}

const reset: Outcome = { kind: 'unknown', reason: 'reset', message: 'read: connection reset by peer' };

function refusal(status: number, reason: string, message: string): Refusal {
  return { status, reason, message: () => message };
}

function deedOf(request: ApiRequest): string {
  switch (request.api) {
    case 'kube':
      return `${request.verb} ${request.resource.plural}`;
    case 'linstor':
      return request.method;
    case 'exec':
      return 'create pods/exec';
  }
}

function refused(given: Refusal | undefined, request: ApiRequest): Outcome {
  if (given === undefined) throw new Error('Internal rule broken: a fault of answers without an answer');
  const { status, reason } = given;
  const message = given.message(request);
  if (request.api === 'linstor') {
    if (status >= 500) return { kind: 'unknown', reason: 'server-error', message: `LINSTOR answered ${status}` };
    return { kind: 'refused', status, reason: String(status), message: `LINSTOR answered ${status}` };
  }
  const { site } = request;
  const name = request.api === 'exec' ? request.pod : (request.name ?? '');
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message,
    details: { name },
    code: status,
  };
  return outcomeOfKubeAnswer({ status, body, message }, site);
}
