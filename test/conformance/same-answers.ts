import { type Json, type JsonObject, isJsonObject, listAt, objectAt, textAt } from '../../src/model/json.ts';
import type { Answered, Call, ClusterUnderTest } from './cluster-under-test.ts';
import type { SequenceStep } from './request-sequences.ts';
import type { SequenceKind } from './sequence-contents.ts';

interface Api {
  readonly root: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly clusterScoped?: true;
}

const apis: Readonly<Record<SequenceKind, Api>> = {
  configmaps: { root: '/api/v1', apiVersion: 'v1', kind: 'ConfigMap' },
  events: { root: '/api/v1', apiVersion: 'v1', kind: 'Event' },
  gadgets: { root: '/apis/conformance.example.com/v1', apiVersion: 'conformance.example.com/v1', kind: 'Gadget' },
  leases: { root: '/apis/coordination.k8s.io/v1', apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  persistentvolumeclaims: { root: '/api/v1', apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  persistentvolumes: { root: '/api/v1', apiVersion: 'v1', kind: 'PersistentVolume', clusterScoped: true },
  pods: { root: '/api/v1', apiVersion: 'v1', kind: 'Pod' },
  secrets: { root: '/api/v1', apiVersion: 'v1', kind: 'Secret' },
  storageclasses: {
    root: '/apis/storage.k8s.io/v1',
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    clusterScoped: true,
  },
};

const patchTypes: Readonly<Partial<Record<SequenceStep['verb'], string>>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

const methods = {
  create: 'POST',
  replace: 'PUT',
  merge: 'PATCH',
  json: 'PATCH',
  strategic: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
  get: 'GET',
  list: 'GET',
} as const;

const ofCollection: ReadonlySet<SequenceStep['verb']> = new Set(['create', 'deletecollection', 'list']);

const tables = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const otherUid = '01234567-89ab-cdef-0123-456789abcdef';

/** What a server told of an object. */
interface Known {
  readonly first: string;
  readonly current: string;
  readonly uid: string;
}

/** One server going through a sequence: it remembers versions and uids of objects, and where a list stopped. */
export class Walk {
  readonly #cluster: ClusterUnderTest;
  readonly #namespaces: readonly [string, string];
  readonly #suffix: string;
  readonly #known = new Map<string, Known>();
  #continue = '';

  /** Names end in the suffix, so that sequences do not meet. */
  constructor(cluster: ClusterUnderTest, namespaces: readonly [string, string], suffix: string) {
    this.#cluster = cluster;
    this.#namespaces = namespaces;
    this.#suffix = suffix;
  }

  /** Sends a step's request; answers what came, without what may differ between servers. */
  async take(step: SequenceStep): Promise<Json> {
    const answer = await this.#cluster.request(this.#callOf(step));
    this.#remember(step, answer);
    return this.#masked(answer);
  }

  #callOf(step: SequenceStep): Call {
    const { verb, kind, namespace, subresource } = step;
    const { root, clusterScoped } = apis[kind];
    const scope = clusterScoped ? '' : `/namespaces/${this.#namespaces[namespace]}`;
    const path = [`${root}${scope}/${kind}`, ofCollection.has(verb) ? undefined : this.#nameOf(step), subresource];
    const patchType = patchTypes[verb];
    const body = this.#bodyOf(step);
    return {
      method: methods[verb],
      path: path.filter((part) => part !== undefined).join('/'),
      query: this.#queryOf(step),
      headers: {
        ...(patchType === undefined ? {} : { 'content-type': patchType }),
        ...(step.table ? { accept: tables } : {}),
      },
      ...(body === undefined ? {} : { body }),
      ...(step.as === undefined ? {} : { as: step.as }),
    };
  }

  #queryOf({ verb, query = {}, continues }: SequenceStep): Readonly<Record<string, string>> {
    if (verb !== 'list' && verb !== 'deletecollection') return query;
    const selectors = [`sequence=${this.#suffix}`, query.labelSelector].filter((part) => part !== undefined);
    const page = continues && this.#continue !== '' ? { continue: this.#continue } : {};
    return { ...query, ...page, labelSelector: selectors.join(',') };
  }

  #nameOf({ name }: SequenceStep): string {
    return `${name}-${this.#suffix}`;
  }

  #bodyOf(step: SequenceStep): Json | undefined {
    const { verb, kind, wrong } = step;
    const namespace = this.#namespaces[step.namespace];
    const text = step.body === undefined ? undefined : JSON.stringify(step.body).replaceAll('NAMESPACE', namespace);
    const body = text === undefined ? undefined : (JSON.parse(text) as Json);
    const identity = this.#identityOf(step);
    const namesObject = Object.keys(identity).length > 0;
    if (verb === 'delete') return namesObject ? { ...objectAt(body), preconditions: identity } : body;
    if (verb === 'deletecollection' || !isJsonObject(body)) return body;
    const metadata: JsonObject = { ...objectAt(body, 'metadata'), ...identity };
    const isPart = verb === 'merge' || verb === 'strategic';
    const { apiVersion, kind: kindName } = apis[kind];
    const whole = isPart
      ? { ...body, ...(Object.keys(metadata).length === 0 ? {} : { metadata }) }
      : { apiVersion, kind: kindName, ...body, metadata: this.#named(step, metadata) };
    if (wrong === undefined) return whole;
    if (wrong === 'kind' || wrong === 'apiVersion') return { ...whole, [wrong]: 'Wrong' };
    return { ...whole, metadata: { ...objectAt(whole, 'metadata'), [wrong]: `wrong-${this.#suffix}` } };
  }

  #identityOf(step: SequenceStep): JsonObject {
    const { version, uid } = step;
    const known = this.#known.get(keyOf(step));
    if (known === undefined) return {};
    // A dry run that creates shows the version that it was given.
    // The first write to a new claim makes a version even when it changes nothing, on a real server.
    const isSettled = step.kind !== 'persistentvolumeclaims' || version === 'odd';
    const isVersioned = version !== undefined && isSettled && step.query?.dryRun === undefined;
    return {
      ...(isVersioned ? { resourceVersion: version === 'odd' ? 'odd' : known[version] } : {}),
      ...(uid === undefined ? {} : { uid: uid === 'own' ? known.uid : otherUid }),
    };
  }

  #named(step: SequenceStep, metadata: JsonObject): JsonObject {
    const { labels = {} } = metadata;
    const name = this.#nameOf(step);
    return isJsonObject(labels)
      ? { ...metadata, name, labels: { ...labels, sequence: this.#suffix } }
      : { ...metadata, name };
  }

  #remember(step: SequenceStep, { status, body }: Answered): void {
    if (step.verb === 'list') this.#continue = textAt(body, 'metadata', 'continue') ?? '';
    const current = textAt(body, 'metadata', 'resourceVersion');
    const uid = textAt(body, 'metadata', 'uid');
    const isStored = status < 300 && step.query?.dryRun === undefined && step.table === undefined;
    if (!isStored || current === undefined || uid === undefined) return;
    const key = keyOf(step);
    this.#known.set(key, { first: this.#known.get(key)?.first ?? current, current, uid });
  }

  #masked({ status, headers, body }: Answered): Json {
    const warning = headers.warning ?? null;
    return { status, warning: this.#maskText(JSON.stringify(warning)), body: this.#maskValue(body, '') };
  }

  #maskValue(value: Json | undefined, field: string): Json {
    if (typeof value === 'string') return maskedFields.has(field) ? field : this.#maskText(value);
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map((item) => this.#maskValue(item, field === 'cells' ? 'cell' : ''));
      if (!unordered.has(field)) return items;
      // Some errors are found twice.
      const unique = new Map(items.map((item) => [JSON.stringify(item), item]));
      return [...unique.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
    }
    if (!isJsonObject(value)) return value ?? null;
    const masked: Record<string, Json> = {};
    for (const key of Object.keys(value).sort()) masked[key] = this.#maskValue(value[key], key);
    // Several errors are listed in the order of a Go map.
    if (listAt(masked, 'details', 'causes').length > 1) masked.message = 'several errors';
    return masked;
  }

  #maskText(text: string): string {
    return (
      text
        .replace(/^(Invalid value: |.* is invalid: patch: Invalid value: )".*":/s, '$1OBJECT:')
        // Which of several problems of an applied configuration are told is the order of a Go map.
        .replace(/(failed to create typed patch object \(.*?\): ).*(errors:|field not declared).*$/s, '$1SEVERAL')
        .replace(/\n(@@|[ +-]).*$/s, '')
        .replaceAll(`-${this.#suffix}`, '')
        .replaceAll(this.#suffix, 'SEQUENCE')
        .replaceAll(this.#namespaces[0], 'ns0')
        .replaceAll(this.#namespaces[1], 'ns1')
        .replaceAll(otherUid, 'OTHER')
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
        .replace(/^\d+s$/, 'AGE')
        .replaceAll(
          /(in record \(|resourceVersion\\?":\\?"|ResourceVersion in precondition: |object meta: |precondition \()\d+/g,
          '$1VERSION',
        )
    );
  }
}

/** Which differ from server to server, or from moment to moment. */
const maskedFields = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'time',
  'continue',
  'description',
]);

const unordered = new Set(['causes', 'managedFields']);

function keyOf({ kind, namespace, name }: SequenceStep): string {
  return apis[kind].clusterScoped ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** Where two servers part: the step, and what each answered. Undefined when they never do. */
export async function firstDifference(
  sequence: readonly SequenceStep[],
  walks: readonly [Walk, Walk],
): Promise<JsonObject | undefined> {
  for (const [index, step] of sequence.entries()) {
    const [one, other] = await Promise.all(walks.map((walk) => walk.take(step)));
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      return { index, step: step as unknown as JsonObject, one: one ?? null, other: other ?? null };
    }
  }
  return undefined;
}
