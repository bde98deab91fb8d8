import { assert } from '../../model/assert.ts';
import type { JsonObject } from '../../model/json.ts';
import type { KubeRequest, PatchKind } from '../../model/request.ts';
import type { HttpCall } from './http-call.ts';

const patchContentTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and the only spelling that every served version takes.
  apply: 'application/apply-patch+yaml',
};

const methods = { get: 'GET', list: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

/** The HTTP form of a Kubernetes request (https://kubernetes.io/docs/reference/using-api/api-concepts/). Pure. */
export function kubeHttpCall(request: KubeRequest): HttpCall {
  assert(
    (request.verb === 'patch') === (request.patch !== undefined),
    'a patch, and nothing else, says which kind of patch it is',
  );
  const body = bodyOf(request);
  const contentType = request.patch === undefined ? 'application/json' : patchContentTypes[request.patch];
  return {
    method: methods[request.verb],
    path: kubePath(request) + queryOf(request),
    headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': contentType }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

/** The path of the resource, collection, object or subresource that the request is about, without a query. */
export function kubePath({ resource, namespace, name, subresource, verb }: KubeRequest): string {
  assert(resource.namespaced || namespace === undefined, `${resource.plural} have no namespace`);
  const onCollection = verb === 'list' || (verb === 'create' && subresource === undefined);
  assert(
    onCollection === (name === undefined),
    `${verb} of ${resource.plural} ${onCollection ? 'takes no' : 'needs a'} name`,
  );
  assert(
    !resource.namespaced || namespace !== undefined || verb === 'list',
    `${verb} of ${resource.plural} needs a namespace`,
  );
  const root = resource.group === '' ? ['api'] : ['apis', resource.group];
  const scope = namespace === undefined ? [] : ['namespaces', namespace];
  const object = name === undefined ? [] : [name];
  const part = subresource === undefined ? [] : subresource.split('/');
  return `/${[...root, resource.version, ...scope, resource.plural, ...object, ...part].map(encodeURIComponent).join('/')}`;
}

function queryOf(request: KubeRequest): string {
  const options = request.options ?? {};
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) query.set(name, String(value));
  };
  put('labelSelector', options.labelSelector);
  put('fieldSelector', options.fieldSelector);
  put('resourceVersion', options.resourceVersion);
  put('resourceVersionMatch', options.resourceVersionMatch);
  put('limit', options.limit);
  put('continue', options.continue);
  put('fieldManager', options.fieldManager);
  put('force', options.force);
  put('fieldValidation', options.fieldValidation);
  if (options.dryRun === true && request.verb !== 'delete') put('dryRun', 'All');
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function bodyOf(request: KubeRequest): KubeRequest['body'] {
  return request.verb === 'delete' ? (request.body ?? deleteOptions(request)) : request.body;
}

function deleteOptions({ options = {} }: KubeRequest): JsonObject {
  const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options;
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions !== undefined && { preconditions: { ...preconditions } }),
    ...(dryRun === true && { dryRun: ['All'] }),
  };
}
