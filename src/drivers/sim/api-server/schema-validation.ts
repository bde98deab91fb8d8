import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { conforms } from './schema-conformance.ts';
import { checkRules } from './rule-checking.ts';
import { hasDistinctKeys, keyOf } from './list-keys.ts';
import { formatHolds } from './schema-formats.ts';
import { sameJson } from './same-json.ts';
import type { FieldError } from './status-errors.ts';
import type { SchemaNode } from './structural-schema.ts';

/**
 * What is wrong with a custom resource, in the words of kube-openapi's validator and of `ValidateCustomResource` in
 * apiextensions-apiserver. Parts that are the same in `old` were valid when they were stored and are not
 * checked again (validation ratcheting), except by rules that compare with the old value.
 */
export function validateBySchema(
  object: JsonObject,
  schema: SchemaNode,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!conforms(object, schema, old)) validateValue(object, schema, old, '', errors);
  if (!schema.hasRules) return errors;
  if (errors.some((error) => blocking.has(error.type))) {
    errors.push({ type: 'Invalid', field: '<nil>', value: null, detail: rulesSkipped });
    return errors;
  }
  checkRules(object, schema, old, errors);
  return errors;
}

/** Which keys of lists an object repeats and which rules it breaks, whatever else is wrong with it. */
export function brokenRules(
  object: JsonObject,
  schema: SchemaNode,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateValue(object, schema, old, '', errors);
  const found = errors.filter(({ type }) => type === 'Duplicate');
  checkRules(object, schema, old, found);
  return found;
}

const rulesSkipped =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Errors after which rules are not evaluated. */
const blocking: ReadonlySet<string> = new Set(['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid']);

function validateValue(value: Json, schema: SchemaNode, old: unknown, path: string, errors: FieldError[]): void {
  if (value === old) return;
  if (value === null && schema.nullable) return;
  if (!checkType(value, schema, path, errors)) return;
  if (schema.enumeration !== undefined) checkEnumeration(value, schema.enumeration, path, errors);
  if (typeof value === 'string') checkString(value, schema, path, errors);
  else if (typeof value === 'number') checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value as readonly Json[], schema, old, path, errors);
  else if (isJsonObject(value)) checkObject(value, schema, old, path, errors);
  checkCombinations(value, schema, path, errors);
}

const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  value,
  detail,
});

function checkType(value: Json, schema: SchemaNode, path: string, errors: FieldError[]): boolean {
  const found = typeOf(value);
  if (schema.intOrString) {
    if (found === 'integer' || found === 'string') return true;
    errors.push(typeError('integer,string', found, path));
    return false;
  }
  if (schema.type === '' || schema.type === found || (schema.type === 'number' && found === 'integer')) return true;
  errors.push(typeError(schema.type, found, path));
  if (schema.type === 'integer' && found === 'number') {
    const detail = `Checked value must be of type integer (default format) in ${path}`;
    errors.push({ type: 'Invalid', field: '<nil>', value: '', detail });
  }
  return false;
}

// The real text shows the type where the value would stand.
function typeError(wanted: string, found: string, path: string): FieldError {
  return {
    type: 'TypeInvalid',
    field: path === '' ? '<nil>' : path,
    value: found,
    detail: `${path} in body must be of type ${wanted}: "${found}"`,
  };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkEnumeration(value: Json, allowed: readonly Json[], path: string, errors: FieldError[]): void {
  if (allowed.includes(value) || allowed.some((item) => sameJson(item, value))) return;
  const values = allowed.map((item) => JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item)));
  errors.push({ type: 'NotSupported', field: path, value, detail: `supported values: ${values.join(', ')}` });
}

function checkString(value: string, schema: SchemaNode, path: string, errors: FieldError[]): void {
  const { minLength = 0, maxLength = Infinity } = schema.limits;
  const isTooLong = value.length > maxLength && Array.from(value).length > maxLength;
  if (isTooLong) {
    const unit = maxLength === 1 ? 'byte' : 'bytes';
    errors.push({ type: 'TooLong', field: path, detail: `may not be more than ${maxLength} ${unit}` });
  }
  // A character has one or two code units: only short texts need counting.
  if (value.length < 2 * minLength && Array.from(value).length < minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (schema.pattern !== undefined && !isTooLong && !schema.pattern.expression.test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern.text}'`));
  }
  if (schema.format !== undefined && !formatHolds(schema.format, value)) {
    const detail = `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`;
    errors.push({ type: 'TypeInvalid', field: path, value, detail });
  }
}

