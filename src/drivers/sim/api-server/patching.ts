import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { jsonPatch } from './patch-json.ts';
import { mergePatch } from './patch-merge.ts';
import { StrategicPatchError, strategicPatch } from './patch-strategic.ts';
import type { SchemaNode } from './structural-schema.ts';
import { emptySchema } from './structural-schema.ts';
import type { RequestContext } from './server-core.ts';
import { asJson, asObject } from './object-json.ts';
import { badRequest, patchDoesNotApply, unsupportedMediaType } from './status-errors.ts';

/** The object that a merge, JSON or strategic merge patch makes of the current one. */
export function patchedObject({ request, resource }: RequestContext, current: KubeObject): KubeObject {
  const body = request.body ?? null;
  if (request.patch === 'json') {
    const result = jsonPatch(asJson(current), body);
    if (result.kind === 'malformed') throw badRequest(result.why);
    if (result.kind === 'failed') throw patchDoesNotApply();
    return checked(result.value);
  }
  const { strategy } = resource.served;
  if (request.patch !== 'strategic') return checked(mergePatch(asJson(current), patchBody(body)));
  // The type is not a part of what such a patch is merged into.
  const { kind, apiVersion } = current;
  return checked({
    ...strategicResult(strategy.schema ?? emptySchema, asJson(current), patchBody(body)),
    kind,
    apiVersion,
  });
}

/** Custom resources have no strategic merge patch. */
export function checkPatchKind({ request, resource }: RequestContext): void {
  if (request.patch === 'strategic' && resource.served.custom) throw unsupportedMediaType(acceptedByCustom);
}

/** Media types of patches that custom resources take. */
export const acceptedByCustom = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

function strategicResult(schema: SchemaNode, current: JsonObject, body: JsonObject): JsonObject {
  try {
    return strategicPatch(schema, current, body);
  } catch (error) {
    if (error instanceof StrategicPatchError) throw badRequest(error.message);
    throw error;
  }
}

function patchBody(body: Json): JsonObject {
  if (!isJsonObject(body)) throw badRequest('a merge patch is an object');
  return body;
}

function checked(value: Json): KubeObject {
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) throw badRequest('the patched object has no metadata');
  return asObject(value);
}
