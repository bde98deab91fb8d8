import type { Json } from '../../../model/json.ts';
import { emptyAnswer, type LinstorAnswer, messagesAnswer, textAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { hashSetOrder } from './java-hash.ts';
import { unknownPath } from './missing.ts';
import { readBody } from './request-json.ts';
import { returnCode } from './ret-codes.ts';
import type { Route } from './route.ts';
import { connectionRoutes } from './routes-connections.ts';
import { controllerRoutes } from './routes-controller.ts';
import { definitionRoutes } from './routes-definitions.ts';
import { groupRoutes } from './routes-groups.ts';
import { interfaceRoutes } from './routes-interfaces.ts';
import { keyValueRoutes } from './routes-key-values.ts';
import { nodeRemovalRoutes } from './routes-node-removal.ts';
import { nodeRoutes } from './routes-nodes.ts';
import { poolRoutes } from './routes-pools.ts';
import { replicaRoutes } from './routes-replicas.ts';
import { resourceRoutes } from './routes-resources.ts';
import { sizeRoutes } from './routes-sizes.ts';
import { snapshotRoutes } from './routes-snapshots.ts';
import { spawnRoutes } from './routes-spawn.ts';
import { statisticsRoutes } from './routes-statistics.ts';
import { parseFailure, toggleRoutes } from './routes-toggle.ts';
import { tokenRoutes } from './routes-tokens.ts';
import { viewRoutes } from './routes-views.ts';
import { volumeGroupRoutes } from './routes-volume-groups.ts';
import { volumeRoutes } from './routes-volumes.ts';
import { isAuthorized } from './tokens.ts';

export interface LinstorRequest {
  readonly method: string;
  /** Path without the query: `/v1/nodes`. */
  readonly path: string;
  /** Query parameters; a repeated one has several values. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Json;
  /** The body as it came over the wire, in place of `body`: it is read as LINSTOR's parser does. */
  readonly text?: string;
  /** Headers in lower case; left out inside the process. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: Route;
  readonly parts: readonly string[];
}

/** Answers a request as the controller's REST server does, unknown paths and methods included. */
export function answerRequest(context: LinstorContext, request: LinstorRequest): LinstorAnswer {
  const parts = trimEnd(request.path).split('/').slice(1);
  const matching = routesOf(request.path, parts);
  if (matching.length === 0) return refuse(context, 404, `Path '${request.path}' not found on server.`, 'Not Found');
  if (context.store.auth.isRequired && !isOpen(request.path) && !isAuthorized(context, request.headers)) {
    const message = 'Unauthorized: token invalid or not provided';
    const code = returnCode('error', 'none', 'none', 412);
    return { ...messagesAnswer([{ code, message }], context.wallNow), status: 401 };
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = matching.find((each) => each.route.method === method);
  if (found === undefined) {
    if (request.method === 'OPTIONS') return textAnswer(methodsOf(matching).join(', '));
    const message = `Method '${request.method}' not allowed on path '${request.path}'.`;
    return refuse(context, 405, message, 'Method Not Allowed');
  }
  const refusal = refuseContent(context, request, found.route);
  if (refusal !== undefined) return refusal;
  const body = bodyOf(context, request, found.route);
  if ('refusal' in body) return body.refusal;
  const answer = found.route.handle(context, {
    path: pathValues(found.parts, parts),
    query: queryLists(request.query ?? {}),
    body: body.value,
  });
  return request.method === 'HEAD' ? emptyAnswer(answer.status) : answer;
}

/** Paths that need no token. */
function isOpen(path: string): boolean {
  return path === '/' || path === '/health';
}

/** Routes of the paths asked for so far, which are few: a match looks at every route. */
const routesByPath = new Map<string, readonly CompiledRoute[]>();

function routesOf(path: string, parts: readonly string[]): readonly CompiledRoute[] {
  let routes = routesByPath.get(path);
  if (routes === undefined) {
    routes = compiled.filter((each) => matches(each.parts, parts));
    if (routesByPath.size < 1024) routesByPath.set(path, routes);
  }
  return routes;
}

function refuse(context: LinstorContext, status: number, message: string, reason: string): LinstorAnswer {
  const code = returnCode('error', 'none', 'none', 998);
  return { ...messagesAnswer([{ code, message, details: `HTTP ${status} ${reason}` }], context.wallNow), status };
}

function methodsOf(routes: readonly CompiledRoute[]): readonly string[] {
  const own = routes.map((each) => each.route.method);
  return hashSetOrder(['OPTIONS', ...own, ...(own.includes('GET') ? ['HEAD'] : [])]);
}

/** LINSTOR reads and writes JSON alone. */
function refuseContent(context: LinstorContext, { headers }: LinstorRequest, route: Route): LinstorAnswer | undefined {
  if (headers === undefined) return undefined;
  const accepted = headers.accept ?? '*/*';
  if (!/application\/(json|\*)|\*\/\*|text\/plain/.test(accepted)) {
    return unknownPath(context.wallNow, 'HTTP 406 Not Acceptable');
  }
  const type = headers['content-type'];
  if (route.accepts === undefined || type === undefined) return undefined;
  if (type === '') return emptyAnswer(400);
  return /^application\/json\s*(;|$)/i.test(type)
    ? undefined
    : unknownPath(context.wallNow, 'HTTP 415 Unsupported Media Type');
}

function bodyOf(
  context: LinstorContext,
  { body, text }: LinstorRequest,
  { accepts, badBody, bodyOptional }: Route,
): { readonly value: Json } | { readonly refusal: LinstorAnswer } {
  if (text === undefined || accepts === undefined || (bodyOptional && text === '')) return { value: body ?? null };
  const read = readBody(text, accepts);
  if (read.kind === 'read') return { value: read.body };
  const entry = { code: parseFailure, message: 'Unable to parse input json.', details: read.details };
  return { refusal: { ...messagesAnswer([entry], context.wallNow), status: badBody ?? 500 } };
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  const last = pattern.at(-1);
  if (last === '{rest}' ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]));
}

function pathValues(pattern: readonly string[], parts: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  pattern.forEach((part, index) => {
    if (!part.startsWith('{')) return;
    const raw = part === '{rest}' ? parts.slice(index).join('/') : (parts[index] as string);
    values[part.slice(1, -1)] = decodeURIComponent(raw);
  });
  return values;
}

function queryLists(query: Readonly<Record<string, string | readonly string[]>>): Record<string, readonly string[]> {
  const lists: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(query)) lists[name] = typeof value === 'string' ? [value] : value;
  return lists;
}

function trimEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

const compiled: readonly CompiledRoute[] = [
  ...controllerRoutes,
  ...nodeRoutes,
  ...nodeRemovalRoutes,
  ...interfaceRoutes,
  ...poolRoutes,
  ...definitionRoutes,
  ...volumeRoutes,
  ...resourceRoutes,
  ...replicaRoutes,
  ...toggleRoutes,
  ...connectionRoutes,
  ...groupRoutes,
  ...spawnRoutes,
  ...volumeGroupRoutes,
  ...sizeRoutes,
  ...snapshotRoutes,
  ...viewRoutes,
  ...keyValueRoutes,
  ...statisticsRoutes,
  ...tokenRoutes,
].map((route) => ({ route, parts: route.pattern.split('/').slice(1) }));
