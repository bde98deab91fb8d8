import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { keyOf } from './schema-validation.ts';
import type { SchemaNode } from './structural-schema.ts';

/** How server-side apply sees a place in an object: what is owned as a whole, and what item by item. */
export interface FieldShape {
  readonly list: 'atomic' | 'set' | 'map';
  readonly atomicMap: boolean;
  /** False for entries of a map, true for the declared fields of a structure. */
  declares(field: string): boolean;
  child(field: string): FieldShape;
  item(): FieldShape;
  /** The key of an item of a `map` list. */
  keyOf(item: Json): JsonObject;
  /** A structure that is there even in an empty object, so that nobody comes to own it. */
  readonly alwaysThere: boolean;
}

/** The shape that a structural schema gives to a custom resource. */
export function shapeOfSchema(schema: SchemaNode): FieldShape {
  return withMetadata(schemaShape(schema));
}

const shapes = new WeakMap<SchemaNode, FieldShape>();

function schemaShape(schema: SchemaNode | undefined): FieldShape {
  if (schema === undefined) return untyped;
  let shape = shapes.get(schema);
  if (shape === undefined) {
    shape = {
      list: schema.listType,
      atomicMap: schema.atomicMap,
      declares: (field) => schema.properties.has(field),
      child: (field) =>
        schemaShape(schema.properties.get(field) ?? (schema.additional === true ? undefined : schema.additional)),
      item: () => schemaShape(schema.items),
      keyOf: (item) => keyOf(item, schema),
      alwaysThere: false,
    };
    shapes.set(schema, shape);
  }
  return shape;
}

/** Parts without a schema: maps are granular, lists atomic (`deduced` in structured-merge-diff). */
const untyped: FieldShape = {
  list: 'atomic',
  atomicMap: false,
  declares: () => false,
  child: () => untyped,
  item: () => untyped,
  keyOf: () => ({}),
  alwaysThere: false,
};

function withMetadata(shape: FieldShape): FieldShape {
  return {
    ...shape,
    declares: () => true,
    child: (field) => (field === 'metadata' ? builtin('', ['metadata']) : shape.child(field)),
  };
}

/** The shape of a built-in kind, from `x-kubernetes-list-type` and `x-kubernetes-map-type` of its published schema. */
export function shapeOfKind(kind: string): FieldShape {
  let shape = kinds.get(kind);
  if (shape === undefined) {
    shape = builtin(kind, []);
    kinds.set(kind, shape);
  }
  return shape;
}

const kinds = new Map<string, FieldShape>();

interface ListRule {
  readonly list: FieldShape['list'];
  readonly keys: JsonObject;
}

const by = (keys: JsonObject): ListRule => ({ list: 'map', keys });
const atomic: ListRule = { list: 'atomic', keys: {} };
const set: ListRule = { list: 'set', keys: {} };

/** Keys of map lists with their defaults (null: none), by field name. */
const lists: Readonly<Record<string, ListRule>> = {
  conditions: by({ type: null }),
  containers: by({ name: null }),
  env: by({ name: null }),
  ephemeralContainers: by({ name: null }),
  finalizers: set,
  hostAliases: by({ ip: null }),
  hostIPs: atomic,
  imagePullSecrets: by({ name: null }),
  initContainers: by({ name: null }),
  ownerReferences: by({ uid: null }),
  podCIDRs: set,
  podIPs: by({ ip: null }),
  resourceClaims: by({ name: null }),
  schedulingGates: by({ name: null }),
  topologySpreadConstraints: by({ topologyKey: null, whenUnsatisfiable: null }),
  volumeDevices: by({ devicePath: null }),
  volumeMounts: by({ mountPath: null }),
  volumes: by({ name: null }),
};

/** `x-kubernetes-map-type: atomic`: references and selectors. */
const atomicMaps: ReadonlySet<string> = new Set([
  'selector',
  'labelSelector',
  'nodeSelector',
  'configMapKeyRef',
  'secretKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'secretRef',
  'involvedObject',
  'dataSource',
  'roleRef',
]);

/** Structures that Go cannot leave out of an object, by their path. */
const structures: ReadonlySet<string> = new Set([
  'metadata',
  'spec',
  'spec.containers',
  'spec.template.spec.containers',
  'status',
  'spec.resources',
  'spec.strategy',
  'spec.names',
  'spec.template',
  'spec.template.metadata',
  'spec.template.spec',
  'status.loadBalancer',
]);

function builtin(kind: string, path: readonly string[]): FieldShape {
  const field = path.at(-1) ?? '';
  const rule = listRule(kind, path);
  const children = new Map<string, FieldShape>();
  let items: FieldShape | undefined;
  const isMap = mapFields.has(field);
  return {
    list: rule.list,
    atomicMap: atomicMaps.has(field) && !(field === 'selector' && kind === 'PersistentVolume'),
    declares: () => !isMap,
    child: (name) => {
      let shape = children.get(name);
      if (shape === undefined) {
        shape = builtin(kind, [...path, name]);
        children.set(name, shape);
      }
      return shape;
    },
    item: () => (items ??= builtin(kind, [...path, '[]'])),
    keyOf: (item) => keyWith(item, rule.keys),
    alwaysThere: structures.has(path.join('.')),
  };
}

/** Maps from free names to values, whose entries are owned one by one. */
const mapFields: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'data',
  'stringData',
  'binaryData',
  'matchLabels',
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'parameters',
  'volumeAttributes',
  'attachmentMetadata',
]);

function listRule(kind: string, path: readonly string[]): ListRule {
  const field = path.at(-1) ?? '';
  if (field === 'ports') {
    if (kind === 'Service' && path.at(-2) === 'spec') return by({ port: null, protocol: 'TCP' });
    return path.includes('containers') || path.includes('initContainers')
      ? by({ containerPort: null, protocol: 'TCP' })
      : atomic;
  }
  if (field === 'addresses') return kind === 'Node' ? by({ type: null }) : atomic;
  if (field === 'secrets') return kind === 'ServiceAccount' ? by({ name: null }) : atomic;
  return lists[field] ?? atomic;
}

function keyWith(item: Json, keys: JsonObject): JsonObject {
  const key: Record<string, Json> = {};
  for (const [field, fallback] of Object.entries(keys)) {
    const value = (isJsonObject(item) ? item[field] : undefined) ?? fallback;
    if (value !== null && value !== undefined) key[field] = value;
  }
  return key;
}
