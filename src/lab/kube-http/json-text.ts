import { type Json, isJsonObject } from '../../model/json.ts';

const texts = new WeakMap<object, string>();

/**
 * JSON text of an answer. Stored objects are frozen and shared, so each is written once: alone, or as an item of a list.
 */
export function jsonTextOf(body: Json): string {
  if (
    !isJsonObject(body) ||
    !Array.isArray(body.items) ||
    typeof body.kind !== 'string' ||
    !body.kind.endsWith('List')
  ) {
    return JSON.stringify(body);
  }
  const { items, ...head } = body;
  const opening = JSON.stringify({ ...head, items: [] }).slice(0, -2);
  return `${opening}${(items as readonly Json[]).map(objectText).join(',')}]}`;
}

/** JSON text of one stored object, kept for as long as the object lives. */
export function objectText(object: Json): string {
  if (object === null || typeof object !== 'object') return JSON.stringify(object);
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}
