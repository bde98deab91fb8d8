import { type Json, type JsonObject, isJsonObject } from '../../../model/json.ts';

/**
 * A patched object as a refusal quotes it: evanphx/json-patch, which the server uses, writes what the patch touches by
 * key, and leaves the rest as the server had written it: of built-in kinds metadata in the order of its Go type, of
 * custom resources (without `before`) everything by key.
 */
export function patchedText(patched: JsonObject, before: JsonObject | undefined): string {
  return JSON.stringify(byKey(patched, before, ''));
}

function byKey(value: Json, before: Json | undefined, field: string): Json {
  if (value === before) return field === 'metadata' ? inGoOrder(value) : value;
  if (Array.isArray(value)) {
    const items = Array.isArray(before) ? (before as readonly Json[]) : [];
    return (value as readonly Json[]).map((item, index) => byKey(item, items[index], ''));
  }
  return isJsonObject(value)
    ? sorted(value, (item, key) => byKey(item, isJsonObject(before) ? before[key] : undefined, key))
    : value;
}

function sorted(value: JsonObject, show: (item: Json, key: string) => Json): JsonObject {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return Object.fromEntries(keys.toSorted().map((key) => [key, show(value[key] as Json, key)]));
}

function inGoOrder(metadata: Json): Json {
  if (!isJsonObject(metadata)) return metadata;
  const { managedFields } = metadata;
  const ordered = structure(metadata, metadataFields);
  if (!Array.isArray(managedFields)) return ordered;
  const entries = (managedFields as readonly Json[]).map((entry) => structure(entry as JsonObject, managerFields));
  return { ...ordered, managedFields: entries };
}

function structure(value: JsonObject, fields: readonly string[]): JsonObject {
  const present = fields.filter((field) => value[field] !== undefined);
  return Object.fromEntries(present.map((field) => [field, mapsByKey(value[field] as Json)]));
}

function mapsByKey(value: Json): Json {
  return isJsonObject(value) ? sorted(value, mapsByKey) : value;
}

// `ObjectMeta` and `ManagedFieldsEntry` of k8s.io/apimachinery/pkg/apis/meta/v1.
const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];
const managerFields = ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource'];
