import type { JsonObject } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';

/** The object as the server's own JSON, for parts that work on any JSON. */
export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}

export function asObject(value: JsonObject): KubeObject {
  return value as unknown as KubeObject;
}
