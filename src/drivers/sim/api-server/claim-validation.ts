import type { Json, JsonObject } from '../../../model/json.ts';
import { listAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { quantityValue } from './quantity.ts';
import { sameJson } from './same-json.ts';
import type { FieldError } from './status-errors.ts';
import { unifiedDiff } from './unified-diff.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** What is wrong with a PersistentVolumeClaim (`pkg/apis/core/validation/validation.go` of kubernetes/kubernetes). */
export function validateClaim(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const spec = objectAt(object, 'spec');
  if (listAt(spec, 'accessModes').length === 0) {
    errors.push({ type: 'Required', field: 'spec.accessModes', detail: 'at least 1 access mode is required' });
  }
  errors.push(...unknownModes(spec));
  const size = textAt(spec, 'resources', 'requests', 'storage');
  if (size === undefined) {
    errors.push({ type: 'Required', field: 'spec.resources[storage]', detail: '' });
  } else if (quantityValue(size) <= 0) {
    errors.push({
      type: 'Invalid',
      field: 'spec.resources[storage]',
      value: size,
      detail: 'must be greater than zero',
    });
  }
  const mode = textAt(spec, 'volumeMode');
  if (mode !== undefined && mode !== 'Block' && mode !== 'Filesystem') {
    const detail = 'supported values: "Block", "Filesystem"';
    errors.push({ type: 'NotSupported', field: 'spec.volumeMode', value: mode, detail });
  }
  return old === undefined ? errors : [...errors, ...changedClaim(object, old)];
}

/** Access modes that nobody knows, of a claim or a volume. */
export function unknownModes(spec: JsonObject): readonly FieldError[] {
  return listAt(spec, 'accessModes')
    .filter((mode) => !accessModes.some((known) => known === mode))
    .map((value) => ({
      type: 'NotSupported',
      field: 'spec.accessModes',
      value,
      detail: `supported values: ${accessModes.map((item) => JSON.stringify(item)).join(', ')}`,
    }));
}

const claimRule =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

// `ValidatePersistentVolumeClaimUpdate`.
function changedClaim(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const spec = objectAt(object, 'spec');
  const before = objectAt(old, 'spec');
  if (spec === before) return [];
  const bound = textAt(old, 'status', 'phase') === 'Bound';
  // `validateStorageClassUpgradeFromNil`: a claim without a class may get one, the one of its annotation if it has that.
  const annotated = old.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  const mayTakeClass =
    before['storageClassName'] === undefined && (annotated === undefined || spec['storageClassName'] === annotated);
  const comparable: JsonObject = {
    ...spec,
    ...(mayTakeClass ? { storageClassName: undefined } : {}),
    ...(textAt(before, 'volumeName') === undefined ? { volumeName: before['volumeName'] } : {}),
    ...(bound
      ? { resources: before['resources'], volumeAttributesClassName: before['volumeAttributesClassName'] }
      : {}),
  };
  const errors: FieldError[] = [];
  if (!sameJson(comparable, before)) {
    const difference = unifiedDiff(goText(before), goText(comparable));
    errors.push({ type: 'Forbidden', field: 'spec', detail: `${claimRule}\n${difference}` });
  }
  const size = quantityValue(textAt(spec, 'resources', 'requests', 'storage') ?? '0');
  const sizeBefore = quantityValue(textAt(before, 'resources', 'requests', 'storage') ?? '0');
  const capacity = quantityValue(textAt(old, 'status', 'capacity', 'storage') ?? '0');
  if (size < sizeBefore && size <= capacity) {
    const field = 'spec.resources.requests.storage';
    errors.push({ type: 'Forbidden', field, detail: 'field can not be less than status.capacity' });
  }
  return [...errors, ...changedMode(spec, before)];
}

function changedMode(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  if (spec['volumeMode'] === before['volumeMode']) return [];
  return [{ type: 'Invalid', field: 'volumeMode', value: spec['volumeMode'], detail: 'field is immutable' }];
}

// The spec as the server's internal Go type prints itself: every field, in its order, with its Go name.
function goText(spec: JsonObject): string {
  const orNull = (value: Json | undefined): Json => value ?? null;
  const reference = (field: string): Json => {
    const { apiGroup, kind, name, namespace } = objectAt(spec, field);
    if (spec[field] === undefined) return null;
    const head = { APIGroup: orNull(apiGroup), Kind: kind ?? '', Name: name ?? '' };
    return field === 'dataSource' ? head : { ...head, Namespace: orNull(namespace) };
  };
  const internal = {
    AccessModes: orNull(spec['accessModes']),
    Selector: orNull(spec['selector']),
    Resources: {
      Limits: orNull(objectAt(spec, 'resources')['limits']),
      Requests: orNull(objectAt(spec, 'resources')['requests']),
    },
    VolumeName: spec['volumeName'] ?? '',
    StorageClassName: orNull(spec['storageClassName']),
    VolumeMode: orNull(spec['volumeMode']),
    DataSource: reference('dataSource'),
    DataSourceRef: reference('dataSourceRef'),
    VolumeAttributesClassName: orNull(spec['volumeAttributesClassName']),
  };
  return JSON.stringify(internal, null, 1);
}
