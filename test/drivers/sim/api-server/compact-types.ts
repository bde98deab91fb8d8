import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../../src/model/json.ts';
import { isJsonObject, listAt, objectAt, textAt } from '../../../../src/model/json.ts';

/**
 * The types of a published OpenAPI document in the one-line form of `builtin-types.json`: for each type its fields as
 * `name type options`. Run as a program it prints the file: `node test/drivers/sim/api-server/compact-types.ts`.
 */
export function compactTypes(schemas: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(schemas).map(
    ([name, schema]) => [shortName(name), compact(objectAt(schema))] as const,
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The document that the lab publishes. */
export function publishedSchemas(): JsonObject {
  const file = new URL('../../../../src/lab/kube-http/openapi/builtin-schemas.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
}

// The last two parts tell types of the same name apart where there are two: `v1.ServiceReference`.
function shortName(name: string): string {
  const parts = name.split('.');
  const last = parts.at(-1) ?? '';
  return ambiguous.has(last) ? `${parts.at(-3)}.${last}` : last;
}

const ambiguous: ReadonlySet<string> = new Set(['ServiceReference']);

function compact(schema: JsonObject): string {
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return `= ${typeOf(schema)}`;
  const whole = schema['x-kubernetes-map-type'] === 'atomic' ? ['@ atomic'] : [];
  const required = listAt(schema, 'required');
  const fields = Object.entries(properties).map(([name, property]) =>
    [name, typeOf(objectAt(property)), ...optionsOf(objectAt(property), required.includes(name))].join(' '),
  );
  return [...whole, ...fields].join('; ');
}

function typeOf(schema: JsonObject): string {
  const reference = textAt(schema, '$ref') ?? textAt(schema, 'allOf', 0, '$ref');
  if (reference !== undefined) return shortName(reference.slice(reference.lastIndexOf('/') + 1));
  if (schema['format'] === 'int-or-string') return 'int-or-string';
  if (listAt(schema, 'oneOf').length > 0) return 'quantity';
  switch (textAt(schema, 'type') ?? '') {
    case 'array':
      return `[${typeOf(objectAt(schema, 'items'))}`;
    case 'object':
      return isJsonObject(schema['additionalProperties']) ? `{${typeOf(schema['additionalProperties'])}` : 'any';
    case '':
      return 'any';
    default:
      return textAt(schema, 'format') ?? textAt(schema, 'type') ?? '';
  }
}

function optionsOf(schema: JsonObject, required: boolean): readonly string[] {
  const options: string[] = [];
  const listType = textAt(schema, 'x-kubernetes-list-type');
  if (listType === 'map')
    options.push(`map:${(listAt(schema, 'x-kubernetes-list-map-keys') as readonly string[]).join(',')}`);
  else if (listType !== undefined) options.push(listType);
  const mapType = textAt(schema, 'x-kubernetes-map-type');
  if (mapType !== undefined) options.push(mapType);
  const strategy = textAt(schema, 'x-kubernetes-patch-strategy') ?? '';
  if (strategy.includes('merge')) options.push(`merge:${textAt(schema, 'x-kubernetes-patch-merge-key') ?? ''}`);
  // A list that must be there is null, not absent, in an empty object.
  if (isJsonObject(schema['default']) || (required && schema['type'] === 'array')) options.push('struct');
  const fallback = schema['default'];
  if (typeof fallback === 'string' && fallback !== '') options.push(`default:${fallback}`);
  return options;
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(compactTypes(publishedSchemas()), null, 2)}\n`);
