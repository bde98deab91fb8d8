import { expect } from 'vitest';
import { type Json, type JsonObject, listAt, textAt } from '../../src/model/json.ts';
import type { Answered, Call, ClusterUnderTest, OpenWatch } from './cluster-under-test.ts';

/** One thing that a Kubernetes API does, with the answers that it must give. */
export type Check = readonly [title: string, run: (scene: Scene) => Promise<void>];

type Options = Omit<Call, 'method' | 'path' | 'body'>;

const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

const groups: Readonly<Record<string, string>> = {
  leases: '/apis/coordination.k8s.io/v1',
  deployments: '/apis/apps/v1',
  poddisruptionbudgets: '/apis/policy/v1',
  roles: '/apis/rbac.authorization.k8s.io/v1',
  rolebindings: '/apis/rbac.authorization.k8s.io/v1',
  clusterroles: '/apis/rbac.authorization.k8s.io/v1',
  clusterrolebindings: '/apis/rbac.authorization.k8s.io/v1',
  storageclasses: '/apis/storage.k8s.io/v1',
  priorityclasses: '/apis/scheduling.k8s.io/v1',
  customresourcedefinitions: '/apis/apiextensions.k8s.io/v1',
  gadgets: '/apis/conformance.example.com/v1',
};

const clusterScoped = new Set([
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
  'namespaces',
  'nodes',
  'persistentvolumes',
  'priorityclasses',
  'storageclasses',
]);

/** What one check acts in: a namespace of its own, named `ns` in texts, and names that nobody else uses. */
export class Scene {
  readonly ns: string;
  readonly #cluster: ClusterUnderTest;
  readonly #watches: OpenWatch[] = [];

  constructor(cluster: ClusterUnderTest, ns: string) {
    this.#cluster = cluster;
    this.ns = ns;
  }

  /** `configmaps`, `configmaps/name`, `pods/name/status`: in the namespace unless the kind has none. */
  path(place: string): string {
    if (place.startsWith('/')) return place;
    const plural = place.split('/')[0] ?? '';
    const root = groups[plural] ?? '/api/v1';
    return clusterScoped.has(plural) ? `${root}/${place}` : `${root}/namespaces/${this.ns}/${place}`;
  }

  request(method: string, place: string, options: Options & { readonly body?: Json } = {}): Promise<Answered> {
    return this.#cluster.request({ ...options, method, path: this.path(place) });
  }

  get(place: string, query: Options['query'] = {}): Promise<Answered> {
    return this.request('GET', place, { query });
  }

  post(place: string, body: Json, query: Options['query'] = {}): Promise<Answered> {
    return this.request('POST', place, { body, query });
  }

  put(place: string, body: Json, query: Options['query'] = {}): Promise<Answered> {
    return this.request('PUT', place, { body, query });
  }

  patch(kind: keyof typeof patchTypes, place: string, body: Json, query: Options['query'] = {}): Promise<Answered> {
    return this.request('PATCH', place, { body, query, headers: { 'content-type': patchTypes[kind] } });
  }

  /** Server-side apply as a manager. */
  apply(place: string, body: Json, manager = 'one', query: Options['query'] = {}): Promise<Answered> {
    return this.patch('apply', place, body, { fieldManager: manager, ...query });
  }

  delete(place: string, body?: Json): Promise<Answered> {
    return this.request('DELETE', place, body === undefined ? {} : { body });
  }

  /** Creates an object, which must be accepted. */
  async make(plural: string, body: Json): Promise<JsonObject> {
    return this.accepted(this.post(plural, body), 201);
  }

  /** The body of an answer, which must be a success. */
  async accepted(answer: Promise<Answered>, status = 200): Promise<JsonObject> {
    const { status: got, body } = await answer;
    const refusal = textAt(body, 'status') === 'Failure' ? textAt(body, 'message') : undefined;
    expect({ status: got, refusal }).toEqual({ status, refusal: undefined });
    return body as JsonObject;
  }

  /** The answer must be this refusal. In the text, the namespace of the check is called `ns`. */
  async refused(answer: Promise<Answered>, status: number, reason: string, message: string): Promise<JsonObject> {
    const { status: got, body } = await answer;
    const said = { status: got, reason: textAt(body, 'reason'), message: this.masked(textAt(body, 'message') ?? '') };
    expect(said).toEqual({ status, reason, message });
    return body as JsonObject;
  }

  /** A text without the name of the check's namespace and without what differs from run to run. */
  masked(text: string): string {
    return text
      .replaceAll(this.ns, 'ns')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/(resourceVersion\\?":\\?")\d+/g, '$1VERSION')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  }

  async names(place: string, query: Options['query'] = {}): Promise<readonly (string | undefined)[]> {
    const list = await this.accepted(this.get(place, query));
    return listAt(list, 'items').map((item) => textAt(item, 'metadata', 'name'));
  }

  /** Waits until an object is like this, or gone with status 404; answers it. Fails after ten seconds. */
  async eventually(place: string, expected: Readonly<Record<string, unknown>>, status = 200): Promise<Json> {
    for (let tries = 200; ; tries--) {
      const answer = await this.get(place);
      try {
        expect(answer.status).toBe(status);
        expect(answer.body).toMatchObject(expected);
        return answer.body;
      } catch (difference) {
        if (tries === 0) throw difference;
      }
      await this.#cluster.pass();
    }
  }

  async watch(place: string, query: Options['query'] = {}, headers: Options['headers'] = {}): Promise<OpenWatch> {
    const watch = await this.#cluster.watch({ path: this.path(place), query, headers });
    this.#watches.push(watch);
    return watch;
  }

  /** Type and name of the next events of a watch. */
  async events(watch: OpenWatch, count: number): Promise<readonly string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const event = await watch.next();
      seen.push(`${textAt(event, 'type')} ${textAt(event, 'object', 'metadata', 'name')}`);
    }
    return seen;
  }

  /** Lets the controllers act. */
  pass(): Promise<void> {
    return this.#cluster.pass();
  }

  close(): void {
    for (const watch of this.#watches) watch.stop();
  }
}
