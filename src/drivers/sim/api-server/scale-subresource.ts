import type { JsonObject } from '../../../model/json.ts';
import { isJsonObject, numberAt, objectAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { Answer } from '../behaviour.ts';
import { mergePatch } from './patch-merge.ts';
import { getObject } from './reading.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { badRequest, invalid } from './status-errors.ts';
import { replaceObject } from './writing.ts';

/** The `scale` subresource: the replicas of a workload as an `autoscaling/v1` Scale. */
export function serveScale(core: ServerCore, context: RequestContext): Answer {
  const object = getObject(context);
  if (context.request.verb === 'get') return { status: 200, body: scaleOf(object) };
  const body = context.request.body ?? null;
  if (!isJsonObject(body)) throw badRequest('the request body is not an object');
  const wanted = context.request.verb === 'patch' ? mergePatch(scaleOf(object), body) : body;
  const replicas = numberAt(wanted, 'spec', 'replicas') ?? 0;
  if (replicas < 0) {
    const { group, kind } = context.resource.served.type;
    const detail = 'should be a non-negative integer';
    throw invalid(group, kind, object.metadata.name, [
      { type: 'Invalid', field: '.spec.replicas', value: replicas, detail },
    ]);
  }
  const scaled = { ...object, spec: { ...object.spec, replicas } };
  return { status: 200, body: scaleOf(replaceObject(core, context, scaled, object)) };
}

function scaleOf({ metadata, ...object }: KubeObject): JsonObject {
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = metadata;
  const labels = Object.entries(objectAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: numberAt(object, 'status', 'replicas') ?? 0,
      ...(labels.length === 0 ? {} : { selector: labels.map(([key, value]) => `${key}=${value as string}`).join(',') }),
    },
  };
}
