import { unreachable } from '../../../model/assert.ts';
import type { Instant } from '../../../model/instant.ts';
import { type JsonObject, listAt, textAt } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { Answer, LocalRequest } from '../behaviour.ts';
import type { RandomStream } from '../random.ts';
import { answerReview } from './access-reviews.ts';
import type { Admission, SubresourceHandler } from './admission.ts';
import { Admissions } from './admission.ts';
import type { User } from './authorization.ts';
import { authorize, authorizePath, refusalText } from './authorization.ts';
import { bootstrapObjects } from './bootstrap-objects.ts';
import { deleteObject } from './deleting.ts';
import { handledResources } from './handled-resources.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Change } from './object-store.ts';
import { checkPatchKind, patchedObject } from './patching.ts';
import { bindPod, evictPod } from './pod-subresources.ts';
import { rbacObjects } from './rbac-objects.ts';
import { checkVersion, getObject, inStorageVersion, inVersion, listObjects } from './reading.ts';
import type { Resource } from './registry.ts';
import { Registry } from './registry.ts';
import { serveScale } from './scale-subresource.ts';
import { appliedObject } from './server-side-apply.ts';
import type { ServedResource, ServedType } from './served-resource.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { asJson } from './object-json.ts';
import { ApiError, forbidden, methodNotAllowed, notFound, unknownPath, unknownResource } from './status-errors.ts';
import { cleaned, createObject, decodedBody, replaceObject } from './writing.ts';
import { checkPlace, nameMismatch } from './object-place.ts';
import { attributesOf, checkAddress } from './request-address.ts';
import { writeAsGiven } from './trusted-writes.ts';
import { checkWritten, otherUid } from './write-preconditions.ts';

export type { Admission, AdmissionReview, Denial, SubresourceHandler } from './admission.ts';
export type { User } from './authorization.ts';
export type { Change } from './object-store.ts';
export type { PrinterColumn, ServedResource, ServedSubresource } from './served-resource.ts';

export interface ApiServerSettings {
  readonly cluster: string;
  readonly kubernetesVersion: string;
  readonly wallNow: () => Instant;
  readonly random: RandomStream;
  /** Changes kept per resource for watches that resume: 4096 if not told. A real server keeps five minutes' worth. */
  readonly watchHistory?: number;
  /** True: what acts inside of the cluster is not checked (see `requestFromInside`). Default: false. */
  readonly trustsInsiders?: boolean;
  /** Whose bearer token this is, for TokenReviews. */
  readonly userOfToken?: (token: string) => User | undefined;
}

/** An answer and the Warning headers that come with it. A body that is a string is plain text, not JSON. */
export interface ApiAnswer extends Answer {
  readonly warnings?: readonly string[];
}

/** A simulated Kubernetes API server with its etcd: synchronous, in process, speaking in structured requests. */
export class ApiServer {
  readonly settings: ApiServerSettings;
  readonly #core: ServerCore;
  readonly #registry: Registry;
  readonly #admissions = new Admissions();
  readonly #housekeeping: Housekeeping;
  readonly #subresources: SubresourceHandler[] = [];
  /** Those of a resource, by the very object that names it. */
  readonly #subresourcesOf = new Map<ResourceType, readonly SubresourceHandler[]>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #undelivered: Change[] = [];
  #delivering = false;
  #depth = 0;
  #version: number;

