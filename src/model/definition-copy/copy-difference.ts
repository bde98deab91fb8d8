import { flagAt, isSameJson, type JsonObject, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { bytesOf } from '../quantity.ts';
import { originalRunStrategyAnnotation } from '../virtual-machine.ts';
import { copiedFromLabel, sourceGenerationAnnotation } from './marks.ts';
import { type Difference, differenceOf } from './merge-difference.ts';
import { virtualMachineDifference } from './virtual-machine-difference.ts';

/** Where an existing object differs from a copy: what a patch can change, and what is fixed since its creation. */
export interface CopyDifference extends Difference {
  readonly fixed: readonly string[];
}

/**
 * The difference by kind. Power fields, our marks, and labels and annotations that only the existing object has do not count:
 * others may have put them there.
 */
export function copyDifferenceOf(existing: KubeObject, copy: KubeObject): CopyDifference {
  const metadata = metadataDifference(existing, copy);
  const content = contentDifference(existing, copy);
  return {
    patch: { ...(metadata.paths.length === 0 ? {} : { metadata: metadata.patch }), ...content.patch },
    paths: [...metadata.paths, ...content.paths],
    fixed: content.fixed,
  };
}

function contentDifference(existing: KubeObject, copy: KubeObject): CopyDifference {
  switch (copy.kind) {
    case 'VirtualMachine':
      return { ...virtualMachineDifference(existing, copy), fixed: [] };
    case 'PersistentVolume':
      return volumeDifference(existing, copy);
    case 'PersistentVolumeClaim':
      return claimDifference(existing, copy);
    default:
      return dataDifference(existing, copy);
  }
}

const marks: ReadonlySet<string> = new Set([
  copiedFromLabel,
  sourceGenerationAnnotation,
  originalRunStrategyAnnotation,
]);

function metadataDifference(existing: KubeObject, copy: KubeObject): Difference {
  return differenceOf(comparedMetadata(existing), comparedMetadata(copy), 'metadata', () => true);
}

function comparedMetadata(object: KubeObject): JsonObject {
  return { labels: withoutMarks(object.metadata.labels), annotations: withoutMarks(object.metadata.annotations) };
}

function withoutMarks(map: Readonly<Record<string, string>> = {}): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !marks.has(key)));
}

/** Of a volume, the reclaim policy, the size (upwards) and the mount options may change; what it is may not. */
function volumeDifference(existing: KubeObject, copy: KubeObject): CopyDifference {
  const fixed = [
    ...differenceOf(objectAt(existing, 'spec', 'csi'), objectAt(copy, 'spec', 'csi'), 'spec.csi', () => true).paths,
    ...differingFields(existing, copy, ['volumeMode', 'accessModes', 'storageClassName']),
  ];
  const wanted = {
    ...pickFields(copy, ['persistentVolumeReclaimPolicy', 'mountOptions']),
    ...(isLarger(copy, existing, 'capacity') ? { capacity: objectAt(copy, 'spec', 'capacity') } : {}),
  };
  return { ...specDifference(existing, wanted), fixed };
}

/** Of a claim, only the requested size may change, and only upwards. */
function claimDifference(existing: KubeObject, copy: KubeObject): CopyDifference {
  const fixed = differingFields(existing, copy, ['volumeName', 'volumeMode', 'accessModes', 'storageClassName']);
  const grown = isLarger(copy, existing, 'resources', 'requests');
  return { ...specDifference(existing, grown ? { resources: objectAt(copy, 'spec', 'resources') } : {}), fixed };
}

/** Of a Secret or ConfigMap everything may change but a Secret's type, and nothing once it is marked immutable. */
function dataDifference(existing: KubeObject, copy: KubeObject): CopyDifference {
  const data = differenceOf(contentOf(existing), contentOf(copy), '', () => false);
  const type = isSameJson(textAt(existing, 'type'), textAt(copy, 'type')) ? [] : ['type'];
  if (flagAt(existing, 'immutable') === true) return { patch: {}, paths: [], fixed: [...type, ...data.paths] };
  return { ...data, fixed: type };
}

function contentOf(object: KubeObject): JsonObject {
  const { data, binaryData, immutable } = object as unknown as JsonObject;
  return { data, binaryData, immutable };
}

function specDifference(existing: KubeObject, wanted: JsonObject): Difference {
  const { patch, paths } = differenceOf(objectAt(existing, 'spec'), wanted, 'spec', () => true);
  return { patch: paths.length === 0 ? {} : { spec: patch }, paths };
}

function differingFields(existing: KubeObject, copy: KubeObject, fields: readonly string[]): readonly string[] {
  return fields
    .filter((field) => copy.spec?.[field] !== undefined && !isSameJson(existing.spec?.[field], copy.spec[field]))
    .map((field) => `spec.${field}`);
}

function pickFields(object: KubeObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.map((field) => [field, object.spec?.[field]]));
}

function isLarger(copy: KubeObject, existing: KubeObject, ...path: readonly string[]): boolean {
  const wanted = bytesOf(textAt(copy, 'spec', ...path, 'storage') ?? '');
  const present = bytesOf(textAt(existing, 'spec', ...path, 'storage') ?? '');
  return wanted !== undefined && (present === undefined || wanted > present);
}
