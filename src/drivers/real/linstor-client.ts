import { assert } from '../../model/assert.ts';
import type { Millis } from '../../model/instant.ts';
import type { LinstorRequest, Outcome } from '../../model/request.ts';
import { AccessError } from './access-error.ts';
import type { HttpCall } from './http-call.ts';
import type { Transport } from './kube-transport.ts';
import { linstorOutcome } from './linstor-outcome.ts';
import { limitTime } from './system-clock.ts';

/** One way to a controller: a URL of its own, or the service proxy of a site's Kubernetes API. */
export interface LinstorRoute {
  /** For messages: `LINSTOR controller https://10.0.0.9:3371`. */
  readonly name: string;
  readonly transport: Transport;
  /** In front of every path; '' unless a proxy leads to the controller. */
  readonly prefix: string;
}

export interface LinstorClient {
  perform(request: LinstorRequest, timeout: Millis, closing: AbortSignal): Promise<Outcome>;
}

/**
 * Talks to whichever of several controllers is the active one: the first that answers, remembered for the next call.
 * Another one is tried when nothing can have been done: the request was never sent, or it only reads.
 */
export function openLinstorClient(routes: readonly LinstorRoute[]): LinstorClient {
  let preferred = 0;
  return {
    async perform(request, timeout, closing) {
      const call = linstorHttpCall(request);
      const limit = limitTime(timeout, closing);
      const troubles: string[] = [];
      try {
        for (const offset of routes.keys()) {
          const index = (preferred + offset) % routes.length;
          const route = routes[index];
          assert(route !== undefined, 'an index below the number of routes names a route');
          const outcome = await tryRoute(route, call, timeout, limit.signal);
          if (outcome.kind !== 'unknown' || outcome.reason === 'server-error') preferred = index;
          if (!mayTryElsewhere(request, outcome) || limit.signal.aborted) return withTroubles(outcome, troubles);
          troubles.push(outcome.message);
        }
        return {
          kind: 'unknown',
          reason: 'unreachable',
          message: troubles.join('; ') || 'No LINSTOR controller is configured',
        };
      } finally {
        limit.release();
      }
    },
  };
}

/** The HTTP form of a LINSTOR request; repeated parameters repeat. Pure. */
export function linstorHttpCall(request: LinstorRequest): HttpCall {
  assert(request.path.startsWith('/v1/'), `the path of a LINSTOR request starts with /v1/, not ${request.path}`);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const one of typeof value === 'string' ? [value] : value) query.append(name, one);
  const text = query.toString();
  return {
    method: request.method,
    path: text === '' ? request.path : `${request.path}?${text}`,
    headers: { accept: 'application/json', ...(request.body !== undefined && { 'content-type': 'application/json' }) },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  };
}

async function tryRoute(route: LinstorRoute, call: HttpCall, timeout: Millis, signal: AbortSignal): Promise<Outcome> {
  try {
    const result = await route.transport.exchange({ ...call, path: route.prefix + call.path }, timeout, signal);
    return linstorOutcome(result, route.name);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    return { kind: 'unknown', reason: 'unreachable', message: `${route.name} cannot be used: ${error.message}` };
  }
}

function mayTryElsewhere(request: LinstorRequest, outcome: Outcome): outcome is Extract<Outcome, { kind: 'unknown' }> {
  if (outcome.kind !== 'unknown') return false;
  return outcome.reason === 'unreachable' || (outcome.reason === 'reset' && request.method === 'GET');
}

function withTroubles(outcome: Outcome, troubles: readonly string[]): Outcome {
  return outcome.kind === 'unknown' && troubles.length > 0
    ? { ...outcome, message: [...troubles, outcome.message].join('; ') }
    : outcome;
}
