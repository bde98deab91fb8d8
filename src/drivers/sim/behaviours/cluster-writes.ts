import type { Json, JsonObject } from '../../../model/json.ts';
import type { KubeObject, ObjectMeta, ResourceType } from '../../../model/kube.ts';
import type { Answer, ClusterPort } from '../behaviour.ts';

/** Creates an object in the namespace that its metadata names. */
export function createObject(port: ClusterPort, resource: ResourceType, object: JsonObject): Answer {
  const namespace = (object as unknown as KubeObject).metadata.namespace;
  return port.request({ verb: 'create', resource, ...(namespace ? { namespace } : {}), body: object });
}

/** Replaces the whole object; its resourceVersion travels along, so that a later change by somebody else is not undone. */
export function replaceObject(port: ClusterPort, resource: ResourceType, object: KubeObject): Answer {
  return port.request({ verb: 'update', resource, ...addressOf(object), body: asJson(object) });
}

/** Replaces the status through the status subresource. */
export function replaceStatus(
  port: ClusterPort,
  resource: ResourceType,
  object: KubeObject,
  status: JsonObject,
): Answer {
  const body = asJson({ ...object, status });
  return port.request({ verb: 'update', resource, subresource: 'status', ...addressOf(object), body });
}

/** Merges fields into the object, without a precondition. */
export function mergeInto(port: ClusterPort, resource: ResourceType, object: KubeObject, body: JsonObject): Answer {
  return port.request({ verb: 'patch', patch: 'merge', resource, ...addressOf(object), body });
}

/** Asks for deletion of exactly this object: one of the same name that came later is left alone. */
export function deleteObject(
  port: ClusterPort,
  resource: ResourceType,
  object: KubeObject,
  gracePeriodSeconds?: number,
): Answer {
  const uid = object.metadata.uid;
  return port.request({
    verb: 'delete',
    resource,
    ...addressOf(object),
    options: {
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    },
  });
}

/** The object with some of its metadata replaced. */
export function withMetadata(object: KubeObject, change: Partial<ObjectMeta>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...change } };
}

/** The object without one finalizer. */
export function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  return withMetadata(object, { finalizers: (object.metadata.finalizers ?? []).filter((one) => one !== finalizer) });
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** True once deletion was asked for. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** True for an answer of success. */
export function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** The object of an answer to a successful write. */
export function objectOf(answer: Answer): KubeObject {
  return answer.body as unknown as KubeObject;
}

/** A Kubernetes object as the JSON value it is. */
export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject & Json;
}

function addressOf(object: KubeObject): { readonly namespace?: string; readonly name: string } {
  const { name, namespace } = object.metadata;
  return namespace ? { namespace, name } : { name };
}