function checkNumber(value: number, schema: SchemaNode, path: string, errors: FieldError[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema.limits;
  if (multipleOf !== undefined) {
    // For an integer the factor is made one too, and may be nothing then.
    const factor = Number.isInteger(value) ? Math.trunc(multipleOf) : multipleOf;
    if (factor <= 0) {
      errors.push(invalid(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`));
    } else if (!Number.isInteger(value / factor)) {
      errors.push(invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`));
    }
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    const bound = exclusiveMaximum ? 'less than' : 'less than or equal to';
    errors.push(invalid(path, value, `${path} in body should be ${bound} ${maximum}`));
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    const bound = exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    errors.push(invalid(path, value, `${path} in body should be ${bound} ${minimum}`));
  }
}

function checkList(value: readonly Json[], schema: SchemaNode, old: unknown, path: string, errors: FieldError[]): void {
  const { minItems, maxItems, uniqueItems } = schema.limits;
  const { items } = schema;
  if (items !== undefined) {
    const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
    value.forEach((item, index) => {
      if (item !== before[index]) validateValue(item, items, before[index], `${path}[${index}]`, errors);
    });
  }
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    const unit = maxItems === 1 ? 'item' : 'items';
    errors.push({ type: 'TooMany', field: path, value: value.length, detail: `must have at most ${maxItems} ${unit}` });
  }
  if (uniqueItems && value.some((item, index) => value.slice(0, index).some((other) => sameJson(item, other)))) {
    errors.push(invalid(path, value, `${path} in body shouldn't contain duplicates`));
  }
  if (schema.listType !== 'atomic') checkListKeys(value, schema, path, errors);
}

// `ValidateListSetsAndMaps` of pkg/apiserver/schema/listtype.
function checkListKeys(value: readonly Json[], schema: SchemaNode, path: string, errors: FieldError[]): void {
  if (hasDistinctKeys(value, schema)) return;
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const key = schema.listType === 'set' ? item : keyOf(item, schema);
    const text = JSON.stringify(key);
    if (seen.has(text)) errors.push({ type: 'Duplicate', field: `${path}[${index}]`, value: key, detail: '' });
    seen.add(text);
  });
}

function checkObject(value: JsonObject, schema: SchemaNode, old: unknown, path: string, errors: FieldError[]): void {
  const before = isJsonObject(old) ? old : undefined;
  const { minProperties, maxProperties } = schema.limits;
  if (minProperties !== undefined || maxProperties !== undefined) {
    const count = Object.keys(value).length;
    if (minProperties !== undefined && count < minProperties) {
      errors.push(invalid(path, value, `${path} in body should have at least ${minProperties} properties`));
    }
    if (maxProperties !== undefined && count > maxProperties) {
      const unit = maxProperties === 1 ? 'item' : 'items';
      errors.push({ type: 'TooMany', field: path, value: count, detail: `must have at most ${maxProperties} ${unit}` });
    }
  }
  for (const field in value) {
    const item = value[field];
    if (item === undefined || item === before?.[field]) continue;
    const node = schema.properties.get(field) ?? schema.additional;
    if (node === undefined || node === true) continue;
    validateValue(item, node, before?.[field], fieldPath(path, field), errors);
  }
  for (const field of schema.required) {
    if (value[field] === undefined) errors.push({ type: 'Required', field: fieldPath(path, field), detail: '' });
  }
}

function fieldPath(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

function checkCombinations(value: Json, schema: SchemaNode, path: string, errors: FieldError[]): void {
  if (schema.allOf.length + schema.anyOf.length + schema.oneOf.length === 0 && schema.not === undefined) return;
  const whole = (text: string): FieldError => invalid('<nil>', '', `"${path}" ${text}`);
  const holds = (node: SchemaNode): boolean => {
    const found: FieldError[] = [];
    validateValue(value, node, undefined, path, found);
    return found.length === 0;
  };
  for (const node of schema.allOf) validateValue(value, node, undefined, path, errors);
  if (schema.anyOf.length > 0 && !schema.anyOf.some(holds)) {
    errors.push(whole('must validate at least one schema (anyOf)'));
  }
  if (schema.oneOf.length > 0) {
    const valid = schema.oneOf.filter(holds).length;
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      errors.push(whole(`must validate one and only one schema (oneOf). ${found}`));
    }
  }
  if (schema.not !== undefined && holds(schema.not)) errors.push(whole('must not validate the schema (not)'));
}
