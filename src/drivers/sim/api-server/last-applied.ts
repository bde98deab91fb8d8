import { type Json, isJsonObject } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { apiVersionOf } from '../../../model/kube.ts';
import { compareFields, fieldsOf } from './applied-fields.ts';
import { difference, noFields } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { managedPart, shapeOf } from './managed-fields.ts';
import { asJson } from './object-json.ts';
import type { ServedType } from './served-resource.ts';

/** Where kubectl's client-side apply keeps its configuration. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The fields of an object that kubectl applied client-side and nobody changed since: a server-side apply by kubectl takes
 * them over without a conflict (`lastappliedmanager.go` of k8s.io/apimachinery).
 */
export function fieldsLastApplied(live: KubeObject, served: ServedType): FieldSet {
  const text = live.metadata.annotations?.[annotation] ?? '';
  const applied = text === '' ? undefined : parsed(text);
  if (applied?.apiVersion !== apiVersionOf(served.type)) return noFields;
  const shape = shapeOf(served);
  const part = managedPart(applied, served, '');
  const { changed, removed } = compareFields(part, managedPart(live, served, ''), shape);
  return difference(difference(fieldsOf(part, shape), changed), removed);
}

/** The object with kubectl's annotation, where it has one, as kubectl's server-side apply leaves it (`lastappliedupdater.go`). */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { annotations = {} } = object.metadata;
  if ((annotations[annotation] ?? '') === '') return object;
  const { [annotation]: _, ...kept } = config.metadata.annotations ?? {};
  const hasOthers = config.metadata.annotations !== undefined;
  const { annotations: _all, ...metadata } = config.metadata;
  const text = textOf({ ...config, metadata: hasOthers ? { ...metadata, annotations: kept } : metadata });
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [annotation]: text } } };
}

function parsed(text: string): KubeObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) && isJsonObject(value['metadata']) ? (value as unknown as KubeObject) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(config: KubeObject): string {
  return `${JSON.stringify(byKey(asJson(config)))}\n`;
}

function byKey(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(byKey);
  if (!isJsonObject(value)) return value;
  const shown: Record<string, Json> = {};
  for (const key of Object.keys(value).toSorted()) {
    const item = value[key];
    if (item !== undefined) shown[key] = byKey(item);
  }
  return shown;
}
