import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { base64Fault } from './base64.ts';
import { decodeTime, isCanonicalTime } from './go-time.ts';
import { canonicalQuantity } from './quantity.ts';
import type { UnknownField } from './schema-pruning.ts';
import type { SchemaNode } from './structural-schema.ts';
import { emptySchema } from './structural-schema.ts';

/** A body that cannot be decoded into its Go type, in the words of Go's JSON decoder. */
export class DecodeError extends Error {
  /**
   * The same in the words of server-side apply: `.spec.replicas: expected numeric (int or float), got string`.
   * Undefined for a value of the right type that says nothing: apply finds that out when it has merged.
   */
  readonly typed: string | undefined;
  /** The same in the words of a strategic merge patch: `unrecognized type: int32`. */
  readonly restored: string;

  constructor(message: string, typed?: string, restored = message) {
    super(message);
    this.typed = typed;
    this.restored = restored;
  }
}

/**
 * What is left of an object of a built-in kind after the server decoded it: unknown fields and nulls are gone, quantities
 * are written canonically. Answers the object itself when nothing changes; parts shared with `old` are decoded already.
 * Throws DecodeError where a value has the wrong type.
 */
export function decodeBuiltin(
  object: JsonObject,
  schema: SchemaNode,
  old: JsonObject | undefined,
  unknown: UnknownField | undefined,
): JsonObject {
  return conforms(object, schema, old) ? object : decodeObject(object, schema, old, [], '', unknown);
}

