import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject, objectAt, textAt } from '../../../model/json.ts';
import { type ResourceType, apiVersionOf } from '../../../model/kube.ts';
import type { ServedResource } from '../../../drivers/sim/api-server/served-resource.ts';
import builtinSchemas from './builtin-schemas.json' with { type: 'json' };

type Schemas = Readonly<Record<string, JsonObject>>;

/** Schemas of the built-in kinds as Kubernetes 1.36 publishes them; one line each. */
const builtin = builtinSchemas as unknown as Schemas;

const metaSchemas = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const reference = (name: string): string => `#/components/schemas/${name}`;

/** `GET /openapi/v3`: where the document of each group version is. The hash tells a client that it may keep its copy. */
export function openApiIndex(served: readonly ServedResource[], hash: string): JsonObject {
  const places = new Set(served.map(({ type }) => placeOf(type)));
  const entries = [...places].map((place) => [place, { serverRelativeURL: `/openapi/v3/${place}?hash=${hash}` }]);
  return { paths: Object.fromEntries(entries) as JsonObject };
}

/**
 * `GET /openapi/v3/apis/GROUP/VERSION`: what kubectl asks before it sends (does the server validate fields?) and what
 * `kubectl explain` shows. Undefined when the version is not served.
 */
export function openApiDocument(
  served: readonly ServedResource[],
  group: string,
  version: string,
  kubernetesVersion: string,
): JsonObject | undefined {
  const inVersion = served.filter(({ type }) => type.group === group && type.version === version);
  if (inVersion.length === 0) return undefined;
  const schemas: Record<string, JsonObject> = {};
  for (const resource of inVersion) addSchemas(schemas, resource);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: kubernetesVersion },
    paths: Object.fromEntries(inVersion.flatMap(pathsOf)) as JsonObject,
    components: { schemas },
  };
}

function placeOf({ group, version }: ResourceType): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function addSchemas(schemas: Record<string, JsonObject>, served: ServedResource): void {
  const name = schemaNameOf(served);
  if (!served.custom) {
    addBuiltin(schemas, name);
    return;
  }
  schemas[name] = customSchema(served);
  addBuiltin(schemas, `${metaSchemas}.ObjectMeta`);
}

/** A built-in schema and every one that it refers to. */
function addBuiltin(schemas: Record<string, JsonObject>, name: string): void {
  const schema = builtin[name];
  if (schema === undefined || schemas[name] !== undefined) return;
  schemas[name] = schema;
  for (const used of referencesIn(schema)) addBuiltin(schemas, used);
}

function referencesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(referencesIn);
  if (!isJsonObject(value)) return [];
  const own = typeof value.$ref === 'string' ? [value.$ref.slice(value.$ref.lastIndexOf('/') + 1)] : [];
  return [...own, ...Object.values(value).flatMap((field) => (field === undefined ? [] : referencesIn(field)))];
}

const builtinNames = new Map<string, string>(
  Object.entries(builtin).flatMap(([name, schema]) => {
    const kinds = schema['x-kubernetes-group-version-kind'];
    return Array.isArray(kinds) && kinds.length === 1 ? [[kindKey(kinds[0]), name] as const] : [];
  }),
);

function kindKey(kind: unknown): string {
  return ['group', 'version', 'kind'].map((field) => textAt(kind, field) ?? '').join('/');
}

/** `io.k8s.api.core.v1.Pod`; for custom resources the group reversed, as `com.example.v1.Widget`. */
function schemaNameOf({ type, custom }: ServedResource): string {
  const known = custom ? undefined : builtinNames.get(`${type.group}/${type.version}/${type.kind}`);
  return known ?? `${type.group.split('.').toReversed().join('.')}.${type.version}.${type.kind}`;
}

function customSchema({ type, schema = { type: 'object' } }: ServedResource): JsonObject {
  const lease = objectAt(builtin['io.k8s.api.coordination.v1.Lease'], 'properties');
  return {
    ...schema,
    properties: {
      ...objectAt(schema, 'properties'),
      apiVersion: lease.apiVersion,
      kind: lease.kind,
      metadata: {
        description: `Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata`,
        allOf: [{ $ref: reference(`${metaSchemas}.ObjectMeta`) }],
      },
    },
    'x-kubernetes-group-version-kind': [kindOf(type)],
  };
}

function kindOf({ group, version, kind }: ResourceType): JsonObject {
  return { group, kind, version };
}

type PathEntry = readonly [path: string, item: JsonObject];

function pathsOf(served: ServedResource): readonly PathEntry[] {
  const { type, subresources, verbs } = served;
  const base = type.group === '' ? `/api/${type.version}` : `/apis/${apiVersionOf(type)}`;
  const collection = `${base}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`;
  const operations = (names: readonly (readonly [method: string, action: string])[]): JsonObject =>
    Object.fromEntries(
      names
        .filter(([, action]) => verbs.includes(action))
        .map(([method, action]) => [method, operation(served, action)]),
    ) as JsonObject;
  const paths: PathEntry[] = [
    [
      collection,
      operations([
        ['get', 'list'],
        ['post', 'create'],
        ['delete', 'deletecollection'],
      ]),
    ],
    [
      `${collection}/{name}`,
      operations([
        ['get', 'get'],
        ['put', 'update'],
        ['patch', 'patch'],
        ['delete', 'delete'],
      ]),
    ],
  ];
  if (type.namespaced && verbs.includes('list')) paths.push([`${base}/${type.plural}`, operations([['get', 'list']])]);
  for (const subresource of subresources) {
    const item = operations([
      ['get', 'get'],
      ['put', 'update'],
      ['patch', 'patch'],
    ]);
    paths.push([`${collection}/{name}/${subresource.name}`, item]);
  }
  return paths.filter(([, item]) => Object.keys(item).length > 0);
}

const writes = new Set(['create', 'update', 'patch']);
const queryParameter = (name: string, type = 'string'): JsonObject => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});
const writeParameters = [queryParameter('dryRun'), queryParameter('fieldManager'), queryParameter('fieldValidation')];

function operation(served: ServedResource, action: string): JsonObject {
  const schema = { $ref: reference(schemaNameOf(served)) };
  const parameters = action === 'patch' ? [...writeParameters, queryParameter('force', 'boolean')] : writeParameters;
  return {
    operationId: `${action}${served.type.kind}`,
    ...(writes.has(action) ? { parameters } : {}),
    responses: { '200': { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(served.type),
  };
}
