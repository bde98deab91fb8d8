import type { Json, JsonObject } from '../../../model/json.ts';
import { flagAt, isJsonObject, listAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject, ObjectMeta, ResourceType } from '../../../model/kube.ts';
import { timestamp } from '../../../model/instant.ts';
import type { Instant } from '../../../model/instant.ts';
import { decodeBuiltin } from './builtin-decoding.ts';
import { builtinSchema } from './builtin-schema.ts';
import { usualVerbs } from './builtin-resources.ts';
import { conforms } from './schema-conformance.ts';
import { applyDefaults } from './schema-defaulting.ts';
import type { UnknownField } from './schema-pruning.ts';
import { prune } from './schema-pruning.ts';
import { brokenRules, validateBySchema } from './schema-validation.ts';
import type { FieldError } from './status-errors.ts';
import type { PrinterColumn, ServedSubresource, ServedType, Strategy } from './served-resource.ts';
import type { SchemaNode } from './structural-schema.ts';
import { emptySchema, readSchema } from './structural-schema.ts';

/** Schemas already read, by the document: many clusters of a simulation share one CRD. */
const compiled = new WeakMap<JsonObject, SchemaNode>();

const objectMeta = customMetadata(builtinSchema('ObjectMeta') ?? emptySchema);

/** Of custom resources an empty list of managers is nothing, while of built-in kinds it is a wish. */
function customMetadata(schema: SchemaNode): SchemaNode {
  const managers = schema.properties.get('managedFields') ?? emptySchema;
  const properties = new Map([...schema.properties, ['managedFields', { ...managers, omitsEmpty: true }]] as const);
  return { ...schema, properties, structure: true };
}

function decodeMetadata(
  metadata: ObjectMeta,
  old: ObjectMeta | undefined,
  unknown: UnknownField | undefined,
): ObjectMeta {
  if (metadata === old) return metadata;
  const report = unknown === undefined ? undefined : (path: string) => unknown(`metadata.${path}`);
  const [given, before] = [metadata, old] as unknown as readonly [JsonObject, JsonObject | undefined];
  return decodeBuiltin(given, objectMeta, before, report) as unknown as ObjectMeta;
}

function withMetadata(schema: SchemaNode): SchemaNode {
  const text: SchemaNode = { ...emptySchema, type: 'string' };
  const own = [
    ['apiVersion', text],
    ['kind', text],
    ['metadata', metadataWith(schema.properties.get('metadata'))],
  ] as const;
  return { ...schema, properties: new Map([...schema.properties, ...own]) };
}

/** A definition may narrow `metadata.name` and `metadata.generateName`, and nothing else of the metadata. */
function metadataWith(declared: SchemaNode | undefined): SchemaNode {
  const narrowed = ['name', 'generateName'].flatMap((field) => {
    const node = declared?.properties.get(field);
    return node === undefined ? [] : [[field, node] as const];
  });
  return narrowed.length === 0
    ? objectMeta
    : { ...objectMeta, properties: new Map([...objectMeta.properties, ...narrowed]) };
}

/** Every served version of the resource that a CustomResourceDefinition defines. Throws when a schema cannot be read. */
export function servedTypesOf(definition: KubeObject): readonly ServedType[] {
  const versions = listAt(definition, 'spec', 'versions') as readonly JsonObject[];
  const storage = versions.find((version) => flagAt(version, 'storage') === true);
  return versions
    .filter((version) => flagAt(version, 'served') === true)
    .map((version) => servedVersion(definition, version, textAt(storage, 'name') ?? ''));
}

/** The definition with the names and conditions that the server's controllers fill in once it is served. */
export function establish(definition: KubeObject, now: Instant): KubeObject {
  const names = acceptedNames(objectAt(definition, 'spec', 'names'));
  const condition = (type: string, reason: string, message: string): Json => ({
    lastTransitionTime: timestamp(now),
    message,
    reason,
    status: 'True',
    type,
  });
  const stored = listAt(definition, 'spec', 'versions').find((version) => flagAt(version, 'storage') === true);
  return {
    ...definition,
    spec: {
      ...definition.spec,
      names,
      conversion: objectAt(definition, 'spec')['conversion'] ?? { strategy: 'None' },
    },
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: names,
      storedVersions: [textAt(stored, 'name') ?? ''],
    },
  };
}

function acceptedNames(names: JsonObject): JsonObject {
  const kind = textAt(names, 'kind') ?? '';
  return {
    ...names,
    singular: textAt(names, 'singular') ?? kind.toLowerCase(),
    listKind: textAt(names, 'listKind') ?? `${kind}List`,
  };
}

