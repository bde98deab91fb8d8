import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { FieldSet } from './field-set.ts';
import { isMember, noFields, nodeOf } from './field-set.ts';
import type { FieldShape } from './field-shape.ts';
import { sameJson } from './same-json.ts';

/** The fields that a configuration names (`ToFieldSet` of structured-merge-diff). */
export function fieldsOf(value: Json, shape: FieldShape): FieldSet {
  return childrenOf(value, shape);
}

/** What differs between two values: added or changed, and removed. */
export interface FieldChanges {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** Compares as `Compare` of structured-merge-diff does; parts that are the same object are not looked into. */
export function compareFields(before: JsonObject, after: JsonObject, shape: FieldShape): FieldChanges {
  const changed: Record<string, FieldSet> = {};
  const removed: Record<string, FieldSet> = {};
  compareEntries(before, after, shape, changed, removed);
  return { changed, removed };
}

/** The live object with the applied configuration merged into it. */
export function mergeApplied(live: Json | undefined, applied: Json, shape: FieldShape): Json {
  if (isJsonObject(applied)) {
    if (shape.atomicMap) return applied;
    const merged: Record<string, Json | undefined> = isJsonObject(live) ? { ...live } : {};
    for (const [field, value] of Object.entries(applied)) {
      if (value !== undefined) merged[field] = mergeApplied(merged[field], value, shape.child(field));
    }
    return merged;
  }
  if (Array.isArray(applied) && shape.list !== 'atomic') {
    return mergeItems(Array.isArray(live) ? (live as readonly Json[]) : [], applied as readonly Json[], shape);
  }
  // Null takes nothing away that is owned field by field.
  if (applied === null && typeof live === 'object' && live !== null && !isAtomic(live, shape)) return live;
  return applied;
}

function isAtomic(value: Json, shape: FieldShape): boolean {
  return Array.isArray(value) ? shape.list === 'atomic' : shape.atomicMap;
}

/**
 * The value without the fields of a set, but with all that holds something `owned` (`prune` of merge.Updater in
 * structured-merge-diff); undefined when nothing is left of it.
 */
export function removeFields(value: Json, set: FieldSet, owned: FieldSet, shape: FieldShape): Json | undefined {
  const keep = (element: string, item: Json, itemShape: FieldShape): Json | undefined => {
    const node = set[element];
    if (node === undefined) return item;
    const ownedBelow = owned[element];
    if (isMember(node) && ownedBelow === undefined) return undefined;
    return removeFields(item, node, ownedBelow ?? noFields, itemShape);
  };
  if (isJsonObject(value)) {
    const kept: Record<string, Json | undefined> = {};
    for (const [field, item] of Object.entries(value)) {
      const left = item === undefined ? undefined : keep(`f:${field}`, item, shape.child(field));
      if (left !== undefined) kept[field] = left;
    }
    return Object.keys(kept).length === 0 ? undefined : kept;
  }
  if (!Array.isArray(value) || shape.list === 'atomic') return value;
  const kept = (value as readonly Json[])
    .map((item) => keep(elementOf(item, shape), item, shape.item()))
    .filter((item) => item !== undefined);
  return kept.length === 0 ? undefined : kept;
}

/** How FieldsV1 names an item of a list. */
function elementOf(item: Json, shape: FieldShape): string {
  if (shape.list === 'set') return `v:${JSON.stringify(item)}`;
  const key = shape.keyOf(item);
  const sorted = Object.fromEntries(Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `k:${JSON.stringify(sorted)}`;
}

function childrenOf(value: Json, shape: FieldShape): Record<string, FieldSet> {
  const children: Record<string, FieldSet> = {};
  if (isJsonObject(value) && !shape.atomicMap) {
    for (const [field, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const child = shape.child(field);
      const node = nodeOf(isLeaf(item, child) || !shape.declares(field), childrenOf(item, child));
      if (node !== undefined) children[`f:${field}`] = node;
    }
  } else if (Array.isArray(value) && shape.list !== 'atomic') {
    for (const item of value as readonly Json[]) {
      children[elementOf(item, shape)] = nodeOf(true, childrenOf(item, shape.item())) ?? noFields;
    }
  }
  return children;
}

function isLeaf(value: Json, shape: FieldShape): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return shape.list === 'atomic';
  return shape.atomicMap || Object.keys(value).length === 0;
}

/**
 * Every part of a value that appears or goes as a whole: its leaves, and the maps and items that hold them; but not
 * structures that were there before the value was, because nobody can leave them out.
 */
function wholeOf(value: Json, shape: FieldShape, parentIsThere = true): FieldSet | undefined {
  const isThere = parentIsThere && shape.alwaysThere;
  const children: Record<string, FieldSet> = {};
  if (isJsonObject(value) && !shape.atomicMap) {
    for (const [field, item] of Object.entries(value)) {
      const node = item === undefined ? undefined : wholeOf(item, shape.child(field), isThere);
      if (node !== undefined) children[`f:${field}`] = node;
    }
  } else if (Array.isArray(value) && shape.list !== 'atomic') {
    for (const item of value as readonly Json[]) {
      children[elementOf(item, shape)] = wholeOf(item, shape.item(), false) ?? noFields;
    }
  }
  // One that is owned as a whole was there too, but not with this in it.
  const isFilled = shape.atomicMap && isJsonObject(value) && Object.keys(value).length > 0;
  return nodeOf(!isThere || isFilled, children);
}

function compareEntries(
  before: JsonObject,
  after: JsonObject,
  shape: FieldShape,
  changed: Record<string, FieldSet>,
  removed: Record<string, FieldSet>,
): void {
  for (const field in after) {
    const item = after[field];
    if (item === before[field] || item === undefined) continue;
    compareEntry(`f:${field}`, before[field], item, shape.child(field), changed, removed);
  }
  for (const field in before) {
    if (before[field] === undefined || after[field] !== undefined) continue;
    compareEntry(`f:${field}`, before[field], undefined, shape.child(field), changed, removed);
  }
}

function compareEntry(
  element: string,
  before: Json | undefined,
  after: Json | undefined,
  shape: FieldShape,
  changed: Record<string, FieldSet>,
  removed: Record<string, FieldSet>,
): void {
  const put = (target: Record<string, FieldSet>, node: FieldSet | undefined): void => {
    if (node !== undefined) target[element] = node;
  };
  if (before === undefined) put(changed, after === undefined ? undefined : wholeOf(after, shape));
  else if (after === undefined) put(removed, wholeOf(before, shape));
  else if (isJsonObject(before) && isJsonObject(after) && !shape.atomicMap) {
    const changedBelow: Record<string, FieldSet> = {};
    const removedBelow: Record<string, FieldSet> = {};
    compareEntries(before, after, shape, changedBelow, removedBelow);
    put(changed, nodeOf(false, changedBelow));
    put(removed, nodeOf(false, removedBelow));
  } else if (Array.isArray(before) && Array.isArray(after) && shape.list !== 'atomic') {
    const changedBelow: Record<string, FieldSet> = {};
    const removedBelow: Record<string, FieldSet> = {};
    compareEntries(asEntries(before, shape), asEntries(after, shape), itemsAsFields(shape), changedBelow, removedBelow);
    put(changed, nodeOf(false, withoutFieldMark(changedBelow)));
    put(removed, nodeOf(false, withoutFieldMark(removedBelow)));
  } else if (kindOf(before) !== kindOf(after)) {
    put(changed, wholeOf(after, shape));
    put(removed, wholeOf(before, shape));
  } else if (!sameJson(before, after)) put(changed, noFields);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value === 'object' ? 'map' : 'scalar';
}

// Lists with keys are compared like objects whose fields are the items' elements.
function asEntries(items: readonly Json[], shape: FieldShape): JsonObject {
  return Object.fromEntries(items.map((item) => [elementOf(item, shape), item]));
}

function itemsAsFields(shape: FieldShape): FieldShape {
  const item = shape.item();
  return { ...item, atomicMap: false, child: () => item };
}

function withoutFieldMark(nodes: Record<string, FieldSet>): Record<string, FieldSet> {
  return Object.fromEntries(Object.entries(nodes).map(([element, node]) => [element.slice(2), node]));
}

// Items that only the live list has keep their place; all others come in the order of the configuration.
function mergeItems(live: readonly Json[], applied: readonly Json[], shape: FieldShape): readonly Json[] {
  const wanted = new Map(applied.map((item) => [elementOf(item, shape), item]));
  const present = new Map(live.map((item) => [elementOf(item, shape), item]));
  const merged: Json[] = [];
  const queue = [...wanted];
  const takeUntil = (element: string | undefined): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      merged.push(mergeApplied(present.get(next[0]), next[1], shape.item()));
      if (next[0] === element) return;
    }
  };
  for (const [element, item] of present) {
    if (!wanted.has(element)) merged.push(item);
    else if (queue.some(([other]) => other === element)) takeUntil(element);
  }
  takeUntil(undefined);
  return merged;
}
