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
  /** The same in the words of a strategic merge patch: `unrecognized type: int32`. */
  readonly restored: string;

  /** The decoder stops here. */
  readonly ends: boolean;

  constructor(message: string, restored = message) {
    super(message);
    this.ends = restored === message;
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
  if (conforms(object, schema, old)) return object;
  try {
    return decodeObject(object, schema, old, [], '', unknown);
  } catch (error) {
    // Go's decoder goes on after a value of the wrong type, and tells of one that its type cannot read instead.
    if (!(error instanceof DecodeError) || error.ends) throw error;
    const later = unreadable(object, schema);
    throw later === undefined ? error : new DecodeError(later.message, error.restored);
  }
}

/** The first amount or time that says nothing. */
function unreadable(value: Json | undefined, schema: SchemaNode): DecodeError | undefined {
  if (typeof value === 'string') return problemOf(value, schema.format);
  const below: readonly (readonly [Json | undefined, SchemaNode | true | undefined])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item) => [item, schema.items])
    : isJsonObject(value)
      ? Object.entries(value).map(([field, item]) => [item, schema.properties.get(field) ?? schema.additional])
      : [];
  for (const [item, node] of below) {
    const found = typeof node === 'object' ? unreadable(item, node) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function problemOf(text: string, format = ''): DecodeError | undefined {
  if (format === 'byte') return undefined;
  try {
    decodeText(text, format);
    return undefined;
  } catch (error) {
    return error instanceof DecodeError ? error : undefined;
  }
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
    if (isLeftOut(item, node)) return false;
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
    if (typeof value !== 'string' && typeof value !== 'number') throw mismatch(value, schema, goPath);
    return value;
  }
  switch (schema.type) {
    case 'object':
      if (!isJsonObject(value)) throw mismatch(value, schema, goPath);
      return decodeObject(value, schema, old, goPath, path, unknown);
    case 'array':
      if (!Array.isArray(value)) throw mismatch(value, schema, goPath);
      return decodeList(value as readonly Json[], schema, old, goPath, path, unknown);
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch(value, schema, goPath);
      return value;
    case '':
      return value;
    default:
      if (typeof value !== schema.type) throw mismatch(value, schema, goPath);
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
    } else if (item === null || isLeftOut(item, node)) {
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

/** What holds nothing is left out: maps, and the fields whose Go types say so (`omitempty`); structures are not. */
function isLeftOut(value: unknown, node: SchemaNode | true | undefined): boolean {
  if (node === undefined || node === true) return false;
  if (value === '') return node.omitsEmpty === true && node.type === 'string';
  if (value === 0) return node.omitsEmpty === true && node.type === 'integer';
  if (value === false) return node.omitsEmpty === true && node.type === 'boolean';
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0 && node.omitsEmpty === true && node.type === 'array';
  if (node.additional === undefined) return false;
  for (const _ in value) return false;
  return true;
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
      throw new DecodeError(problem, `error decoding from json: ${problem}`);
    }
    default:
      return text;
  }
}

const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

// `goPath` is the innermost struct, and then the fields from the root.
function mismatch(value: Json, schema: SchemaNode, goPath: Path): DecodeError {
  const [struct = '', ...fields] = goPath;
  const where = `${struct}.${fields.join('.')}`;
  return new DecodeError(
    `json: cannot unmarshal ${describe(value, schema)} into Go struct field ${where} of type ${schema.goType}`,
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

function describe(value: Json, schema: SchemaNode): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return schema.type === 'integer' ? `number ${value}` : 'number';
  return typeof value;
}
