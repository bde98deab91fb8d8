import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject, textAt } from '../../../model/json.ts';
import { sameJson } from './same-json.ts';

export type JsonPatchResult =
  | { readonly kind: 'patched'; readonly value: Json }
  /** The document is no JSON patch at all. */
  | { readonly kind: 'malformed'; readonly why: string }
  /** An operation does not apply: a missing path, an index out of bounds, a `test` that differs. */
  | { readonly kind: 'failed'; readonly why: string };

/** RFC 6902 JSON patch: all operations or none. Never changes `target`; untouched parts are shared with it. */
export function jsonPatch(target: Json, patch: Json): JsonPatchResult {
  if (!Array.isArray(patch))
    return {
      kind: 'malformed',
      why: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    };
  let value = target;
  for (const operation of patch as readonly Json[]) {
    if (!isJsonObject(operation)) return { kind: 'malformed', why: 'an operation is an object' };
    try {
      value = perform(value, operation);
    } catch (error) {
      if (error instanceof PatchFailure) return { kind: 'failed', why: error.message };
      throw error;
    }
  }
  return { kind: 'patched', value };
}

class PatchFailure extends Error {}

function perform(document: Json, operation: JsonObject): Json {
  const path = pointer(operation, 'path');
  const name = textAt(operation, 'op') ?? '';
  switch (name) {
    case 'add':
      return put(document, path, given(operation), 'add');
    case 'replace':
      checkReplaceable(document, path);
      return put(document, path, given(operation), 'replace');
    case 'remove':
      return remove(document, path);
    case 'test':
      if (!sameJson(readOrNull(document, path), operation['value'] ?? null)) {
        throw new PatchFailure(`testing path ${textAt(operation, 'path')}: test failed`);
      }
      return document;
    case 'move': {
      const from = pointer(operation, 'from');
      if (from.length < path.length && from.every((step, index) => step === path[index])) {
        throw new PatchFailure('a value cannot be moved into itself');
      }
      return put(remove(document, from), path, read(document, from), 'add');
    }
    case 'copy':
      return put(document, path, read(document, pointer(operation, 'from')), 'add');
    default:
      throw new PatchFailure(`unexpected kind: ${name}`);
  }
}

// evanphx/json-patch, which the server uses, lets `replace` put a field into an object that does not have it.
function checkReplaceable(document: Json, path: readonly string[]): void {
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) read(document, path);
}

function given(operation: JsonObject): Json {
  const value = operation['value'];
  if (value === undefined) throw new PatchFailure('the operation has no value');
  return value;
}

/** The steps of an RFC 6901 JSON pointer. */
function pointer(operation: JsonObject, field: 'path' | 'from'): readonly string[] {
  const text = operation[field];
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw new PatchFailure(`bad ${field}`);
  const known = pointers.get(text);
  if (known !== undefined) return known;
  const steps = stepsOf(text);
  // Callers write to a handful of places; the bound is for those that make up names.
  if (pointers.size < 1024) pointers.set(text, steps);
  return steps;
}

const pointers = new Map<string, readonly string[]>();

function stepsOf(text: string): readonly string[] {
  if (text === '') return [];
  const steps = text.slice(1).split('/');
  return text.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps;
}

function read(document: Json, path: readonly string[]): Json {
  let here: Json = document;
  for (const step of path) here = readStep(here, step);
  return here;
}

function readStep(here: Json, step: string): Json {
  const next: Json | undefined = Array.isArray(here)
    ? (here as readonly Json[])[indexOf(step, here.length - 1)]
    : isJsonObject(here) && Object.hasOwn(here, step)
      ? here[step]
      : undefined;
  if (next === undefined) throw new PatchFailure(`missing path: ${step}`);
  return next;
}

// evanphx/json-patch, which the server uses, lets `test` with a null value pass on a missing path.
function readOrNull(document: Json, path: readonly string[]): Json {
  try {
    return read(document, path);
  } catch (error) {
    if (error instanceof PatchFailure) return null;
    throw error;
  }
}

function put(document: Json, path: readonly string[], value: Json, how: 'add' | 'replace'): Json {
  return changeAt(
    document,
    path,
    (parent, step) => {
      if (!Array.isArray(parent)) return { ...(parent as JsonObject), [step]: value };
      const items = parent as readonly Json[];
      if (how === 'replace') return items.with(indexOf(step, items.length - 1), value);
      return items.toSpliced(step === '-' ? items.length : indexOf(step, items.length), 0, value);
    },
    value,
  );
}

function remove(document: Json, path: readonly string[]): Json {
  return changeAt(
    document,
    path,
    (parent, step) => {
      if (Array.isArray(parent)) return (parent as readonly Json[]).toSpliced(indexOf(step, parent.length - 1), 1);
      if (!Object.hasOwn(parent as JsonObject, step))
        throw new PatchFailure(`Unable to remove nonexistent key: ${step}`);
      const { [step]: _, ...rest } = parent as JsonObject;
      return rest;
    },
    null,
  );
}

function changeAt(
  here: Json,
  path: readonly string[],
  change: (parent: Json, step: string) => Json,
  whole: Json,
  depth = 0,
): Json {
  const step = path[depth];
  if (step === undefined) return whole;
  if (here === null || typeof here !== 'object') throw new PatchFailure(`missing path: ${step}`);
  if (depth === path.length - 1) return change(here, step);
  const child = changeAt(readStep(here, step), path, change, whole, depth + 1);
  if (Array.isArray(here)) return (here as readonly Json[]).with(indexOf(step, here.length - 1), child);
  return { ...(here as JsonObject), [step]: child };
}

function indexOf(step: string, last: number): number {
  const index = /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > last) throw new PatchFailure(`invalid index: ${step}`);
  return index;
}
