import type { IncomingMessage } from 'node:http';
import type { Instant } from '../../model/instant.ts';
import { type JsonObject, isJsonObject, objectAt, textAt } from '../../model/json.ts';
import { type KubeObject, apiVersionOf } from '../../model/kube.ts';
import type { ApiServer } from '../../drivers/sim/api-server/api-server.ts';
import type { User } from '../../drivers/sim/api-server/authorization.ts';
import { acceptedByCustom } from '../../drivers/sim/api-server/patching.ts';
import type { ServedResource } from '../../drivers/sim/api-server/served-resource.ts';
import type { Answer, LocalRequest } from '../../drivers/sim/behaviour.ts';
import { type ResourceCall, localRequestOf, verbOf } from './kube-request.ts';
import type { Exchange } from './exchange.ts';
import { type Negotiated, negotiate } from './media-type.ts';
import { repeatedFields } from './repeated-fields.ts';
import type { Reply } from './reply.ts';
import { type Parsed, parseBody, parsePatch, patchKindOf, readBody } from './request-body.ts';
import type { ResourceRoute } from './route.ts';
import { methodNotAllowed, notAcceptable, pageNotFound, resourceNotFound, unsupportedMediaType } from './status.ts';
import { type IncludedObject, layoutFor, partialMetadata, tableOf } from './table/table.ts';
import { Watch } from './watch.ts';
import { watchRequestOf } from './watch-request.ts';

interface ResourceSettings {
  readonly api: ApiServer;
  wallNow(): Instant;
}

type Ask = (request: LocalRequest, user: User) => Answer;

/** Requests to objects: get, list, watch, create, update, patch, delete. */
export class ResourceFace {
  readonly #settings: ResourceSettings;
  readonly #ask: Ask;
  readonly #watches = new Set<Watch>();

  constructor(settings: ResourceSettings, ask: Ask) {
    this.#settings = settings;
    this.#ask = ask;
  }

  /** Undefined when a watch has taken the response over, or the client has gone. */
  async reply(exchange: Exchange, route: ResourceRoute): Promise<Reply | undefined> {
    const { request, url } = exchange;
    const served = this.#servedAt(route);
    if ('status' in served) return served;
    const negotiated = negotiate(request.headers.accept);
    if (negotiated === undefined) return notAcceptable();
    const call: ResourceCall = {
      method: request.method ?? '',
      route,
      query: url.searchParams,
      userAgent: request.headers['user-agent'],
    };
    const verb = verbOf(call);
    if (verb === undefined) return methodNotAllowed();
    if (verb === 'watch') return this.#watch(exchange, call, served, negotiated);
    const content = await contentOf(request, served, verb);
    if (content === undefined) return undefined;
    const local = 'failure' in content ? content : localRequestOf(call, verb, served.type, content.value);
    if ('failure' in local) return this.#forbidden(exchange.user, verb, served, route) ?? local.failure;
    const answer = this.#ask(local.value, exchange.user);
    return this.#shown(answer, served, negotiated, includedObject(url.searchParams));
  }

