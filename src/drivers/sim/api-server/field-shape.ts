import type { Json, JsonObject } from '../../../model/json.ts';
import { keyOf } from './list-keys.ts';
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

/** The shape that a schema gives to an object. */
export function shapeOfSchema(schema: SchemaNode): FieldShape {
  let shape = shapes.get(schema);
  if (shape === undefined) {
    shape = readShape(schema);
    shapes.set(schema, shape);
  }
  return shape;
}

const shapes = new WeakMap<SchemaNode, FieldShape>();

function readShape(schema: SchemaNode): FieldShape {
  return {
    list: schema.listType,
    atomicMap: schema.atomicMap,
    declares: (field) => schema.properties.has(field),
    child: (field) => {
      const node = schema.properties.get(field) ?? schema.additional;
      return node === undefined || node === true ? untyped : shapeOfSchema(node);
    },
    item: () => (schema.items === undefined ? untyped : shapeOfSchema(schema.items)),
    keyOf: (item) => keyOf(item, schema),
    alwaysThere: schema.structure === true,
  };
}

/** Parts without a schema: maps are granular, lists atomic (`deduced` in structured-merge-diff). */
export const untyped: FieldShape = {
  list: 'atomic',
  atomicMap: false,
  declares: () => false,
  child: () => untyped,
  item: () => untyped,
  keyOf: () => ({}),
  alwaysThere: false,
};
