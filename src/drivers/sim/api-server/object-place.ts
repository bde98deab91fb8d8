import type { ObjectMeta } from '../../../model/kube.ts';
import type { RequestContext } from './server-core.ts';
import { badRequest, conflict } from './status-errors.ts';

/** The namespace that an object names must be that of the request. */
export function checkNamespace({ namespace, resource }: RequestContext, metadata: ObjectMeta): void {
  if (metadata.namespace === undefined || metadata.namespace === '' || metadata.namespace === namespace) return;
  // What is in no namespace loses the one that it names.
  if (!resource.served.type.namespaced) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** An object whose name is not the one that the request names. */
export function nameMismatch(given: string, name: string): Error {
  return badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

/** What an apply that creates an object may not say otherwise than its request. */
export function checkPlace(context: RequestContext, metadata: ObjectMeta): void {
  const { uid = '' } = metadata;
  const name = metadata.name ?? '';
  if (uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(context.resource.served.type, context.name, why);
  }
  checkNamespace(context, metadata);
  if (name !== '' && name !== context.name) throw nameMismatch(name, context.name);
}
