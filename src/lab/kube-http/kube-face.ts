import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listAt, textAt } from '../../model/json.ts';
import type { Instant } from '../../model/instant.ts';
import type { ApiServer } from '../../drivers/sim/api-server/api-server.ts';
import type { User } from '../../drivers/sim/api-server/authorization.ts';
import type { Answer, LocalRequest } from '../../drivers/sim/behaviour.ts';
import { type Tokens, authenticate } from './authentication.ts';
import { DocumentFace } from './document-face.ts';
import type { Exchange, Upgrade } from './exchange.ts';
import { PodExec, podCommand, type RunInPod } from './pod-exec.ts';
import { type PodLogs, answerLog } from './pod-log.ts';
import { type Reply, sendReply } from './reply.ts';
import { ResourceFace } from './resource-face.ts';
import { type Route, type ServiceProxyRoute, routeOf } from './route.ts';
import { type ProxiedService, findService } from './service-proxy.ts';
import {
  badRequest,
  failure,
  forbidden,
  impersonationForbidden,
  internalError,
  pageNotFound,
  pathForbidden,
  unauthorized,
} from './status.ts';

export interface KubeFaceSettings {
  readonly api: ApiServer;
  readonly kubernetesVersion: string;
  readonly tokens: Tokens;
  /** `127.0.0.1:PORT`, as clients see it. */
  readonly serverAddress: string;
  readonly services: readonly ProxiedService[];
  readonly logs: PodLogs;
  readonly exec: RunInPod;
  wallNow(): Instant;
  /** Performs an act on the world at the present moment: everything that is due before it has happened. */
  now<Result>(act: () => Result): Result;
  /** Something went wrong that is this program's fault. */
  onFault(cause: unknown): void;
}

/** The HTTP API of one simulated cluster: what kubectl and client libraries speak. Holds no state of the cluster. */
export class KubeFace {
  readonly #settings: KubeFaceSettings;
  readonly #documents: DocumentFace;
  readonly #resources: ResourceFace;
  readonly #exec: PodExec;

  constructor(settings: KubeFaceSettings) {
    this.#settings = settings;
    this.#documents = new DocumentFace(settings);
    this.#resources = new ResourceFace(settings, (request, user) => this.#ask(request, user));
    this.#exec = new PodExec((command) => settings.now(() => settings.exec(command)));
  }

  /** Answers one request. Never throws: a fault of ours is a 500 and goes to `onFault`. */
  async handle(request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      await this.#answer(request, response, upgrade);
    } catch (cause) {
      this.#settings.onFault(cause);
      sendReply(response, internalError(cause instanceof Error ? cause.message : String(cause)));
    }
  }

  /** The same for a request that asks to go on in another protocol on its connection, as commands in pods do. */
  async handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    await this.handle(request, response, { socket, head, release: () => response.detachSocket(socket) });
  }

  /** Ends every watch; with `silently` they stay open and fall silent instead. */
  stopWatches(silently = false): void {
    this.#resources.stopWatches(silently);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, upgrade: Upgrade | undefined): Promise<void> {
    const url = parseUrl(request.url);
    if (url === undefined) return sendReply(response, badRequest('malformed URL'));
    const sender = authenticate(request, this.#settings.tokens);
    if (sender.kind === 'nobody') return sendReply(response, unauthorized(), request.method === 'HEAD');
    if (sender.kind === 'refused') return sendReply(response, impersonationForbidden(sender.user.name, sender.wanted));
    const exchange: Exchange = { request, response, url, user: sender.user, ...(upgrade && { upgrade }) };
    const reply = await this.#replyTo(exchange, routeOf(url.pathname));
    if (reply !== undefined) sendReply(response, reply, request.method === 'HEAD');
  }

  /** Undefined when the response is being written by something that streams. */
  async #replyTo(exchange: Exchange, route: Route): Promise<Reply | undefined> {
    if (route.kind === 'unknown') return pageNotFound();
    if (route.kind === 'serviceProxy') return this.#proxy(exchange, route);
    if (route.kind !== 'resource') {
      const { url, user } = exchange;
      const isAllowed = this.#settings.api.mayVisit(user, 'get', url.pathname);
      return isAllowed ? this.#documents.reply(exchange, route) : pathForbidden(user.name, url.pathname);
    }
    if (isOfPod(route, 'exec')) return this.#execute(exchange, route);
    return isOfPod(route, 'log') ? this.#log(exchange, route) : this.#resources.reply(exchange, route);
  }

  #ask(request: LocalRequest, user: User): Answer {
    return this.#settings.now(() => this.#settings.api.request(request, user));
  }

  /** A WebSocket is opened by a GET, which alone must not let anybody run commands (`pods/exec` of kubernetes/kubernetes 1.35). */
  #execute({ request, url, user, upgrade }: Exchange, { namespace, name }: PodRoute): Reply | undefined {
    const { api } = this.#settings;
    for (const verb of [request.method === 'POST' ? 'create' : 'get', 'create'] as const) {
      if (!api.mayDo(user, { verb, resource: podType, subresource: 'exec', namespace, name })) {
        return forbidden(user.name, verb, 'pods/exec', name, namespace);
      }
    }
    const pod = api.get(podType, namespace, name);
    if (pod === undefined) return failure(404, 'NotFound', `pods "${name}" not found`, { name, kind: 'pods' });
    const containers = listAt(pod, 'spec', 'containers').map((each) => textAt(each, 'name') ?? '');
    const command = podCommand(url.searchParams, { namespace, name }, containers);
    if ('status' in command) return command;
    return this.#exec.refusal(request) ?? (upgrade && this.#exec.carryOut(command, url.searchParams, request, upgrade));
  }

  #log(
    { response, url, user }: Exchange,
    pod: { readonly namespace: string; readonly name: string },
  ): Reply | undefined {
    const { namespace, name } = pod;
    const found = this.#ask({ verb: 'get', resource: podType, namespace, name }, user);
    if (found.status !== 200) return found;
    const log: LocalRequest = { verb: 'get', resource: podType, subresource: 'log', namespace, name };
    if (!this.#settings.api.mayDo(user, log)) {
      return forbidden(user.name, 'get', 'pods/log', name, namespace);
    }
    answerLog(this.#settings.logs, pod, url.searchParams, response, this.#settings.wallNow());
    return undefined;
  }

  #proxy({ request, response, url, user }: Exchange, route: ServiceProxyRoute): Reply | undefined {
    const found = findService(this.#settings.services, route);
    if ('failure' in found) return found.failure;
    const verb = proxyVerbs[request.method ?? ''] ?? 'get';
    const { name, namespace } = found.service;
    const use: LocalRequest = { verb, resource: serviceType, subresource: 'proxy', name, namespace };
    if (!this.#settings.api.mayDo(user, use)) {
      return forbidden(user.name, verb, 'services/proxy', name, namespace);
    }
    found.service.backend(request, response, `${route.path}${url.search}`);
    return undefined;
  }
}

const podType = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const serviceType = { group: '', version: 'v1', plural: 'services', kind: 'Service', namespaced: true };
const proxyVerbs: Readonly<Record<string, LocalRequest['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

type PodRoute = Extract<Route, { kind: 'resource' }> & { readonly namespace: string; readonly name: string };

function isOfPod(route: Extract<Route, { kind: 'resource' }>, subresource: string): route is PodRoute {
  return (
    route.group === '' && route.plural === 'pods' && route.subresource === subresource && route.namespace !== undefined
  );
}

function parseUrl(text: string | undefined): URL | undefined {
  return URL.canParse(text ?? '', 'https://localhost') ? new URL(text ?? '', 'https://localhost') : undefined;
}
