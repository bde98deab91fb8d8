import { jsonPatch } from '../../drivers/sim/api-server/patch-json.ts';
import { mergePatch } from '../../drivers/sim/api-server/patch-merge.ts';
import { type Json, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';

/** What a changing request comes to. `object` is the one after it: the very same where nothing was done. */
export interface Applied {
  readonly outcome: Outcome;
  readonly object: KubeObject | undefined;
}

/**
 * Performs one changing request on the object that it names, as an API server does: a merge patch that carries another
 * version is a conflict, a JSON patch is applied whole or not at all.
 */
export function applyRequest(object: KubeObject | undefined, request: KubeRequest): Applied {
  if (request.verb === 'create') {
    if (object !== undefined) return refused(object, 409, 'AlreadyExists', request);
    return applied(request.body as unknown as KubeObject);
  }
  if (object === undefined) return refused(object, 404, 'NotFound', request);
  if (request.verb !== 'patch') throw new Error(`The small world knows no ${request.verb} of ${request.resource.kind}`);
  if (request.patch === 'json') {
    const result = jsonPatch(object as unknown as Json, request.body ?? []);
    if (result.kind !== 'patched') return refused(object, 422, 'Invalid', request);
    return applied(result.value as unknown as KubeObject);
  }
  if (request.patch !== 'merge') throw new Error(`The small world knows no patch of kind ${request.patch}`);
  const version = textAt(request.body, 'metadata', 'resourceVersion');
  if (version !== undefined && version !== object.metadata.resourceVersion)
    return refused(object, 409, 'Conflict', request);
  return applied(mergePatch(object as unknown as Json, request.body ?? {}) as unknown as KubeObject);
}

/** The answer to a read of an object that there is not. */
export function notFound({ resource, name = '' }: KubeRequest): Outcome {
  return {
    kind: 'refused',
    status: 404,
    reason: 'NotFound',
    message: `${resource.plural} "${name}" not found`,
    body: { kind: 'Status', reason: 'NotFound', code: 404, details: { name, kind: resource.plural } },
  };
}

/** The answer that never comes. */
export function silence(who: string): Outcome {
  return { kind: 'unknown', reason: 'timeout', message: `${who} did not answer` };
}

function applied(object: KubeObject): Applied {
  return { outcome: { kind: 'applied', status: 200, body: object as unknown as Json }, object };
}

function refused(
  object: KubeObject | undefined,
  status: number,
  reason: string,
  { resource, name = '' }: KubeRequest,
): Applied {
  return { outcome: { kind: 'refused', status, reason, message: `${resource.plural} "${name}": ${reason}` }, object };
}