  /** A new cluster's server; or, with `origin`, one that starts with that server's objects (see `fork`). */
  constructor(settings: ApiServerSettings, origin?: ApiServer) {
    this.settings = settings;
    this.#registry =
      origin === undefined ? Registry.withBuiltins(settings.watchHistory ?? 4096) : origin.#registry.fork();
    this.#version = origin === undefined ? 1 : origin.#version;
    this.#core = {
      registry: this.#registry,
      admissions: this.#admissions,
      random: settings.random,
      version: () => this.#version,
      wallNow: settings.wallNow,
      mayVisit: (user, verb, path) => this.mayVisit(user, verb, path),
      userOfToken: (token) => settings.userOfToken?.(token),
      commit: (resource, type, object, old) => this.#commit(resource, type, object, old),
    };
    this.#housekeeping = new Housekeeping(this.#core);
    if (origin !== undefined) return;
    for (const { resource, namespace, body } of bootstrapObjects) {
      this.requestFromInside({ verb: 'create', resource, ...(namespace === undefined ? {} : { namespace }), body });
    }
  }

  /** The newest resourceVersion: one counter for all resources, as in etcd. */
  get version(): number {
    return this.#version;
  }

  /**
   * A server of its own with the same objects and history. Listeners, admission plugins and subresource handlers do not
   * come along: they hold on to the world around the original.
   */
  fork(settings: ApiServerSettings): ApiServer {
    return new ApiServer(settings, this);
  }

  /** Does what a real server does with the request. `user` absent: a superuser from inside the cluster. */
  request(request: LocalRequest, user?: User): ApiAnswer {
    return this.#answer(request, user, false);
  }

  /**
   * A request of what acts inside of the cluster. Where the server trusts it (`trustsInsiders`), what it writes is taken as
   * it is: nothing is decoded or validated that nobody but a stranger would get wrong. The objects come out the same.
   */
  requestFromInside(request: LocalRequest): ApiAnswer {
    if (this.settings.trustsInsiders !== true) return this.request(request);
    const resource = this.#registry.find(request.resource);
    const stored = resource === undefined ? undefined : writeAsGiven(this.#core, resource, request);
    if (stored === undefined) return this.#answer(request, undefined, true);
    if (this.#depth === 0) this.#housekeeping.run();
    return { status: 200, body: asJson(stored) };
  }
  /** The stored object itself; undefined when it does not exist. `namespace` is '' for cluster scope. */
  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined {
    return this.#registry.find(resource)?.store.get(namespace, name);
  }

  /** The stored objects themselves, ordered by namespace and name; of all namespaces when none is given. */
  list(resource: ResourceType, namespace?: string): readonly KubeObject[] {
    return this.#registry.find(resource)?.store.list(namespace) ?? [];
  }

  /** What a read without options finds: the objects of a list, or one object (undefined: there is none); null where nobody serves it. */
  find(request: LocalRequest, verb: 'list' | 'get'): readonly KubeObject[] | KubeObject | undefined | null {
    const resource = this.#registry.find(request.resource);
    if (resource === undefined || !resource.served.verbs.includes(verb)) return null;
    const { namespace, name = '' } = request;
    return verb === 'list' ? resource.store.list(namespace) : resource.store.get(namespace ?? '', name);
  }

  /** Calls the listener for every committed change, in order; answers how to stop that. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The changes of a resource after a version, oldest first; `gone` (410) when they are no longer all remembered. */
  changesSince(resource: ResourceType, version: number): readonly Change[] | 'gone' {
    return this.#registry.find(resource)?.store.changesSince(version) ?? 'gone';
  }

  /** Forgets all history up to now, as etcd's compaction does: watches cannot resume from before. */
  compact(): void {
    for (const { store } of this.#registry.stores()) store.compact(this.#version);
  }

  addAdmission(plugin: Admission): void {
    this.#admissions.add(plugin);
  }

  addSubresource(handler: SubresourceHandler): void {
    this.#subresources.push(handler);
    this.#subresourcesOf.clear();
  }

  /** Every version of every resource that is served now: CustomResourceDefinitions' and those that only have subresources too. */
  resourceTypes(): readonly ServedResource[] {
    return [...this.#registry.all(), ...handledResources(this.#subresources, this.#registry)];
  }

  /** Whether RBAC lets a user do something. */
  mayDo(user: User, request: LocalRequest): boolean {
    return authorize(rbacObjects(this.#registry), user, attributesOf(request)).allowed;
  }

  /** Whether RBAC lets a user use a path that is no resource, such as `/version`. */
  mayVisit(user: User, verb: string, path: string): boolean {
    return authorizePath(rbacObjects(this.#registry), user, verb, path);
  }

  #answer(request: LocalRequest, user: User | undefined, isTrusted: boolean): ApiAnswer {
    const warnings: string[] = [];
    this.#depth++;
    let answer: Answer;
    try {
      answer = this.#serve(request, user, warnings, isTrusted);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answer = error.answer;
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) this.#housekeeping.run();
    return warnings.length === 0 ? answer : { ...answer, warnings };
  }

  #serve(request: LocalRequest, user: User | undefined, warnings: string[], isTrusted: boolean): Answer {
    if (user !== undefined && !this.mayDo(user, request)) {
      throw forbidden(request.resource, request.name ?? '', refusalText(user, attributesOf(request)));
    }
    const handler = this.#handlerOf(request);
    if (handler !== undefined) {
      if (!handler.verbs.includes(request.verb)) throw methodNotAllowed();
      return handler.handle(request, user);
    }
    const { group, version } = request.resource;
    const resource = this.#registry.find(request.resource);
    if (resource === undefined)
      throw this.#registry.servesVersion(group, version) && group === '' ? unknownResource() : unknownPath();
    const { served } = resource;
    const context: RequestContext = {
      request,
      user,
      resource,
      subresource: request.subresource ?? '',
      namespace: served.type.namespaced ? (request.namespace ?? '') : '',
      name: request.name ?? '',
      dryRun: request.options?.dryRun === true,
      isTrusted,
      warn: (text) => warnings.push(text),
    };
    if (served.deprecationWarning !== undefined) warnings.push(served.deprecationWarning);
    checkAddress(context);
    return answerReview(this.#core, context) ?? this.#serveSubresource(context) ?? this.#perform(context);
  }

  #serveSubresource(context: RequestContext): Answer | undefined {
    switch (context.subresource) {
      case 'binding':
        return bindPod(this.#core, context);
      case 'eviction':
        return evictPod(this.#core, context);
      case 'scale':
        return serveScale(this.#core, context);
      default:
        return undefined;
    }
  }

  #perform(context: RequestContext): Answer {
    const { request, resource } = context;
    const { served } = resource;
    switch (request.verb) {
      case 'get':
        if ((request.options?.resourceVersion ?? '') !== '')
          checkVersion(request.options?.resourceVersion ?? '', this.#version);
        return found(getObject(context), served);
      case 'list':
        return { status: 200, body: listObjects(this.#core, context) };
      case 'create':
        return {
          status: 201,
          body: asJson(inVersion(createObject(this.#core, context, decodedBody(this.#core, context)), served)),
        };
      case 'update':
        return this.#update(context);
      case 'patch':
        return request.patch === 'apply' ? this.#apply(context) : this.#patch(context);
      case 'delete':
        return request.name === undefined ? this.#deleteCollection(context) : this.#delete(context);
      default:
        return unreachable(request.verb);
    }
  }

  #patch(context: RequestContext): Answer {
    const { served } = context.resource;
    checkPatchKind(context);
    const old = getObject(context);
    const patched = patchedObject(context, inVersion(old, served));
    return found(replaceObject(this.#core, context, inStorageVersion(patched, served), old), served);
  }

  #apply(context: RequestContext): Answer {
    const { served, store } = context.resource;
    const old = store.get(context.namespace, context.name);
    if (old === undefined && context.subresource !== '') throw notFound(served.type, context.name);
    const live = old === undefined ? undefined : inVersion(old, served);
    const applied = appliedObject(context, live, this.#core.wallNow());
    if (old === undefined) {
      const decoded = cleaned(context, applied, undefined);
      checkPlace(context, decoded.metadata);
      const named = { ...decoded, metadata: { ...decoded.metadata, name: context.name } };
      return { status: 201, body: asJson(inVersion(createObject(this.#core, context, named), served)) };
    }
    return found(replaceObject(this.#core, context, inStorageVersion(applied, served), old), served);
  }

  #update(context: RequestContext): Answer {
    const { resource, name } = context;
    const given = decodedBody(this.#core, context);
    const givenName = given.metadata.name ?? '';
    if (givenName !== '' && givenName !== name) {
      throw nameMismatch(givenName, name);
    }
    const old = resource.store.get(context.namespace, name);
    if (old === undefined) {
      const { type, strategy } = resource.served;
      if (!strategy.createsOnUpdate || context.subresource !== '') throw notFound(type, name);
      const { resourceVersion = '', ...metadata } = given.metadata;
      checkWritten(resourceVersion);
      if ((metadata.uid ?? '') !== '') throw otherUid(context, metadata.uid ?? '', '');
      return { status: 201, body: asJson(createObject(this.#core, context, { ...given, metadata })) };
    }
    const named = givenName === '' ? { ...given, metadata: { ...given.metadata, name } } : given;
    return found(replaceObject(this.#core, context, named, old), resource.served);
  }

  #delete(context: RequestContext): Answer {
    const { served } = context.resource;
    const old = getObject(context);
    const { object, gone } = deleteObject(this.#core, context, old);
    // What goes at once is shown as it was; pods have a grace period, if only of no seconds.
    const isShownAsItWas = gone && served.type.kind !== 'Pod' && old.metadata.deletionTimestamp === undefined;
    if (!gone || served.strategy.returnsDeleted) return found(isShownAsItWas ? old : object, served);
    const { group, plural } = served.type;
    const details: JsonObject = {
      name: object.metadata.name,
      ...(group === '' ? {} : { group }),
      kind: plural,
      uid: object.metadata.uid ?? '',
    };
    return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
  }

  #deleteCollection(context: RequestContext): Answer {
    const { resource, namespace } = context;
    const body = listObjects(this.#core, context);
    for (const item of listAt(body, 'items')) {
      const object = resource.store.get(namespace, textAt(item, 'metadata', 'name') ?? '');
      if (object !== undefined) deleteObject(this.#core, context, object);
    }
    return { status: 200, body };
  }

  #handlerOf({ resource, subresource }: LocalRequest): SubresourceHandler | undefined {
    if (subresource === undefined) return undefined;
    let handlers = this.#subresourcesOf.get(resource);
    if (handlers === undefined) {
      const { group, plural } = resource;
      handlers = this.#subresources.filter((one) => one.resource.plural === plural && one.resource.group === group);
      // Callers name resources by a handful of constants; the bound is for those that build a new one each time.
      if (this.#subresourcesOf.size < 1024) this.#subresourcesOf.set(resource, handlers);
    }
    return handlers.find((handler) => handler.subresource === subresource);
  }

  #commit(resource: Resource, type: Change['type'], object: KubeObject, old: KubeObject | undefined): KubeObject {
    const version = ++this.#version;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const named = resource.served.type;
    const change: Change =
      old === undefined
        ? { type, resource: named, object: stored, version }
        : { type, resource: named, object: stored, version, old };
    resource.store.commit(change);
    this.#housekeeping.note(resource, change);
    this.#undelivered.push(change);
    this.#deliver();
    return stored;
  }

  // A listener that writes must not make others hear of its change before the one it reacts to.
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let change = this.#undelivered.shift(); change !== undefined; change = this.#undelivered.shift()) {
        for (const listener of this.#listeners) listener(change);
      }
    } finally {
      this.#delivering = false;
    }
  }
}

function found(object: KubeObject, served: ServedType): Answer {
  return { status: 200, body: asJson(inVersion(object, served)) };
}
