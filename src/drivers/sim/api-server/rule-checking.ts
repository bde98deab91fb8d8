import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { Evaluation } from './cel-environment.ts';
import type { CelRule } from './cel-rules.ts';
import { celOptional, celValue } from './cel-values.ts';
import type { FieldError } from './status-errors.ts';
import type { SchemaNode } from './structural-schema.ts';

/** Evaluates all rules of an object against its new and old value, in the words of `pkg/apiserver/schema/cel`. */
export function checkRules(object: Json, schema: SchemaNode, old: Json | undefined, errors: FieldError[]): void {
  checkNode(object, schema, old, '', errors);
}

/** What a node's rules on transitions have let stay as it was: their verdict depends on the value alone. */
interface Stays {
  readonly objects: WeakSet<object>;
  /** The last other value. */
  scalar: Json | undefined;
}

const mayStay = new WeakMap<SchemaNode, Stays>();

function checkNode(value: Json, schema: SchemaNode, old: Json | undefined, path: string, errors: FieldError[]): void {
  if (!schema.hasRules) return;
  const unchanged = value === old;
  if (unchanged && (!schema.hasTransitionRules || hasStayed(schema, value))) return;
  const before = errors.length;
  for (const rule of schema.rules) {
    if (unchanged && !rule.comparesOld) continue;
    if (rule.comparesOld && old === undefined && !rule.optionalOldSelf) continue;
    const stays = rule.reads !== undefined && sameFields(value, old, rule.reads);
    if (stays && holdsStill(rule, value)) continue;
    const holds = checkRule(rule, value, schema, old, path, errors);
    if (stays && holds) mayStayWithin.set(rule, value);
  }
  if (isJsonObject(value)) checkFields(value, schema, isJsonObject(old) ? old : undefined, path, errors);
  else if (Array.isArray(value)) checkItems(value as readonly Json[], schema, old, path, errors);
  if (unchanged && errors.length === before) noteStay(schema, value);
}

function hasStayed(schema: SchemaNode, value: Json): boolean {
  const stays = mayStay.get(schema);
  if (stays === undefined) return false;
  return value !== null && typeof value === 'object' ? stays.objects.has(value) : stays.scalar === value;
}

function noteStay(schema: SchemaNode, value: Json): void {
  let stays = mayStay.get(schema);
  if (stays === undefined) {
    stays = { objects: new WeakSet(), scalar: undefined };
    mayStay.set(schema, stays);
  }
  if (value !== null && typeof value === 'object') stays.objects.add(value);
  else stays.scalar = value;
}

const noFields: ReadonlySet<string> = new Set();

function sameFields(value: Json, old: Json | undefined, fields: ReadonlySet<string>): boolean {
  if (!isJsonObject(value) || !isJsonObject(old)) return false;
  for (const field of fields) if (value[field] !== old[field]) return false;
  return true;
}

/** The object in which a rule on transitions last let the fields that it reads stay as they were. */
const mayStayWithin = new WeakMap<CelRule, Json>();

// Whether a rule holds for fields that have not changed: it held for them when they were stored, or let them stay before.
function holdsStill(rule: CelRule, value: Json): boolean {
  return !rule.comparesOld || sameFields(value, mayStayWithin.get(rule), rule.reads ?? noFields);
}

function checkRule(
  rule: CelRule,
  value: Json,
  schema: SchemaNode,
  old: Json | undefined,
  path: string,
  errors: FieldError[],
): boolean {
  const self = celValue(value, schema, rule.reads);
  const before = old === undefined ? undefined : celValue(old, schema, rule.reads);
  const oldSelf = rule.optionalOldSelf ? celOptional(before) : before;
  const variables = oldSelf === undefined ? { self } : { self, oldSelf };
  try {
    if (rule.evaluate(variables) === true) return true;
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error))
      .split('\n')[0]
      ?.replace(/^No such key/, 'no such key');
    const detail = `${why} evaluating rule: ${rule.message ?? rule.text}`;
    errors.push({ type: 'Invalid', field: path === '' ? '<nil>' : path, value: schema.type, detail });
    return false;
  }
  const field = `${path}${rule.fieldPath}`.replace(/^\./, '') || '<nil>';
  const detail = messageOf(rule, variables);
  const isScalar = value === null || typeof value !== 'object';
  errors.push(isScalar ? { type: rule.reason, field, value, detail } : { type: rule.reason, field, detail });
  return false;
}

function messageOf(rule: CelRule, variables: { readonly self: unknown; readonly oldSelf?: unknown }): string {
  const text = rule.messageExpression === undefined ? undefined : messageFrom(rule.messageExpression, variables);
  return text ?? rule.message ?? `failed rule: ${rule.text}`;
}

// A message expression that fails leaves the word to the plain message.
function messageFrom(expression: Evaluation, variables: Parameters<Evaluation>[0]): string | undefined {
  try {
    const text = expression(variables);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : undefined;
  } catch {
    return undefined;
  }
}

function checkFields(
  value: JsonObject,
  schema: SchemaNode,
  old: JsonObject | undefined,
  path: string,
  errors: FieldError[],
): void {
  for (const [field, node] of schema.properties) {
    const item = value[field];
    if (item !== undefined && node.hasRules) {
      checkNode(item, node, old?.[field], path === '' ? field : `${path}.${field}`, errors);
    }
  }
  const { additional } = schema;
  if (additional === undefined || additional === true || !additional.hasRules) return;
  for (const [field, item] of Object.entries(value)) {
    if (item !== undefined && !schema.properties.has(field))
      checkNode(item, additional, old?.[field], `${path}[${field}]`, errors);
  }
}

function checkItems(
  value: readonly Json[],
  schema: SchemaNode,
  old: Json | undefined,
  path: string,
  errors: FieldError[],
): void {
  const { items } = schema;
  if (items === undefined) return;
  const before = Array.isArray(old) ? (old as readonly Json[]) : [];
  value.forEach((item, index) => {
    checkNode(item, items, correlated(item, schema, before), `${path}[${index}]`, errors);
  });
}

// Items of map lists are compared with the item of the same key; items of other lists have no old value.
function correlated(item: Json, schema: SchemaNode, before: readonly Json[]): Json | undefined {
  if (schema.listType !== 'map') return before.includes(item) ? item : undefined;
  return before.find((other) =>
    schema.listMapKeys.every((key) => isJsonObject(other) && isJsonObject(item) && other[key] === item[key]),
  );
}
