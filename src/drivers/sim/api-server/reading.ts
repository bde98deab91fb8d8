import type { Json, JsonObject } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { KubeRequestOptions } from '../../../model/request.ts';
import { apiVersionOf } from '../../../model/kube.ts';
import { fieldSelector } from './field-selector.ts';
import type { Predicate } from './field-selector.ts';
import { labelSelector } from './label-selector.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import type { ServedType } from './served-resource.ts';
import { asJson } from './object-json.ts';
import { badRequest, expired, failure, invalid, notFound, quote } from './status-errors.ts';

/** The object that the request names. */
export function getObject({ resource, namespace, name }: RequestContext): KubeObject {
  const found = resource.store.get(namespace, name);
  if (found === undefined) throw notFound(resource.served.type, name);
  return found;
}

/** The object in the version in which it was asked for. */
export function inVersion(object: KubeObject, { type, storageVersion }: ServedType): KubeObject {
  return type.version === storageVersion ? object : { ...object, apiVersion: apiVersionOf(type) };
}

/** The object in the version in which it is stored. Conversion strategy None: only the apiVersion differs. */
export function inStorageVersion(object: KubeObject, { type, storageVersion }: ServedType): KubeObject {
  if (type.version === storageVersion) return object;
  return { ...object, apiVersion: apiVersionOf({ ...type, version: storageVersion }) };
}

/** A list as the API has it: selected, in key order, in pages when `limit` says so. */
export function listObjects(core: ServerCore, context: RequestContext): JsonObject {
  const { resource, request } = context;
  const { served, store } = resource;
  const { options } = request;
  checkMatch(options);
  const page = pageOf(options?.continue);
  let version = core.version();
  let objects = store.list(context.namespace === '' ? undefined : context.namespace);
  const exact = page?.version ?? exactVersion(options, version);
  if (exact !== undefined && exact !== version) {
    const earlier = store.asOf(exact);
    if (earlier === 'gone') throw expired(page === undefined ? listTooOld : continueTooOld);
    const { namespace } = context;
    objects = namespace === '' ? earlier : earlier.filter(({ metadata }) => metadata.namespace === namespace);
    version = exact;
  }
  const selects = selectionOf(context);
  const all = objects;
  if (selects !== undefined) objects = objects.filter(selects);
  if (page !== undefined) objects = objects.filter((object) => keyOf(object) > page.after);
  const limit = options?.limit ?? 0;
  const shown = limit > 0 && objects.length > limit ? objects.slice(0, limit) : objects;
  // As etcd is read: more keys may follow, whether or not the selector chooses any of them.
  const last = shown.at(-1);
  const more = shown.length < objects.length || (last !== undefined && shown.length === limit && follows(all, last));
  const metadata: JsonObject = {
    // Lists of custom resources say that there is no more; those of built-in kinds leave it out.
    ...(served.custom && !more ? { continue: '' } : {}),
    resourceVersion: String(version),
    ...(more ? { continue: continueToken(version, shown.at(-1) as KubeObject) } : {}),
    ...(more && selects === undefined ? { remainingItemCount: objects.length - shown.length } : {}),
  };
  const { type } = served;
  return {
    apiVersion: apiVersionOf(type),
    items: shown.map((object) => listItem(object, served)),
    kind: `${type.kind}List`,
    metadata,
  };
}

/** Which objects the request's selectors choose; undefined when it chooses all. */
export function selectionOf({
  resource,
  request,
  name,
}: Pick<RequestContext, 'resource' | 'request' | 'name'>): Predicate | undefined {
  const { labelSelector: labels = '', fieldSelector: fields = '' } = request.options ?? {};
  const predicates: Predicate[] = [];
  if (labels !== '') predicates.push(labelSelector(labels));
  if (fields !== '')
    predicates.push(
      fieldSelector(fields, selectableFields(resource.served.type, resource.served), refusalFor(resource.served)),
    );
  if (name !== '') predicates.push(({ metadata }) => metadata.name === name);
  return predicates.length === 0 ? undefined : (object) => predicates.every((holds) => holds(object));
}

// Kinds that name no fields of their own have the refusal of `DefaultMetaV1FieldSelectorConversion`.
function refusalFor({ custom, strategy }: ServedType): ((field: string) => string) | undefined {
  if (custom || strategy.selectableFields.length > 0) return undefined;
  return (field) => `${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function selectableFields({ namespaced }: ResourceType, { strategy }: ServedType): ReadonlySet<string> {
  return new Set(['metadata.name', ...(namespaced ? ['metadata.namespace'] : []), ...strategy.selectableFields]);
}

/** Items already stripped, by stored object. */
const strippedItems = new WeakMap<KubeObject, JsonObject>();

// Built-in types are encoded without kind and apiVersion inside of lists; custom resources keep them.
function listItem(object: KubeObject, served: ServedType): Json {
  if (served.custom) return asJson(inVersion(object, served));
  let stripped = strippedItems.get(object);
  if (stripped === undefined) {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    stripped = rest as unknown as JsonObject;
    strippedItems.set(object, stripped);
  }
  return stripped;
}

// `ValidateListOptions` of k8s.io/apimachinery.
function checkMatch(options: KubeRequestOptions | undefined): void {
  const { resourceVersion = '', resourceVersionMatch = '', continue: next = '' } = options ?? {};
  if (resourceVersionMatch === '') return;
  const problems: string[] = [];
  if (resourceVersion === '') problems.push('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (next !== '') problems.push('resourceVersionMatch is forbidden when continue is provided');
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    problems.push('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (problems.length === 0) return;
  const errors = problems.map((detail) => ({ type: 'Forbidden', field: 'resourceVersionMatch', detail }) as const);
  throw invalid('meta.k8s.io', 'ListOptions', '', errors);
}

/** The version that a list must show exactly; undefined for the newest. Refuses versions that are not there yet. */
function exactVersion(options: KubeRequestOptions | undefined, current: number): number | undefined {
  const { resourceVersion = '', resourceVersionMatch = '' } = options ?? {};
  if (resourceVersion === '') return undefined;
  const version = checkVersion(resourceVersion, current, 'invalid resource version: ');
  return resourceVersionMatch === 'Exact' ? version : undefined;
}

/** The number of a resourceVersion that a read names. Refuses what is no version, and those that are not there yet. */
export function checkVersion(text: string, current: number, prefix = ''): number {
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `${prefix}resourceVersion: Invalid value: ${quote(text)}: strconv.ParseUint: parsing ${quote(text)}: invalid syntax`,
    );
  }
  const version = Number(text);
  if (version <= current) return version;
  throw failure({
    code: 504,
    reason: 'Timeout',
    message: `Too large resource version: ${version}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

function follows(objects: readonly KubeObject[], last: KubeObject): boolean {
  return objects.at(-1) !== last;
}

interface Page {
  readonly version: number;
  readonly after: string;
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function continueToken(version: number, last: KubeObject): string {
  return btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: keyOf(last) })).replaceAll('=', '');
}

function pageOf(token: string | undefined): Page | undefined {
  if (token === undefined || token === '') return undefined;
  try {
    const { rv, start } = JSON.parse(atob(token)) as { readonly rv: number; readonly start: string };
    if (typeof rv === 'number' && typeof start === 'string') return { version: rv, after: start };
  } catch {
    // Refused below, like any token that this server did not make.
  }
  throw badRequest('invalid continue token: continue key is not valid: illegal base64 data at input byte 0');
}

const listTooOld = 'The resourceVersion for the provided list is too old.';

const continueTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
