import { createHash } from 'node:crypto';
import { unreachable } from '../../model/assert.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ApiServer } from '../../drivers/sim/api-server/api-server.ts';
import type { ServedResource } from '../../drivers/sim/api-server/served-resource.ts';
import { aggregatedDiscovery, coreVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { negotiate } from './media-type.ts';
import type { Reply } from './reply.ts';
import type { Route } from './route.ts';
import { failure, methodNotAllowed, notAcceptable, pageNotFound } from './status.ts';
import type { Exchange } from './exchange.ts';

export type DocumentRoute = Exclude<Route, { kind: 'unknown' } | { kind: 'resource' } | { kind: 'serviceProxy' }>;

interface DocumentSettings {
  readonly api: ApiServer;
  readonly kubernetesVersion: string;
  readonly serverAddress: string;
  now<Result>(act: () => Result): Result;
}

/** Everything that describes the server rather than its objects: discovery, OpenAPI, version and health. */
export class DocumentFace {
  readonly #settings: DocumentSettings;

  constructor(settings: DocumentSettings) {
    this.#settings = settings;
  }

  async reply({ request }: Exchange, route: DocumentRoute): Promise<Reply> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed();
    const { api } = this.#settings;
    const served = this.#settings.now(() => api.resourceTypes());
    if (route.kind === 'openApiIndex' || route.kind === 'openApi') return this.#openApi(served, route);
    return this.#discovery(served, route, request.headers.accept);
  }

  #discovery(
    served: readonly ServedResource[],
    route: Exclude<DocumentRoute, { kind: 'openApi' | 'openApiIndex' }>,
    accept: string | undefined,
  ): Reply {
    const negotiated = negotiate(accept);
    switch (route.kind) {
      case 'document':
        return route.path === '/openapi/v2' ? openApiV2(accept) : this.#document(served, route.path);
      case 'coreVersions':
      case 'groupList': {
        if (negotiated === undefined) return notAcceptable();
        const root = route.kind === 'coreVersions' ? 'core' : 'groups';
        const { as, version } = negotiated;
        if (as === 'APIGroupDiscoveryList') {
          const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=${as}`;
          return { status: 200, body: aggregatedDiscovery(served, root, version), contentType };
        }
        return { status: 200, body: root === 'core' ? coreVersions(this.#settings.serverAddress) : groupList(served) };
      }
      case 'group':
        return found(groupDocument(served, route.group));
      case 'resourceList':
        return found(resourceList(served, route.group, route.version));
      default:
        return unreachable(route);
    }
  }

  #document(served: readonly ServedResource[], path: string): Reply {
    if (path === '/version') return { status: 200, body: versionDocument(this.#settings.kubernetesVersion) };
    if (path === '/') return { status: 200, body: { paths: rootPaths(served) } };
    return /^\/(healthz|livez|readyz)/.test(path) ? { status: 200, body: 'ok' } : pageNotFound();
  }

  /** The schemas are large: they are read when somebody first asks for them. */
  async #openApi(
    served: readonly ServedResource[],
    route: Extract<DocumentRoute, { kind: 'openApi' | 'openApiIndex' }>,
  ): Promise<Reply> {
    const { openApiDocument, openApiIndex } = await import('./openapi/document.ts');
    if (route.kind === 'openApiIndex') return { status: 200, body: openApiIndex(served, hashOf(served)) };
    const document = openApiDocument(served, route.group, route.version, this.#settings.kubernetesVersion);
    return document === undefined ? failure(404, 'NotFound', 'not found') : { status: 200, body: document };
  }
}

/** The older document describes nothing here: clients read it when the newer one does not know a kind. */
function openApiV2(accept = ''): Reply {
  if (accept.includes('application/com.github.proto-openapi.spec.v2@v1.0+protobuf')) {
    // `swagger: "2.0"`, which is field 1. An `@` may not stand in a Content-Type.
    const contentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    return { status: 200, body: '\n\u00032.0', contentType };
  }
  return { status: 200, body: { swagger: '2.0', info: { title: 'Kubernetes', version: '' }, paths: {} } };
}

function found(document: JsonObject | undefined): Reply {
  return document === undefined ? pageNotFound() : { status: 200, body: document };
}

/** As `kubectl version` and `pgctl config test` read it. */
function versionDocument(gitVersion: string): JsonObject {
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: 'linux/amd64',
  };
}

function rootPaths(served: readonly ServedResource[]): readonly string[] {
  const groups = served.flatMap(({ type: { group, version } }) =>
    group === '' ? ['/api', `/api/${version}`] : ['/apis', `/apis/${group}`, `/apis/${group}/${version}`],
  );
  return [...new Set([...groups, '/healthz', '/livez', '/openapi/v3', '/readyz', '/version'])].toSorted();
}

const hashes = new WeakMap<readonly ServedResource[], string>();

/** Changes whenever what is served changes, so that clients fetch the documents anew. */
function hashOf(served: readonly ServedResource[]): string {
  let hash = hashes.get(served);
  if (hash === undefined) {
    const facts = served.map(({ type, schema, subresources }) => [type, schema, subresources]);
    hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex').toUpperCase();
    hashes.set(served, hash);
  }
  return hash;
}
