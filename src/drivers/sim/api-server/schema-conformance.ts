import type { Json, JsonObject } from '../../../model/json.ts';
import { hasDistinctKeys } from './list-keys.ts';
import { formatHolds } from './schema-formats.ts';
import type { SchemaNode } from './structural-schema.ts';

/**
 * Whether an object is plainly as its schema wants it: nothing to prune, no default to fill in, nothing to refuse, rules
 * apart. Nearly every write is, and this one look takes the place of three that are ready to name a path. False says nothing
 * but that they have to look. Parts that are the same in `old` are as they should be.
 */
export function conforms(object: JsonObject, schema: SchemaNode, old: JsonObject | undefined): boolean {
  return (
    old !== undefined && object['metadata'] === old['metadata'] && fieldsConform(object, schema, old, partConforms)
  );
}

/** Pruning, defaults and validation look at the same spec or status, one after the other. */
const lastLook = new WeakMap<
  SchemaNode,
  { readonly value: Json; readonly old: Json | undefined; readonly is: boolean }
>();

function partConforms(value: Json, schema: SchemaNode, old: Json | undefined): boolean {
  const last = lastLook.get(schema);
  if (last !== undefined && last.value === value && last.old === old) return last.is;
  const is = valueConforms(value, schema, old);
  lastLook.set(schema, { value, old, is });
  return is;
}

function fieldsConform(
  value: JsonObject,
  schema: SchemaNode,
  old: Json | undefined,
  fieldConforms: typeof valueConforms,
): boolean {
  const before = typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as JsonObject) : undefined;
  const { properties, additional, limits } = schema;
  if (limits.minProperties !== undefined || limits.maxProperties !== undefined || schema.embedded) return false;
  for (const field in value) {
    const item = value[field];
    if (item === undefined) continue;
    const past = before?.[field];
    if (item === past) continue;
    const node = properties.get(field) ?? additional;
    if (node === true) continue;
    if (node === undefined) {
      if (!schema.preservesUnknown) return false;
    } else if (!fieldConforms(item, node, past)) return false;
  }
  for (const field of schema.required) if (value[field] === undefined) return false;
  return !schema.hasDefaults || !lacksDefault(value, properties);
}

function lacksDefault(value: JsonObject, properties: SchemaNode['properties']): boolean {
  for (const [field, node] of properties) if (node.default !== undefined && value[field] === undefined) return true;
  return false;
}

function valueConforms(value: Json, schema: SchemaNode, old: Json | undefined): boolean {
  if (value === null) return schema.nullable;
  if (schema.intOrString || schema.allOf.length + schema.anyOf.length + schema.oneOf.length > 0) return false;
  if (schema.not !== undefined) return false;
  if (schema.enumeration !== undefined && !schema.enumeration.includes(value)) return false;
  const { type } = schema;
  switch (typeof value) {
    case 'string':
      return (type === 'string' || type === '') && textConforms(value, schema);
    case 'number':
      return numberConforms(value, schema);
    case 'boolean':
      return type === 'boolean' || type === '';
    default:
      if (Array.isArray(value)) return type === 'array' && listConforms(value as readonly Json[], schema, old);
      return (type === 'object' || type === '') && fieldsConform(value as JsonObject, schema, old, valueConforms);
  }
}

function textConforms(value: string, { limits, pattern, format }: SchemaNode): boolean {
  const { minLength = 0, maxLength = Infinity } = limits;
  // Longer in code units than in characters: who comes near a limit is counted by the others.
  if (value.length < 2 * minLength || value.length > maxLength) return false;
  return (
    (pattern === undefined || pattern.expression.test(value)) && (format === undefined || formatHolds(format, value))
  );
}

function numberConforms(value: number, { type, limits }: SchemaNode): boolean {
  const { minimum = -Infinity, maximum = Infinity } = limits;
  if (limits.multipleOf !== undefined || limits.exclusiveMinimum || limits.exclusiveMaximum) return false;
  if (type !== 'number' && !(type === 'integer' && Number.isInteger(value))) return false;
  return value >= minimum && value <= maximum;
}

function listConforms(value: readonly Json[], schema: SchemaNode, old: Json | undefined): boolean {
  const { items, limits, listType } = schema;
  const { minItems = 0, maxItems = Infinity } = limits;
  if (value.length < minItems || value.length > maxItems || limits.uniqueItems) return false;
  const before = Array.isArray(old) ? (old as readonly Json[]) : none;
  const itemConforms = (item: Json, index: number): boolean =>
    item === before[index] || items === undefined || valueConforms(item, items, before[index]);
  if (!value.every(itemConforms)) return false;
  return listType === 'atomic' || hasDistinctKeys(value, schema);
}

const none: readonly Json[] = [];
