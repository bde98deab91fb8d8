import { isJsonObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../../../src/model/json.ts';

/** A place in a schema: names of fields, `[]` for the items of a list, `{}` for the values of a map. */
export type SchemaPath = readonly string[];

/** Every place of a schema, from the root, with what stands there. */
export function placesOf(
  schema: JsonObject,
  path: SchemaPath = [],
): readonly { readonly path: SchemaPath; readonly schema: JsonObject }[] {
  const inner = [
    ...Object.entries(objectAt(schema, 'properties')),
    ...(isJsonObject(schema.items) ? [['[]', schema.items] as const] : []),
    ...(isJsonObject(schema.additionalProperties) ? [['{}', schema.additionalProperties] as const] : []),
  ];
  return [{ path, schema }, ...inner.flatMap(([name, node]) => placesOf(node as JsonObject, [...path, name]))];
}

/** The smallest value that a schema takes: what is required, and what leads to a place where one is given. */
export function smallestOf(schema: JsonObject, path: SchemaPath = [], value?: Json): Json {
  const [name, ...rest] = path;
  if (name === undefined && value !== undefined) return value;
  const [first] = listAt(schema, 'enum');
  if (first !== undefined) return first;
  if (name === '[]') return [smallestOf(objectAt(schema, 'items'), rest, value)];
  if (name === '{}') return { key: smallestOf(objectAt(schema, 'additionalProperties'), rest, value) };
  if (schema['x-kubernetes-int-or-string'] === true) return 1;
  switch (textAt(schema, 'type')) {
    case 'object': {
      const properties = objectAt(schema, 'properties');
      const names = new Set([...listAt(schema, 'required').map(String), ...(name === undefined ? [] : [name])]);
      return Object.fromEntries(
        [...names].map((field) => [
          field,
          smallestOf(objectAt(properties, field), field === name ? rest : [], field === name ? value : undefined),
        ]),
      );
    }
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return textAt(schema, 'format') === 'date-time' ? '2026-01-01T00:00:00Z' : '/text';
  }
}

/** What stands at a place of a value, through the first item and the first entry. */
export function valueAt(value: Json | undefined, path: SchemaPath): Json | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(value)) return valueAt(value[0] as Json, rest);
  if (!isJsonObject(value)) return undefined;
  return valueAt(value[name === '{}' ? 'key' : name], rest);
}
