import type { Json, JsonObject } from '../../../model/json.ts';
import { flagAt, isJsonObject, listAt, numberAt, textAt } from '../../../model/json.ts';
import type { CelRule } from './cel-rules.ts';
import { compileRules } from './cel-rules.ts';

/** One node of a structural schema, read once so that checking an object does not look into the schema document again. */
export interface SchemaNode {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | '';
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Schema of values under any other key; `true` when anything may stand there. */
  readonly additional: SchemaNode | true | undefined;
  readonly items: SchemaNode | undefined;
  readonly required: readonly string[];
  readonly nullable: boolean;
  readonly intOrString: boolean;
  readonly preservesUnknown: boolean;
  /** The value is a whole Kubernetes object: apiVersion, kind and metadata belong to it. */
  readonly embedded: boolean;
  readonly default: Json | undefined;
  readonly enumeration: readonly Json[] | undefined;
  readonly format: string | undefined;
  readonly pattern: { readonly text: string; readonly expression: RegExp } | undefined;
  readonly limits: Limits;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listMapKeys: readonly string[];
  /** `x-kubernetes-map-type: atomic`: server-side apply owns the object as a whole. */
  readonly atomicMap: boolean;
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly allOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
  readonly rules: readonly CelRule[];
  /** Built-in types: the name of the Go type, for the words of decoding errors. */
  readonly goType?: string;
  /** Built-in types: items of a list that strategic merge patches merge by this key ('' for a set of values). */
  readonly patchMergeKey?: string;
  /** Built-in types: a value that says nothing ('', 0, false, an empty list) is left out. */
  readonly omitsEmpty?: boolean;
  /** Built-in types: a structure that is there even in an empty object. */
  readonly structure?: boolean;
  /** Something below (or here) has a default. */
  readonly hasDefaults: boolean;
  /** Something below (or here) has rules, rules on transitions. */
  readonly hasRules: boolean;
  readonly hasTransitionRules: boolean;
}

export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** A schema that says nothing. */
export const emptySchema: SchemaNode = {
  type: '',
  properties: new Map(),
  additional: undefined,
  items: undefined,
  required: [],
  nullable: false,
  intOrString: false,
  preservesUnknown: false,
  embedded: false,
  default: undefined,
  enumeration: undefined,
  format: undefined,
  pattern: undefined,
  limits: { exclusiveMinimum: false, exclusiveMaximum: false, uniqueItems: false },
  listType: 'atomic',
  listMapKeys: [],
  atomicMap: false,
  anyOf: [],
  oneOf: [],
  allOf: [],
  not: undefined,
  rules: [],
  hasDefaults: false,
  hasRules: false,
  hasTransitionRules: false,
};

/** Reads an `openAPIV3Schema` of a CustomResourceDefinition. */
export function readSchema(schema: JsonObject): SchemaNode {
  const properties = new Map<string, SchemaNode>();
  for (const [name, property] of Object.entries(schema['properties'] ?? {})) {
    if (isJsonObject(property)) properties.set(name, readSchema(property));
  }
  const given = schema['additionalProperties'];
  const additional = isJsonObject(given) ? readSchema(given) : given === true ? true : undefined;
  const items = isJsonObject(schema['items']) ? readSchema(schema['items']) : undefined;
  const below = [...properties.values(), items, additional].filter((node) => typeof node === 'object');
  const rules = compileRules(listAt(schema, 'x-kubernetes-validations'));
  const several = (field: string): readonly SchemaNode[] =>
    listAt(schema, field).map((item) => readSchema(item as JsonObject));
  const pattern = textAt(schema, 'pattern');
  return {
    type: (textAt(schema, 'type') ?? '') as SchemaNode['type'],
    properties,
    additional,
    items,
    required: listAt(schema, 'required') as readonly string[],
    nullable: flagAt(schema, 'nullable') === true,
    intOrString: flagAt(schema, 'x-kubernetes-int-or-string') === true,
    preservesUnknown: flagAt(schema, 'x-kubernetes-preserve-unknown-fields') === true,
    embedded: flagAt(schema, 'x-kubernetes-embedded-resource') === true,
    default: schema['default'],
    enumeration: schema['enum'] as readonly Json[] | undefined,
    format: textAt(schema, 'format'),
    pattern: pattern === undefined ? undefined : { text: pattern, expression: schemaPattern(pattern) },
    limits: readLimits(schema),
    listType: (textAt(schema, 'x-kubernetes-list-type') ?? 'atomic') as SchemaNode['listType'],
    listMapKeys: listAt(schema, 'x-kubernetes-list-map-keys') as readonly string[],
    atomicMap: textAt(schema, 'x-kubernetes-map-type') === 'atomic',
    anyOf: several('anyOf'),
    oneOf: several('oneOf'),
    allOf: several('allOf'),
    not: isJsonObject(schema['not']) ? readSchema(schema['not']) : undefined,
    rules,
    hasDefaults: schema['default'] !== undefined || below.some((node) => node.hasDefaults),
    hasRules: rules.length > 0 || below.some((node) => node.hasRules),
    hasTransitionRules: rules.some((rule) => rule.comparesOld) || below.some((node) => node.hasTransitionRules),
  };
}

function readLimits(schema: JsonObject): Limits {
  const limits: Record<string, number | boolean> = {
    exclusiveMinimum: flagAt(schema, 'exclusiveMinimum') === true,
    exclusiveMaximum: flagAt(schema, 'exclusiveMaximum') === true,
    uniqueItems: flagAt(schema, 'uniqueItems') === true,
  };
  for (const name of numericLimits) {
    const value = numberAt(schema, name);
    if (value !== undefined) limits[name] = value;
  }
  return limits as unknown as Limits;
}

const numericLimits = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

/** A schema's pattern as JavaScript has it. Throws when it is no regular expression. */
export function schemaPattern(pattern: string): RegExp {
  // RE2 and JavaScript agree on what schemas use; `(?i)` at the start, and escapes of ordinary characters, differ.
  const [flags, text] = pattern.startsWith('(?i)') ? ['i', pattern.slice(4)] : ['', pattern];
  try {
    return new RegExp(text, `${flags}u`);
  } catch {
    return new RegExp(text, flags);
  }
}
