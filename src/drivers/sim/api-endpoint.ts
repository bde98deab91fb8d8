import { type Json, textAt } from '../../model/json.ts';
import type { KubeObject, ResourceType } from '../../model/kube.ts';
import { outcomeOfKubeAnswer } from '../../model/kube-outcome.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { ApiServer } from './api-server/api-server.ts';

/** What was found at a place the last time that it was read, and what that brought. */
interface PlainRead {
  /** Undefined: there is no such object; null: nobody serves the resource. */
  readonly found: readonly KubeObject[] | KubeObject | undefined | null;
  readonly outcome: Outcome;
}

/**
 * A cluster's API server as requests from outside meet it. A read without options, which is nearly every request of a
 * simulated run, brings the same outcome for as long as nothing has changed, so that a host sees by comparing references
 * that it need not look again.
 */
export class ApiEndpoint {
  #api: ApiServer;
  /** Reads by resource, by namespace (`*` for all) and by name ('' for a list). */
  #reads = new Map<ResourceType, Map<string, Map<string, PlainRead>>>();

  constructor(api: ApiServer) {
    this.#api = api;
  }

  perform(request: KubeRequest): Outcome {
    const { verb, options, subresource } = request;
    if ((verb !== 'list' && verb !== 'get') || options !== undefined || subresource !== undefined) {
      return this.#ask(request);
    }
    const found = this.#api.find(request, verb);
    const place = verb === 'list' ? '' : (request.name ?? '');
    const reads = this.#readsOf(request.resource, request.namespace ?? '*');
    const last = reads.get(place);
    if (last !== undefined && last.found === found) return last.outcome;
    const outcome = found ? readOutcome(found) : this.#ask(request);
    reads.set(place, { found, outcome });
    return outcome;
  }

  #readsOf(resource: ResourceType, namespace: string): Map<string, PlainRead> {
    let namespaces = this.#reads.get(resource);
    if (namespaces === undefined) {
      // Callers name resources by a handful of constants; the bound is for those that build a new one each time.
      if (this.#reads.size >= 1024) this.#reads.clear();
      namespaces = new Map();
      this.#reads.set(resource, namespaces);
    }
    let reads = namespaces.get(namespace);
    if (reads === undefined) {
      reads = new Map();
      namespaces.set(namespace, reads);
    }
    return reads;
  }

  #ask(request: KubeRequest): Outcome {
    const { status, body } = this.#api.request(request);
    const message = textAt(body, 'message') ?? 'no message';
    return outcomeOfKubeAnswer({ status, body, message }, request.site);
  }
}

function readOutcome(found: readonly KubeObject[] | KubeObject): Outcome {
  const body = Array.isArray(found) ? { items: found as unknown as Json } : (found as unknown as Json);
  return { kind: 'applied', status: 200, body };
}
