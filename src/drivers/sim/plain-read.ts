import type { Json } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { ApiServer } from './api-server/api-server.ts';

const lists = new WeakMap<readonly KubeObject[], Outcome>();
const objects = new WeakMap<KubeObject, Outcome>();

/** What a server says of an object that it has not, by the object's place. */
const absences = new WeakMap<ApiServer, Map<string, Outcome>>();

/**
 * The outcome of a read without options, which is nearly every request of a simulated run: the same object for as long as
 * nothing has changed, so that a host sees by comparing references that it need not look again. Undefined for other
 * requests. `ask` puts the request to the server itself.
 */
export function plainRead(api: ApiServer, request: KubeRequest, ask: () => Outcome): Outcome | undefined {
  const { verb, resource, namespace = '', name = '', options, subresource } = request;
  if (options !== undefined || subresource !== undefined) return undefined;
  if ((verb !== 'list' && verb !== 'get') || !api.serves(resource, verb)) return undefined;
  if (verb === 'list') {
    const found = api.list(resource, request.namespace);
    return remembered(lists, found, () => ({ items: found as unknown as Json }));
  }
  const found = api.get(resource, namespace, name);
  if (found !== undefined) return remembered(objects, found, () => found as unknown as Json);
  const places = absences.get(api) ?? new Map<string, Outcome>();
  absences.set(api, places);
  const place = `${resource.group}/${resource.plural}/${namespace}/${name}`;
  const absence = places.get(place) ?? ask();
  places.set(place, absence);
  return absence;
}

function remembered<Key extends object>(outcomes: WeakMap<Key, Outcome>, key: Key, bodyOf: () => Json): Outcome {
  let outcome = outcomes.get(key);
  if (outcome === undefined) {
    outcome = { kind: 'applied', status: 200, body: bodyOf() };
    outcomes.set(key, outcome);
  }
  return outcome;
}
