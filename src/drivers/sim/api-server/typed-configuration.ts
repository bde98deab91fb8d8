import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { SchemaNode } from './structural-schema.ts';

/**
 * Why an applied configuration is no value of its type, in the words of `typed.AsTyped` of
 * structured-merge-diff. Nulls and what the schema knows no type for are let through.
 */
export function typeProblems(config: JsonObject, schema: SchemaNode): readonly string[] {
  const problems: string[] = [];
  checkFields(config, schema, '', problems);
  return problems;
}

function check(value: Json | undefined, schema: SchemaNode, path: string, problems: string[]): void {
  if (value === undefined || value === null || schema.intOrString) return;
  switch (schema.type) {
    case 'object':
      if (!isJsonObject(value)) problems.push(`${path}: expected map, got &{${goValue(value)}}`);
      else checkFields(value, schema, path, problems);
      return;
    case 'array':
      if (!Array.isArray(value)) problems.push(`${path}: expected list, got &{${goValue(value)}}`);
      else checkItems(value as readonly Json[], schema, path, problems);
      return;
    case 'integer':
    case 'number':
      if (typeof value !== 'number') {
        problems.push(
          `${path}: expected numeric (int or float), got ${typeof value === 'boolean' ? 'bool' : kind(value)}`,
        );
      }
      return;
    case 'string':
    case 'boolean':
      if (typeof value !== schema.type) problems.push(`${path}: expected ${schema.type}, got ${goPointer(value)}`);
      return;
    case '':
  }
}

// The server stops at the first field that it does not know, and meets them in the order of a Go map.
function checkFields(value: JsonObject, schema: SchemaNode, path: string, problems: string[]): void {
  for (const [field, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const node = schema.properties.get(field) ?? schema.additional;
    if (node === undefined && !schema.preservesUnknown) {
      problems.push(`${path}.${field}: field not declared in schema`);
      return;
    }
    if (typeof node === 'object') check(item, node, `${path}.${field}`, problems);
  }
}

function checkItems(items: readonly Json[], schema: SchemaNode, path: string, problems: string[]): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item, index, schema);
    if (key === undefined) {
      const keys = schema.listMapKeys.map((name) => JSON.stringify(name)).join(' ');
      problems.push(
        `${path}: element ${index}: associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
      );
      return;
    }
    if (seen.has(key)) problems.push(`${path}: duplicate entries for key ${key}`);
    seen.add(key);
    if (schema.items !== undefined) check(item, schema.items, `${path}${key}`, problems);
  }
}

/** How a path names an item of a list; undefined when it has no key. */
function keyOf(item: Json, index: number, { listType, listMapKeys, items }: SchemaNode): string | undefined {
  if (listType === 'set') return `[=${JSON.stringify(item)}]`;
  if (listType === 'atomic') return `[${index}]`;
  const parts = listMapKeys.flatMap((name) => {
    const value = (isJsonObject(item) ? item[name] : undefined) ?? items?.properties.get(name)?.default;
    return value === undefined ? [] : [`${name}=${JSON.stringify(value)}`];
  });
  return parts.length === 0 ? undefined : `[${parts.join(',')}]`;
}

function goPointer(value: Json): string {
  return typeof value === 'string' ? `&{${value}}` : `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
}

function goValue(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(goValue).join(' ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value).replace(/^"|"$/g, '');
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${goValue(item ?? null)}`).join(' ')}]`;
}

function kind(value: Json): string {
  if (Array.isArray(value)) return 'list';
  return isJsonObject(value) ? 'map' : typeof value;
}
