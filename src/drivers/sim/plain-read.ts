import type { Json } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { ApiServer } from './api-server/api-server.ts';

const lists = new WeakMap<readonly KubeObject[], Outcome>();
const objects = new WeakMap<KubeObject, Outcome>();

/**
 * The outcome of a read without options, which is nearly every request of a simulated run: the same object for as long as
 * nothing has changed, so that a host sees by comparing references that it need not look again. Undefined where the
 * server has to say more: not found, nothing listed, selectors.
 */
export function plainRead(api: ApiServer, request: KubeRequest): Outcome | undefined {
  if (request.options !== undefined || request.subresource !== undefined) return undefined;
  if (request.verb === 'list') {
    const found = api.list(request.resource, request.namespace);
    return found.length === 0 ? undefined : remembered(lists, found, () => ({ items: found as unknown as Json }));
  }
  if (request.verb !== 'get') return undefined;
  const found = api.get(request.resource, request.namespace ?? '', request.name ?? '');
  return found === undefined ? undefined : remembered(objects, found, () => found as unknown as Json);
}

function remembered<Key extends object>(outcomes: WeakMap<Key, Outcome>, key: Key, bodyOf: () => Json): Outcome {
  let outcome = outcomes.get(key);
  if (outcome === undefined) {
    outcome = { kind: 'applied', status: 200, body: bodyOf() };
    outcomes.set(key, outcome);
  }
  return outcome;
}
