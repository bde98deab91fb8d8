import { isJsonObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../../../../src/model/json.ts';

/** In a closed schema, its place in the description: `Node.type`. Faults are told with it. */
export const placeKeyword = 'x-place';

/**
 * An OpenAPI document whose components admit no field that they do not name. `allOf` is merged into one schema, for closed
 * parts would exclude each other; of a layer's `oneOf`, whose parts overlap, the one counts that the layer's `type` names.
 */
export function withClosedSchemas(document: JsonObject): JsonObject {
  const components = objectAt(document, 'components');
  const schemas = objectAt(components, 'schemas');
  const closed = Object.entries(schemas).map(([name, schema]) => [name, close(schemas, schema as Json, name)]);
  return { ...document, components: { ...components, schemas: Object.fromEntries(closed) as JsonObject } };
}

function close(schemas: JsonObject, schema: Json, place: string): Json {
  if (!isJsonObject(schema)) return schema;
  const { items, properties, additionalProperties, ...rest } = mergedParts(schemas, schema);
  const closed: Record<string, Json | undefined> = { ...rest, [placeKeyword]: place };
  if (items !== undefined) closed.items = close(schemas, items, `${place}[]`);
  if (additionalProperties !== undefined)
    closed.additionalProperties = close(schemas, additionalProperties, `${place}{}`);
  if (!isJsonObject(properties)) return closed;
  const fields = Object.entries(properties).map(([name, field]) => [
    name,
    close(schemas, field as Json, `${place}.${name}`),
  ]);
  const layers = listAt(properties, 'data', 'oneOf');
  return {
    additionalProperties: false,
    ...closed,
    properties: { ...(Object.fromEntries(fields) as JsonObject), ...(layers.length > 0 ? { data: true } : {}) },
    ...(layers.length > 0 ? { allOf: dataByType(schemas, layers) } : {}),
  };
}

function mergedParts(schemas: JsonObject, schema: JsonObject): JsonObject {
  const parts = listAt(schema, 'allOf').map((part) => mergedParts(schemas, referred(schemas, part)));
  if (parts.length === 0) return schema;
  const properties = Object.assign({}, ...parts.map((part) => objectAt(part, 'properties'))) as JsonObject;
  return { type: 'object', properties, required: parts.flatMap((part) => listAt(part, 'required')) };
}

function referred(schemas: JsonObject, part: Json): JsonObject {
  const reference = textAt(part, '$ref');
  return reference === undefined ? objectAt(part) : objectAt(schemas, reference.split('/').at(-1) ?? '');
}

/** `data` of a layer is what its type says: `DrbdVolume` for DRBD. A type without a kind of data has none. */
function dataByType(schemas: JsonObject, kinds: readonly Json[]): readonly Json[] {
  const types = listAt(schemas, 'LayerType', 'enum').map(String);
  return types.map((type) => {
    const kind = kinds.find((each) => (textAt(each, '$ref') ?? '').split('/').at(-1)?.toUpperCase().startsWith(type));
    const data = kind ?? { not: {}, [placeKeyword]: `data of ${type}` };
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
    return { if: { properties: { type: { const: type } } }, then: { properties: { data } } };
  });
}
