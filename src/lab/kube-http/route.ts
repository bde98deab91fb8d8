/** What a request's path asks for. `group` is '' for the core group, `namespace` is absent in cluster-wide paths. */
export type Route =
  | { readonly kind: 'document'; readonly path: string }
  | { readonly kind: 'groupList' }
  | { readonly kind: 'coreVersions' }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'resourceList'; readonly group: string; readonly version: string }
  | { readonly kind: 'openApiIndex' }
  | { readonly kind: 'openApi'; readonly group: string; readonly version: string }
  | ResourceRoute
  | ServiceProxyRoute
  | { readonly kind: 'unknown' };

export interface ResourceRoute {
  readonly kind: 'resource';
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export interface ServiceProxyRoute {
  readonly kind: 'serviceProxy';
  readonly namespace: string;
  /** As written: `name`, `name:port` or `https:name:port`. */
  readonly service: string;
  /** What follows `/proxy`, starting with a slash. */
  readonly path: string;
}

const documents = new Set(['/', '/version', '/healthz', '/livez', '/readyz', '/openapi/v2', '/metrics']);

/** Reads a URL path the way the API server's request-info resolver does (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`). */
export function routeOf(pathname: string): Route {
  const path =
    pathname.length > 1 && pathname.endsWith('/') && !pathname.includes('/proxy/') ? pathname.slice(0, -1) : pathname;
  if (documents.has(path) || /^\/(healthz|livez|readyz)\//.test(path)) return { kind: 'document', path };
  const segments = path.split('/').slice(1);
  let parts: string[];
  try {
    parts = segments.map(decodeURIComponent);
  } catch {
    return { kind: 'unknown' };
  }
  if (parts[0] === 'openapi' && parts[1] === 'v3') return openApiRoute(parts.slice(2));
  if (parts[0] === 'api') return apiRoute('', parts.slice(1), path);
  if (parts[0] !== 'apis') return { kind: 'unknown' };
  if (parts[1] === undefined) return { kind: 'groupList' };
  return parts[2] === undefined ? { kind: 'group', group: parts[1] } : apiRoute(parts[1], parts.slice(2), path);
}

function openApiRoute(parts: readonly string[]): Route {
  const [root, first, second, ...rest] = parts;
  if (root === undefined) return { kind: 'openApiIndex' };
  if (rest.length > 0) return { kind: 'unknown' };
  if (root === 'api' && first !== undefined && second === undefined)
    return { kind: 'openApi', group: '', version: first };
  if (root === 'apis' && first !== undefined && second !== undefined)
    return { kind: 'openApi', group: first, version: second };
  return { kind: 'unknown' };
}

function apiRoute(group: string, parts: readonly string[], path: string): Route {
  const [version, ...rest] = parts;
  if (version === undefined) return { kind: 'coreVersions' };
  if (rest.length === 0) return { kind: 'resourceList', group, version };
  const [first, second, third, ...tail] = rest;
  const inNamespace =
    first === 'namespaces' && second !== undefined && third !== undefined && !isNamespaceSubresource(third, tail);
  if (!inNamespace) return resourceRoute({ kind: 'resource', group, version, plural: first ?? '' }, rest.slice(1));
  const isProxy = group === '' && third === 'services' && tail[1] === 'proxy';
  if (isProxy) return { kind: 'serviceProxy', namespace: second, service: tail[0] ?? '', path: afterProxy(path) };
  return resourceRoute({ kind: 'resource', group, version, namespace: second, plural: third }, tail);
}

/** `/api/v1/namespaces/demo/finalize` is about the namespace itself. */
function isNamespaceSubresource(word: string, tail: readonly string[]): boolean {
  return tail.length === 0 && (word === 'status' || word === 'finalize');
}

function resourceRoute(base: ResourceRoute, [name, subresource, ...rest]: readonly string[]): Route {
  if (rest.length > 0 || name === '') return { kind: 'unknown' };
  if (name === undefined) return base;
  return subresource === undefined ? { ...base, name } : { ...base, name, subresource };
}

function afterProxy(path: string): string {
  const rest = path.slice(path.indexOf('/proxy') + '/proxy'.length);
  return rest === '' ? '/' : rest;
}