  /** Who may not do a thing hears of that before hearing what is wrong with the request. */
  #forbidden(
    user: User,
    verb: LocalRequest['verb'],
    { type }: ServedResource,
    route: ResourceRoute,
  ): Reply | undefined {
    const { namespace, name, subresource } = route;
    const bare: LocalRequest = {
      verb,
      resource: type,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
    };
    return this.#settings.api.mayDo(user, bare) ? undefined : this.#ask(bare, user);
  }

  stopWatches(silently: boolean): void {
    for (const watch of this.#watches) {
      if (silently) watch.fallSilent();
      else watch.close();
    }
  }

  #servedAt({ group, version, plural, namespace, name }: ResourceRoute): ServedResource | Reply {
    const types = this.#settings.api.resourceTypes();
    const inVersion = types.filter(({ type }) => type.group === group && type.version === version);
    if (inVersion.length === 0) return pageNotFound();
    const served = inVersion.find(({ type }) => type.plural === plural);
    if (served === undefined) return resourceNotFound();
    const misplaced = served.type.namespaced ? namespace === undefined && name !== undefined : namespace !== undefined;
    return misplaced ? resourceNotFound() : served;
  }

  #watch(exchange: Exchange, call: ResourceCall, served: ServedResource, negotiated: Negotiated): Reply | undefined {
    const { api } = this.#settings;
    const prepared = watchRequestOf(call, served, api, (request) => this.#ask(request, exchange.user), {
      shape: negotiated.shape,
      version: negotiated.version,
      include: includedObject(call.query),
    });
    if ('refusal' in prepared) return prepared.refusal;
    const watch = new Watch(api, prepared.request, exchange.response, () => this.#settings.wallNow());
    this.#watches.add(watch);
    exchange.response.on('close', () => this.#watches.delete(watch));
    watch.open();
    return undefined;
  }

  /** The answer in the shape that the client asked for. Refusals are Statuses in any shape. */
  #shown(answer: Answer, served: ServedResource, negotiated: Negotiated, include: IncludedObject): Reply {
    const { format, shape, version } = negotiated;
    const { status, body } = answer;
    const isObject = status < 300 && isJsonObject(body) && body.kind !== 'Status';
    if (!isObject || shape === 'plain') return { ...answer, format };
    const isList = Array.isArray(body.items) && textAt(body, 'kind')?.endsWith('List') === true;
    const objects = (isList
      ? (body.items as readonly JsonObject[]).map(withKind(served))
      : [body]) as unknown as readonly KubeObject[];
    if (shape === 'metadata') return { ...answer, format, body: metadataOf(body, objects, isList, version) };
    const metadata = isList
      ? tableMetadata(objectAt(body, 'metadata'))
      : { resourceVersion: textAt(body, 'metadata', 'resourceVersion') };
    const now = this.#settings.wallNow();
    return { ...answer, format, body: tableOf(layoutFor(served), objects, { version, metadata, include, now }) };
  }
}

/** An end of the list that says so is left out of a table. */
function tableMetadata({ continue: next, ...metadata }: JsonObject): JsonObject {
  return next === undefined || next === '' ? metadata : { ...metadata, continue: next };
}

/** Items of built-in lists come without kind and apiVersion; rows of a table carry them. */
function withKind({ type, custom }: ServedResource): (item: JsonObject) => JsonObject {
  const head = { kind: type.kind, apiVersion: apiVersionOf(type) };
  return custom ? (item) => item : (item) => ({ ...head, ...item });
}

function metadataOf(body: JsonObject, objects: readonly KubeObject[], isList: boolean, version: string): JsonObject {
  const parts = objects.map((object) => partialMetadata(object, version));
  if (!isList) return parts[0] ?? {};
  const head = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}` };
  return { ...head, metadata: body.metadata, items: parts };
}

function includedObject(query: URLSearchParams): IncludedObject {
  const include = query.get('includeObject');
  return include === 'None' || include === 'Object' ? include : 'Metadata';
}

type Content = Parameters<typeof localRequestOf>[3];

/** The parsed body of a request that may have one; undefined when the client went away. */
async function contentOf(
  request: IncomingMessage,
  { type, custom }: ServedResource,
  verb: string,
): Promise<Parsed<Content> | undefined> {
  if (verb === 'get' || verb === 'list') return { value: { body: undefined } };
  const bytes = await readBody(request);
  if (bytes === undefined || 'failure' in bytes) return bytes;
  const contentType = request.headers['content-type'];
  if (verb === 'patch') {
    const patch = patchKindOf(contentType);
    if ('failure' in patch) return patch;
    // Refused by its type, before its options are read.
    if (custom && patch.value === 'strategic') return { failure: unsupportedMediaType(acceptedByCustom) };
    const body = parsePatch(bytes.value, patch.value);
    if ('failure' in body) return body;
    const repeated = patch.value === 'merge' || patch.value === 'strategic' ? repeatedIn(bytes.value, contentType) : {};
    return { value: { body: body.value, patch: patch.value, ...repeated } };
  }
  const body = await parseBody(bytes.value, contentType, verb === 'delete' ? 'DeleteOptions' : type.kind);
  return 'failure' in body ? body : { value: { body: body.value, ...repeatedIn(bytes.value, contentType) } };
}

/** Of a JSON text, the fields that it repeats. */
function repeatedIn(bytes: Buffer, contentType: string | undefined): Pick<LocalRequest, 'repeatedFields'> {
  if (bytes.length === 0 || !/^$|^application\/(?:[a-z-]+\+)?json/.test(contentType ?? '')) return {};
  const found = repeatedFields(bytes.toString('utf8'));
  return found.length === 0 ? {} : { repeatedFields: found };
}
