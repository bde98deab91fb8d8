import type { Json } from '../../../model/json.ts';
import { emptyAnswer, type LinstorAnswer, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { controllerRoutes } from './routes-controller.ts';
import { definitionRoutes } from './routes-definitions.ts';
import { groupRoutes } from './routes-groups.ts';
import { nodeRoutes } from './routes-nodes.ts';
import { resourceRoutes } from './routes-resources.ts';
import { viewRoutes } from './routes-views.ts';
import { returnCode } from './ret-codes.ts';
import type { Route } from './route.ts';

export interface LinstorRequest {
  readonly method: string;
  /** Path without the query: `/v1/nodes`. */
  readonly path: string;
  /** Query parameters; a repeated one has several values. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Json;
}

interface CompiledRoute {
  readonly route: Route;
  readonly parts: readonly string[];
}

/** Answers a request as the controller's REST server does, unknown paths and methods included. */
export function answerRequest(context: LinstorContext, request: LinstorRequest): LinstorAnswer {
  const parts = trimEnd(request.path).split('/').slice(1);
  const matching = compiled.filter((each) => matches(each.parts, parts));
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = matching.find((each) => each.route.method === method);
  if (found !== undefined) {
    return found.route.handle(context, {
      path: pathValues(found.parts, parts),
      query: queryLists(request.query ?? {}),
      body: request.body ?? null,
    });
  }
  const code = returnCode('error', 'none', 'none', 998);
  if (matching.length === 0) {
    const message = `Path '${request.path}' not found on server.`;
    return { ...messagesAnswer([{ code, message, details: 'HTTP 404 Not Found' }], context.wallNow), status: 404 };
  }
  if (request.method === 'OPTIONS') return emptyAnswer();
  const message = `Method '${request.method}' not allowed on path '${request.path}'.`;
  return {
    ...messagesAnswer([{ code, message, details: 'HTTP 405 Method Not Allowed' }], context.wallNow),
    status: 405,
  };
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
  ...definitionRoutes,
  ...resourceRoutes,
  ...groupRoutes,
  ...viewRoutes,
].map((route) => ({ route, parts: route.pattern.split('/').slice(1) }));
