import type { LocalRequest } from '../behaviour.ts';
import type { Attributes } from './authorization.ts';
import type { RequestContext } from './server-core.ts';
import { badRequest, methodNotAllowed, notFound, unknownResource } from './status-errors.ts';

/** Refuses a request to a subresource or with a verb that its resource does not have. */
export function checkAddress({ resource, request, subresource, namespace }: RequestContext): void {
  const { type, verbs, subresources, custom } = resource.served;
  if (subresource !== '') {
    const known = subresources.find(({ name }) => name === subresource);
    if (known === undefined) throw custom ? notFound(type, request.name ?? '') : unknownResource();
    if (!known.verbs.includes(request.verb)) throw methodNotAllowed();
    return;
  }
  if (!verbs.includes(request.verb)) throw methodNotAllowed();
  if (type.namespaced && namespace === '' && request.verb !== 'list') {
    throw badRequest('an empty namespace may not be set when a resource name is provided');
  }
}

/** What authorization looks at in a request. */
export function attributesOf(request: LocalRequest): Attributes {
  const { verb, resource, namespace = '', name = '', subresource = '' } = request;
  return {
    verb: verb === 'delete' && request.name === undefined ? 'deletecollection' : verb,
    group: resource.group,
    resource: resource.plural,
    subresource,
    namespace,
    name,
  };
}
