import type { Json } from '../../model/json.ts';
import { numberAt, textAt } from '../../model/json.ts';
import type { ResourceType } from '../../model/kube.ts';
import type { KubeRequestOptions, PatchKind } from '../../model/request.ts';
import type { LocalRequest } from '../../drivers/sim/behaviour.ts';
import type { ResourceRoute } from './route.ts';
import type { Parsed } from './request-body.ts';
import { badRequest, forbiddenOption, methodNotAllowed, unsupportedOption } from './status.ts';

/** An HTTP request to a resource, its body read but not parsed. */
export interface ResourceCall {
  readonly method: string;
  readonly route: ResourceRoute;
  readonly query: URLSearchParams;
  readonly userAgent: string | undefined;
}

/** What a call does, before its body is known. A DELETE without a name deletes the collection. */
export type CallVerb = LocalRequest['verb'] | 'watch';

/** The verb of a call, as the API server's request-info resolver names it. */
export function verbOf({ method, route, query }: ResourceCall): CallVerb | undefined {
  const isNamed = route.name !== undefined;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (route.subresource === undefined && isTrue(query.get('watch'))) return 'watch';
      return isNamed ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return isNamed ? 'update' : undefined;
    case 'PATCH':
      return isNamed ? 'patch' : undefined;
    case 'DELETE':
      return 'delete';
    default:
      return undefined;
  }
}

/** The structured request for a call and its parsed body; a failure when its query is malformed. */
export function localRequestOf(
  call: ResourceCall,
  verb: LocalRequest['verb'],
  resource: ResourceType,
  content: { readonly body: Json | undefined; readonly patch?: PatchKind } & Pick<LocalRequest, 'repeatedFields'>,
): Parsed<LocalRequest> {
  const { route } = call;
  const { body, patch, repeatedFields } = content;
  if (verb === 'create' && route.name !== undefined && route.subresource === undefined) {
    return { failure: methodNotAllowed() };
  }
  const options = verb === 'delete' ? deleteOptions(call, body) : requestOptions(call, verb, patch);
  if ('failure' in options) return options;
  const request: LocalRequest = {
    verb,
    resource,
    ...(route.namespace === undefined ? {} : { namespace: route.namespace }),
    ...(route.name === undefined ? {} : { name: route.name }),
    ...(route.subresource === undefined ? {} : { subresource: route.subresource }),
    ...(patch === undefined ? {} : { patch }),
    ...(body === undefined || verb === 'delete' ? {} : { body }),
    ...(repeatedFields === undefined ? {} : { repeatedFields }),
    options: options.value,
  };
  return { value: request };
}

const optionKinds: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

function requestOptions(
  { query, userAgent }: ResourceCall,
  verb: LocalRequest['verb'],
  patch: PatchKind | undefined,
): Parsed<KubeRequestOptions> {
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) {
    return { failure: unsupportedOption(optionKinds[verb] ?? 'ListOptions', 'dryRun', dryRun, ['All']) };
  }
  const validation = query.get('fieldValidation') ?? '';
  const validations = ['', 'Ignore', 'Strict', 'Warn'];
  if (!validations.includes(validation)) {
    const kind = optionKinds[verb] ?? 'ListOptions';
    return { failure: unsupportedOption(kind, 'fieldValidation', validation, validations) };
  }
  if (verb === 'patch' && patch !== 'apply' && query.get('force') !== null) {
    return { failure: forbiddenOption('PatchOptions', 'force', 'may not be specified for non-apply patch') };
  }
  const selected = listOptions(query);
  if ('failure' in selected) return selected;
  const isWrite = verb !== 'get' && verb !== 'list';
  // An apply patch must name its manager itself.
  const fieldManager = query.get('fieldManager') || (patch === 'apply' ? undefined : managerOf(userAgent));
  return {
    value: {
      ...selected.value,
      ...(dryRun.length > 0 ? { dryRun: true } : {}),
      ...(isWrite && fieldManager !== undefined ? { fieldManager } : {}),
      ...(isTrue(query.get('force')) ? { force: true } : {}),
      ...(isWrite ? { fieldValidation: validationOf(query.get('fieldValidation')) } : {}),
    },
  };
}

/** What a list shows, or a collection loses. */
function listOptions(query: URLSearchParams): Parsed<KubeRequestOptions> {
  const limitText = query.get('limit') ?? '0';
  const limit = Number(limitText);
  if (!Number.isInteger(limit)) {
    return { failure: badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limitText)}: invalid syntax`) };
  }
  const texts = ['labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch', 'continue'] as const;
  return { value: { ...textOptions(query, texts), ...(limit > 0 ? { limit } : {}) } };
}

function validationOf(text: string | null): 'Strict' | 'Warn' | 'Ignore' {
  return text === 'Strict' || text === 'Ignore' ? text : 'Warn';
}

/** DeleteOptions come in the body or in the query; with a body the query does not count (`DeleteResource` of k8s.io/apiserver). */
function deleteOptions({ query: search, route }: ResourceCall, body: Json | undefined): Parsed<KubeRequestOptions> {
  const query = body === undefined ? search : new URLSearchParams();
  const grace = numberAt(body, 'gracePeriodSeconds') ?? numberIn(query, 'gracePeriodSeconds');
  const policy = textAt(body, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && policy !== 'Foreground' && policy !== 'Background' && policy !== 'Orphan') {
    const possible = ['Foreground', 'Background', 'Orphan', 'nil'];
    return { failure: unsupportedOption('DeleteOptions', 'propagationPolicy', policy, possible) };
  }
  const uid = textAt(body, 'preconditions', 'uid');
  const resourceVersion = textAt(body, 'preconditions', 'resourceVersion');
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const selected = route.name === undefined ? listOptions(search) : { value: {} };
  if ('failure' in selected) return selected;
  const isDryRun = textAt(body, 'dryRun', 0) === 'All' || query.get('dryRun') === 'All';
  return {
    value: {
      ...selected.value,
      ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
      ...(policy === undefined ? {} : { propagationPolicy: policy }),
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(isDryRun ? { dryRun: true } : {}),
    },
  };
}

function textOptions<Name extends string>(query: URLSearchParams, names: readonly Name[]): { [K in Name]?: string } {
  const found: { [K in Name]?: string } = {};
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') found[name] = value;
  }
  return found;
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text === null || !/^-?\d+$/.test(text) ? undefined : Number(text);
}

/** Without a field manager in the query, the name of the program (`managerOrUserAgent` of k8s.io/apiserver). */
function managerOf(userAgent: string | undefined): string {
  return (userAgent ?? '').split('/')[0]?.slice(0, 128) || 'unknown';
}

function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true';
}