function servedVersion(definition: KubeObject, version: JsonObject, storageVersion: string): ServedType {
  const names = acceptedNames(objectAt(definition, 'spec', 'names'));
  const type: ResourceType = {
    group: textAt(definition, 'spec', 'group') ?? '',
    version: textAt(version, 'name') ?? '',
    plural: textAt(names, 'plural') ?? '',
    kind: textAt(names, 'kind') ?? '',
    namespaced: textAt(definition, 'spec', 'scope') === 'Namespaced',
  };
  const schema = objectAt(version, 'schema', 'openAPIV3Schema');
  const subresources = subresourcesOf(version, type.kind);
  const hasStatus = subresources.some(({ name }) => name === 'status');
  const deprecated = flagAt(version, 'deprecated') === true;
  const columns = listAt(version, 'additionalPrinterColumns') as unknown as readonly PrinterColumn[];
  return {
    type,
    singular: textAt(names, 'singular') ?? '',
    shortNames: listAt(names, 'shortNames') as readonly string[],
    categories: listAt(names, 'categories') as readonly string[],
    verbs: usualVerbs,
    subresources,
    schema,
    ...(columns.length === 0 ? {} : { printerColumns: columns }),
    custom: true,
    ...(deprecated ? { deprecationWarning: deprecationOf(version, type) } : {}),
    strategy: customStrategy(schema, hasStatus, version, type),
    storageVersion,
  };
}

function subresourcesOf(version: JsonObject, kind: string): readonly ServedSubresource[] {
  const declared = objectAt(version, 'subresources');
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(isJsonObject(declared['status']) ? [{ name: 'status', kind, verbs }] : []),
    ...(isJsonObject(declared['scale']) ? [{ name: 'scale', kind: 'Scale', verbs }] : []),
  ];
}

function deprecationOf(version: JsonObject, { group, version: name, kind }: ResourceType): string {
  return textAt(version, 'deprecationWarning') ?? `${group}/${name} ${kind} is deprecated`;
}

function customStrategy(
  document: JsonObject,
  hasStatus: boolean,
  version: JsonObject,
  { group, kind }: ResourceType,
): Strategy {
  let schema = compiled.get(document);
  if (schema === undefined) {
    schema = withMetadata(readSchema(document));
    compiled.set(document, schema);
  }
  const node = schema;
  const asObject = (value: JsonObject): KubeObject => value as unknown as KubeObject;
  const asJson = <Value extends KubeObject | undefined>(value: Value) =>
    value as unknown as JsonObject | (Value & undefined);
  return {
    hasStatus,
    countsGeneration: true,
    unconditionalUpdate: false,
    createsOnUpdate: false,
    returnsDeleted: false,
    selectableFields: listAt(version, 'selectableFields').map((field) =>
      (textAt(field, 'jsonPath') ?? '').replace(/^\./, ''),
    ),
    nameRule: 'subdomain',
    schema: node,
    // What calls itself another kind is decoded in its metadata only, gets no defaults and is refused then.
    prune: (object, old, unknown, keepsNulls) => {
      const metadata = decodeMetadata(object.metadata, old?.metadata, unknown);
      const named = metadata === object.metadata ? object : { ...object, metadata };
      if (object.kind !== kind || !object.apiVersion.startsWith(`${group}/`)) return named;
      if (conforms(asJson(named), node, asJson(old))) return named;
      const paths: string[] = [];
      const pruned = asObject(prune(asJson(named), node, old, unknown && ((path) => paths.push(path)), keepsNulls));
      for (const path of paths.toSorted()) unknown?.(path);
      return pruned;
    },
    defaults: (object, old) =>
      object.kind !== kind || conforms(asJson(object), node, asJson(old))
        ? object
        : asObject(applyDefaults(asJson(object), node, old)),
    validate: (object, old) => {
      const before = old === undefined ? undefined : asJson(old);
      const type = otherType(object, { group, kind, version: textAt(version, 'name') ?? '' });
      return type.length === 0
        ? validateBySchema(asJson(object), node, before)
        : [...type, ...brokenRules(asJson(object), node, before)];
    },
  };
}

// `ValidateTypeMeta` of pkg/registry/customresource.
function otherType(
  { kind, apiVersion }: KubeObject,
  own: Pick<ResourceType, 'group' | 'version' | 'kind'>,
): readonly FieldError[] {
  const isOwnGroup = apiVersion.startsWith(own.group) && apiVersion[own.group.length] === '/';
  if (kind === own.kind && isOwnGroup) return none;
  const must = (field: string, value: string, detail: string): FieldError => ({
    type: 'Invalid',
    field,
    value,
    detail,
  });
  return [
    ...(kind === own.kind ? [] : [must('kind', kind, `must be ${own.kind}`)]),
    ...(isOwnGroup ? [] : [must('apiVersion', apiVersion, `must be ${own.group}/${own.version}`)]),
  ];
}

const none: readonly FieldError[] = [];