// Nearly every object needs nothing: found out without building paths.
function conforms(value: unknown, schema: SchemaNode, old: unknown): boolean {
  if (value === old || schema.preservesUnknown) return true;
  switch (typeof value) {
    case 'string':
      return schema.format === undefined
        ? schema.type === 'string' || schema.intOrString
        : decodeText(value, schema.format) === value;
    case 'number':
      return schema.intOrString || (schema.type === 'integer' ? Number.isInteger(value) : schema.type === 'number');
    case 'boolean':
      return schema.type === 'boolean';
    default:
      if (Array.isArray(value)) return listConforms(value, schema, old);
      return value !== null && schema.type === 'object' && fieldsConform(value as Fields, schema, old);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function listConforms(value: readonly unknown[], { type, items }: SchemaNode, old: unknown): boolean {
  if (type !== 'array' || items === undefined) return false;
  const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
  return value.every((item, index) => conforms(item, items, before[index]));
}

function fieldsConform(value: Fields, schema: SchemaNode, old: unknown): boolean {
  const before = isJsonObject(old) ? old : undefined;
  for (const field in value) {
    const item = value[field];
    if (item === undefined || item === before?.[field]) continue;
    const node = schema.properties.get(field) ?? schema.additional;
    if (isEmptyMap(item, node)) return false;
    if (node === undefined || node === true || !conforms(item, node, before?.[field])) return false;
  }
  return true;
}

type Path = readonly string[];

function decodeValue(
  value: Json,
  schema: SchemaNode,
  old: unknown,
  goPath: Path,
  path: string,
  unknown: UnknownField | undefined,
): Json {
  if (value === old && typeof value === 'object') return value;
  if (schema.preservesUnknown) return value;
  if (schema.format === 'quantity') return decodeQuantity(value);
  if (schema.intOrString) {
    if (typeof value !== 'string' && typeof value !== 'number') throw mismatch(value, schema, goPath, path);
    return value;
  }
  switch (schema.type) {
    case 'object':
      if (!isJsonObject(value)) throw mismatch(value, schema, goPath, path);
      return decodeObject(value, schema, old, goPath, path, unknown);
    case 'array':
      if (!Array.isArray(value)) throw mismatch(value, schema, goPath, path);
      return decodeList(value as readonly Json[], schema, old, goPath, path, unknown);
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch(value, schema, goPath, path);
      return value;
    case '':
      return value;
    default:
      if (typeof value !== schema.type) throw mismatch(value, schema, goPath, path);
      return typeof value === 'string' && schema.format !== undefined ? decodeText(value, schema.format) : value;
  }
}

function decodeObject(
  value: JsonObject,
  schema: SchemaNode,
  old: unknown,
  goPath: Path,
  path: string,
  unknown: UnknownField | undefined,
): JsonObject {
  const before = isJsonObject(old) ? old : undefined;
  let kept: Record<string, Json | undefined> | undefined;
  const struct = schema.goType?.slice(3) ?? '';
  for (const field in value) {
    const item = value[field];
    if (item === undefined || item === before?.[field]) continue;
    const property = schema.properties.get(field);
    const node = property ?? schema.additional;
    if (node === undefined) {
      unknown?.(path === '' ? field : `${path}.${field}`);
      kept ??= { ...value };
      delete kept[field];
    } else if (item === null && property === undefined && node !== true && zeroOf(node) !== undefined) {
      kept ??= { ...value };
      kept[field] = zeroOf(node);
    } else if (item === null || isEmptyMap(item, node)) {
      kept ??= { ...value };
      delete kept[field];
    } else if (node !== true) {
      const fields = goPath.slice(1);
      const below = property === undefined ? goPath : [struct, ...fields, field];
      const result = decodeValue(item, node, before?.[field], below, path === '' ? field : `${path}.${field}`, unknown);
      if (result === item) continue;
      kept ??= { ...value };
      kept[field] = result;
    }
  }
  return kept ?? value;
}

/** What null stands for as a value of a map; undefined where it stays null. */
function zeroOf({ type, format }: SchemaNode): string | undefined {
  if (format === 'quantity') return '0';
  return type === 'string' ? '' : undefined;
}

/** Maps are left out when they hold nothing (`omitempty`); structures are not. */
function isEmptyMap(value: unknown, node: SchemaNode | true | undefined): boolean {
  if (node === undefined || node === true || node.additional === undefined) return false;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function decodeList(
  value: readonly Json[],
  schema: SchemaNode,
  old: unknown,
  goPath: Path,
  path: string,
  unknown: UnknownField | undefined,
): readonly Json[] {
  const { items } = schema;
  if (items === undefined) return value;
  const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
  const decoded = value.map((item, index) =>
    decodeValue(item, items, before[index], goPath, `${path}[${index}]`, unknown),
  );
  return decoded.every((item, index) => item === value[index]) ? value : decoded;
}

function decodeQuantity(value: Json): Json {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw new DecodeError(quantityRule);
  return decodeText(text, 'quantity');
}

/** A text of a format as the server writes it back; texts of other formats are what they are. */
function decodeText(text: string, format: string): string {
  switch (format) {
    case 'quantity': {
      const canonical = canonicalQuantity(text);
      if (canonical === undefined) throw new DecodeError(quantityRule);
      return canonical;
    }
    case 'date-time':
    case 'micro-time': {
      const isMicro = format === 'micro-time';
      if (isCanonicalTime(text, isMicro)) return text;
      const decoded = decodeTime(text, isMicro);
      if ('problem' in decoded) throw new DecodeError(decoded.problem);
      return decoded.time;
    }
    case 'byte': {
      const fault = base64Fault(text);
      if (fault === undefined) return text.replaceAll(/[\r\n]/g, '');
      const problem = `illegal base64 data at input byte ${fault}`;
      throw new DecodeError(problem, undefined, `error decoding from json: ${problem}`);
    }
    default:
      return text;
  }
}

const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

// `goPath` is the innermost struct, and then the fields from the root.
function mismatch(value: Json, schema: SchemaNode, goPath: Path, path: string): DecodeError {
  const [struct = '', ...fields] = goPath;
  const where = `${struct}.${fields.join('.')}`;
  return new DecodeError(
    `json: cannot unmarshal ${describe(value, schema)} into Go struct field ${where} of type ${schema.goType}`,
    `.${path}: expected ${expectation(value, schema)}`,
    restoration(value, schema),
  );
}

// `fromUnstructured` of k8s.io/apimachinery/pkg/runtime/converter.go.
function restoration(value: Json, { type, goType, properties }: SchemaNode): string {
  const found = typeof value === 'number' ? 'int64' : describe(value, emptySchema);
  if (type === 'array') return `cannot restore slice from ${found}`;
  if (type === 'object')
    return properties.size > 0 ? `cannot restore struct from: ${found}` : `cannot restore map from ${found}`;
  if (type === 'string' && found === 'int64') return `cannot convert int64 to string`;
  return `unrecognized type: ${goType}`;
}

// `validateScalar` and its neighbours in structured-merge-diff, which print Go's view of the value.
function expectation(value: Json, { type }: SchemaNode): string {
  const shown = `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  switch (type) {
    case 'integer':
    case 'number':
      return `numeric (int or float), got ${typeof value === 'boolean' ? 'bool' : typeof value}`;
    case 'array':
      return `list, got ${shown}`;
    case 'object':
      return `map, got ${shown}`;
    default:
      return `${type}, got ${shown}`;
  }
}

function describe(value: Json, schema: SchemaNode): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return schema.type === 'integer' ? `number ${value}` : 'number';
  return typeof value;
}
