import { type Json, type JsonObject, isJsonObject, listAt, objectAt, textAt } from '../../src/model/json.ts';
import type { Answered, Call, ClusterUnderTest } from './cluster-under-test.ts';
import type { SequenceStep } from './request-sequences.ts';

const apis: Readonly<Record<SequenceStep['kind'], readonly [root: string, apiVersion: string, kind: string]>> = {
  configmaps: ['/api/v1', 'v1', 'ConfigMap'],
  gadgets: ['/apis/conformance.example.com/v1', 'conformance.example.com/v1', 'Gadget'],
  leases: ['/apis/coordination.k8s.io/v1', 'coordination.k8s.io/v1', 'Lease'],
  persistentvolumeclaims: ['/api/v1', 'v1', 'PersistentVolumeClaim'],
  pods: ['/api/v1', 'v1', 'Pod'],
};

const patchTypes: Readonly<Partial<Record<SequenceStep['verb'], string>>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

const methods = {
  create: 'POST',
  replace: 'PUT',
  merge: 'PATCH',
  json: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
  get: 'GET',
  list: 'GET',
} as const;

/** One server going through a sequence: it remembers the versions that objects had. */
export class Walk {
  readonly #cluster: ClusterUnderTest;
  readonly #namespaces: readonly [string, string];
  readonly #suffix: string;
  readonly #versions = new Map<string, { readonly first: string; current: string }>();

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
    const { verb, kind, namespace, subresource, query = {} } = step;
    const [root] = apis[kind];
    const collection = `${root}/namespaces/${this.#namespaces[namespace]}/${kind}`;
    const path = verb === 'create' || verb === 'list' ? collection : `${collection}/${this.#nameOf(step)}`;
    const patchType = patchTypes[verb];
    const body = this.#bodyOf(step);
    return {
      method: methods[verb],
      path: subresource === undefined ? path : `${path}/${subresource}`,
      query: verb === 'list' ? { ...query, labelSelector: `sequence=${this.#suffix}` } : query,
      ...(patchType === undefined ? {} : { headers: { 'content-type': patchType } }),
      ...(body === undefined ? {} : { body }),
    };
  }

  #nameOf({ name }: SequenceStep): string {
    return `${name}-${this.#suffix}`;
  }

  #bodyOf(step: SequenceStep): Json | undefined {
    const { verb, kind, body, version } = step;
    const known = this.#versions.get(keyOf(step));
    // A dry run that creates shows the version that it was given; a claim that was applied changes once by itself.
    const isAsked = version !== undefined && step.query?.dryRun === undefined && kind !== 'persistentvolumeclaims';
    const resourceVersion = isAsked ? known?.[version] : undefined;
    if (verb === 'delete') return resourceVersion === undefined ? undefined : { preconditions: { resourceVersion } };
    if (!isJsonObject(body)) return body;
    const metadata = {
      ...objectAt(body, 'metadata'),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    if (verb === 'merge') return Object.keys(metadata).length === 0 ? body : { ...body, metadata };
    const [, apiVersion, kindName] = apis[kind];
    const labels = { ...objectAt(metadata, 'labels'), sequence: this.#suffix };
    return { apiVersion, kind: kindName, ...body, metadata: { ...metadata, name: this.#nameOf(step), labels } };
  }

  #remember(step: SequenceStep, { status, body }: Answered): void {
    const current = textAt(body, 'metadata', 'resourceVersion');
    if (status >= 300 || step.verb === 'list' || current === undefined || step.query?.dryRun !== undefined) return;
    const known = this.#versions.get(keyOf(step));
    if (known === undefined) this.#versions.set(keyOf(step), { first: current, current });
    else known.current = current;
  }

  #masked({ status, headers, body }: Answered): Json {
    const warning = headers.warning ?? null;
    return { status, warning: this.#maskText(JSON.stringify(warning)), body: this.#maskValue(body, '') };
  }

  #maskValue(value: Json | undefined, field: string): Json {
    if (typeof value === 'string') return maskedFields.has(field) ? field : this.#maskText(value);
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map((item) => this.#maskValue(item, ''));
      if (!unordered.has(field)) return items;
      // Some errors are found twice.
      const unique = new Map(items.map((item) => [JSON.stringify(item), item]));
      return [...unique.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
    }
    if (!isJsonObject(value)) return value ?? null;
    const masked: Record<string, Json> = {};
    for (const key of Object.keys(value).sort()) masked[key] = this.#maskValue(value[key], key);
    // Several errors are listed in the order of a Go map.
    if (listAt(value, 'details', 'causes').length > 1) masked.message = 'several errors';
    return masked;
  }

  #maskText(text: string): string {
    return text
      .replace(/^(Invalid value: |.* is invalid: patch: Invalid value: )".*":/s, '$1OBJECT:')
      .replace(/\n(@@|[ +-]).*$/s, '')
      .replaceAll(`-${this.#suffix}`, '')
      .replaceAll(this.#suffix, 'SEQUENCE')
      .replaceAll(this.#namespaces[0], 'ns0')
      .replaceAll(this.#namespaces[1], 'ns1')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
      .replaceAll(
        /(in record \(|resourceVersion\\?":\\?"|ResourceVersion in precondition: |object meta: |precondition \()\d+/g,
        '$1VERSION',
      );
  }
}

/** Which differ from server to server, or from moment to moment. */
const maskedFields = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'time', 'continue']);

const unordered = new Set(['causes', 'managedFields']);

function keyOf({ kind, namespace, name }: SequenceStep): string {
  return `${kind}/${namespace}/${name}`;
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
