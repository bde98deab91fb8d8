import type { Json } from '../../../model/json.ts';
import type { Evaluation } from './cel-environment.ts';
import { compileCel } from './cel-environment.ts';
import type { SchemaNode } from './structural-schema.ts';

/** JSON as CEL sees it through a schema: integers are CEL ints (bigint), properties carry their escaped names.
 * With `reads` only these fields of an object are there. */
export function celValue(value: Json, schema: SchemaNode, reads?: ReadonlySet<string>): unknown {
  if (typeof value === 'number') return schema.type === 'number' || !Number.isInteger(value) ? value : BigInt(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : (value as readonly Json[]).map((item) => celValue(item, items));
  }
  const fields: Record<string, unknown> = {};
  for (const [field, item] of Object.entries(value)) {
    const property = schema.properties.get(field);
    const node = property ?? schema.additional;
    if (item === undefined || reads?.has(field) === false) continue;
    if (item === null && node !== undefined && node !== true && !node.nullable) continue;
    fields[property === undefined ? field : escaped(field)] =
      node === undefined || node === true ? item : celValue(item, node);
  }
  return fields;
}

/** The old value of a rule with `optionalOldSelf`. */
export function celOptional(value: unknown): unknown {
  if (value === undefined) return (none ??= compileCel('optional.none()'))({});
  return (some ??= compileCel('optional.of(self)'))({ self: value });
}

let none: Evaluation | undefined;
let some: Evaluation | undefined;

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

// `Escape` of k8s.io/apiserver/pkg/cel.
function escaped(field: string): string {
  if (reserved.has(field)) return `__${field}__`;
  if (!/__|[-./]/.test(field)) return field;
  return field
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
