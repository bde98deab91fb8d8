import type { Instant } from '../../../model/instant.ts';
import { timestamp } from '../../../model/instant.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { compareFields } from './applied-fields.ts';
import type { FieldSet } from './field-set.ts';
import { difference, isEmptySet, union } from './field-set.ts';
import type { FieldShape } from './field-shape.ts';
import { shapeOfSchema, untyped } from './field-shape.ts';
import type { ServedType } from './served-resource.ts';
import { asJson } from './object-json.ts';

/** Who owns which fields: one entry of `metadata.managedFields`. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

export function managersOf(object: KubeObject | undefined): readonly Manager[] {
  return (object?.metadata.managedFields ?? []) as unknown as readonly Manager[];
}

export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  const sorted = managers.filter(({ fieldsV1 }) => !isEmptySet(fieldsV1)).toSorted(compareManagers);
  const managedFields = sorted as unknown as readonly Json[];
  return { ...object, metadata: sorted.length === 0 ? metadata : { ...metadata, managedFields } };
}

/** The shape that server-side apply sees in objects of a type. */
export function shapeOf({ strategy: { schema } }: ServedType): FieldShape {
  return schema === undefined ? untyped : shapeOfSchema(schema);
}

/** What of an object belongs to managers at all: not what the server sets, and only the half that the request writes. */
export function managedPart(object: KubeObject, { strategy, custom }: ServedType, subresource: string): JsonObject {
  const { managedFields: _managers, ...metadata } = object.metadata as unknown as Record<string, Json>;
  for (const field of serverFields) delete metadata[field];
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = asJson(object) as Record<string, Json>;
  if (subresource === 'status') {
    const { spec: _spec, ...written } = rest;
    return custom ? { status: rest['status'] } : withMetadata(metadata, written);
  }
  if (strategy.hasStatus) delete rest['status'];
  return withMetadata(metadata, rest);
}

function withMetadata(metadata: JsonObject, rest: JsonObject): JsonObject {
  return Object.keys(metadata).length === 0 ? rest : { metadata, ...rest };
}

// `stripSet` of k8s.io/apimachinery/pkg/util/managedfields.
const serverFields = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'resourceVersion',
] as const;

/** An update or patch: whoever changes a field owns it from now on, alone. */
export function trackUpdate(
  object: KubeObject,
  old: KubeObject | undefined,
  served: ServedType,
  by: { readonly manager: string; readonly apiVersion: string; readonly subresource: string; readonly now: Instant },
): KubeObject {
  const base: JsonObject = old === undefined ? {} : managedPart(old, served, by.subresource);
  const { changed, removed } = compareFields(base, managedPart(object, served, by.subresource), shapeOf(served));
  const before = managersOf(by.subresource === '' ? givenOrOld(object, old) : old);
  // What nobody is noted for is not tracked before its first apply (`skipnonapplied.go` of k8s.io/apimachinery).
  if (old !== undefined && before.length === 0) return withManagers(object, before);
  if (isEmptySet(changed) && isEmptySet(removed)) return withManagers(object, before);
  const isSelf = (entry: Manager): boolean =>
    entry.manager === by.manager &&
    entry.operation === 'Update' &&
    entry.apiVersion === by.apiVersion &&
    (entry.subresource ?? '') === by.subresource;
  const self = before.find(isSelf);
  const gone = union(changed, removed);
  const others = before
    .filter((entry) => !isSelf(entry))
    .map((entry) => {
      const left = difference(entry.fieldsV1, gone);
      return { ...entry, fieldsV1: left };
    });
  const own: Manager = {
    manager: by.manager,
    operation: 'Update',
    apiVersion: by.apiVersion,
    time: timestamp(by.now),
    fieldsType: 'FieldsV1',
    fieldsV1: union(difference(self?.fieldsV1 ?? {}, removed), changed),
    ...(by.subresource === '' ? {} : { subresource: by.subresource }),
  };
  return withManagers(object, [...others, own]);
}

// An empty list (or one empty entry) in the object resets who owns what; an absent one means what was.
function givenOrOld(object: KubeObject, old: KubeObject | undefined): KubeObject | undefined {
  return object.metadata.managedFields === undefined ? old : isReset(object) ? undefined : object;
}

function isReset({ metadata: { managedFields = [] } }: KubeObject): boolean {
  return (
    managedFields.length === 0 || (managedFields.length === 1 && Object.keys(managedFields[0] as object).length === 0)
  );
}

// `sortEncodedManagedFields`: operation, time, name.
function compareManagers(a: Manager, b: Manager): number {
  const keyA = [a.operation, a.time ?? '', a.manager, a.apiVersion, a.subresource ?? ''];
  const keyB = [b.operation, b.time ?? '', b.manager, b.apiVersion, b.subresource ?? ''];
  for (const [index, part] of keyA.entries()) {
    const other = keyB[index] as string;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
