import { listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { Json } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { unknownModes, validateClaim } from './claim-validation.ts';
import { containersProblems, validatePod } from './pod-validation.ts';
import { validateDefinition } from './crd-validation.ts';
import { isImmutable } from './builtin-preparation.ts';
import { sameJson } from './same-json.ts';
import type { FieldError } from './status-errors.ts';

type Validation = (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];

/** What built-in kinds refuse (`pkg/apis/<group>/validation` of kubernetes/kubernetes), as far as the world needs it. */
export const builtinValidation: Readonly<Record<string, Validation | undefined>> = {
  ConfigMap: validateData,
  CustomResourceDefinition: validateDefinition,
  Deployment: validateWorkload,
  Event: validateEvent,
  Lease: validateLease,
  PersistentVolume: validateVolume,
  PersistentVolumeClaim: validateClaim,
  Pod: validatePod,
  ClusterRoleBinding: validateBinding,
  ReplicaSet: validateWorkload,
  RoleBinding: validateBinding,
  Secret: validateSecret,
  StorageClass: validateStorageClass,
  VolumeAttachment: validateAttachment,
};

const required = (field: string, detail = ''): FieldError => ({ type: 'Required', field, detail });
const forbidden = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail });
const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  value,
  detail,
});
const immutable = (field: string, value: unknown): FieldError => invalid(field, value, 'field is immutable');

const unsupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'NotSupported',
  field,
  value,
  detail: `supported values: ${supported.map((item) => JSON.stringify(item)).join(', ')}`,
});

function validateData(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  return [...wrongKeys(object), ...immutableData(object, old)];
}

function wrongKeys(object: KubeObject): readonly FieldError[] {
  const keys = Object.keys({ ...(object['data'] as object), ...(object['binaryData'] as object) });
  const wrong = keys.filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key));
  return wrong.map((key) => invalid(`data[${key}]`, key, configKeyText));
}

const configKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function immutableData(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old === undefined || !isImmutable(old)) return [];
  const errors: FieldError[] = [];
  const why = 'field is immutable when `immutable` is set';
  if (!isImmutable(object)) errors.push(forbidden('immutable', why));
  if (!sameJson(object['data'] ?? {}, old['data'] ?? {})) errors.push(forbidden('data', why));
  if (!sameJson(object['binaryData'] ?? {}, old['binaryData'] ?? {})) errors.push(forbidden('binaryData', why));
  return errors;
}

function validateSecret(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors = [...wrongKeys(object), ...immutableData(object, old)];
  if (old !== undefined && object['type'] !== old['type']) errors.push(immutable('type', object['type']));
  return errors;
}

/** Fields of a PersistentVolume's spec that are not its source. */
const volumeFields: ReadonlySet<string> = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

function sourceOf(volume: KubeObject): Readonly<Record<string, Json | undefined>> {
  return Object.fromEntries(Object.entries(objectAt(volume, 'spec')).filter(([field]) => !volumeFields.has(field)));
}

function validateVolume(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const spec = objectAt(object, 'spec');
  const modes = listAt(spec, 'accessModes');
  if (modes.length === 0) errors.push(required('spec.accessModes'));
  errors.push(...unknownModes(spec));
  if (objectAt(spec, 'capacity')['storage'] === undefined) {
    errors.push(required('spec.capacity'), unsupported('spec.capacity', null, ['storage']));
  }
  const sources = Object.keys(sourceOf(object));
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  if (spec['csi'] !== undefined) {
    if (textAt(spec, 'csi', 'driver') === undefined) errors.push(required('spec.csi.driver'));
    if (textAt(spec, 'csi', 'volumeHandle') === undefined) errors.push(required('spec.csi.volumeHandle'));
  }
  const policy = textAt(spec, 'persistentVolumeReclaimPolicy');
  const policies = ['Delete', 'Recycle', 'Retain'];
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(unsupported('spec.persistentVolumeReclaimPolicy', policy, policies));
  }
  if (old === undefined || spec === old.spec) return errors;
  if (!sameJson(sourceOf(object), sourceOf(old))) {
    errors.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  }
  if (!sameJson(spec['volumeMode'], objectAt(old, 'spec')['volumeMode']))
    errors.push(immutable('volumeMode', spec['volumeMode']));
  const affinityBefore = objectAt(old, 'spec')['nodeAffinity'];
  if (affinityBefore !== undefined && !sameJson(spec['nodeAffinity'], affinityBefore)) {
    errors.push(immutable('spec.nodeAffinity', spec['nodeAffinity']));
  }
  return errors;
}

function validateStorageClass(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old === undefined) return newStorageClass(object);
  const errors = [...newStorageClass(object)];
  const same = (field: string): boolean => sameJson(object[field], old[field]);
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
    if (!same(field)) errors.push(immutable(field, object[field] ?? (field === 'provisioner' ? '' : undefined)));
  }
  return errors;
}

function newStorageClass(object: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((textAt(object, 'provisioner') ?? '') === '') errors.push(required('provisioner'));
  const policy = textAt(object, 'reclaimPolicy') ?? '';
  const policies = ['Delete', 'Retain'];
  if (policy !== '' && !policies.includes(policy)) errors.push(unsupported('reclaimPolicy', policy, policies));
  const mode = textAt(object, 'volumeBindingMode');
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (mode !== undefined && !modes.includes(mode)) errors.push(unsupported('volumeBindingMode', mode, modes));
  return errors;
}

function validateAttachment(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old !== undefined) return sameJson(object.spec, old.spec) ? [] : [immutable('spec', object.spec)];
  const errors: FieldError[] = [];
  if (textAt(object, 'spec', 'attacher') === undefined) errors.push(required('spec.attacher'));
  if (textAt(object, 'spec', 'nodeName') === undefined) errors.push(required('spec.nodeName'));
  return errors;
}

function validateLease(object: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const duration = objectAt(object, 'spec')['leaseDurationSeconds'];
  if (typeof duration === 'number' && duration <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  const transitions = objectAt(object, 'spec')['leaseTransitions'];
  if (typeof transitions === 'number' && transitions < 0) {
    errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return errors;
}

function validateBinding(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  if (old === undefined || sameJson(object['roleRef'], old['roleRef'])) return [];
  const { apiGroup = '', kind = '', name = '' } = objectAt(object, 'roleRef');
  return [invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')];
}

function validateEvent(object: KubeObject): readonly FieldError[] {
  const value = textAt(object, 'involvedObject', 'namespace') ?? '';
  const { namespace } = object.metadata;
  if (value === namespace || (value === '' && namespace === 'default')) return [];
  return [invalid('involvedObject.namespace', value, 'does not match event.namespace')];
}

function validateWorkload(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (old !== undefined && object.spec === old.spec) return errors;
  const replicas = numberAt(object, 'spec', 'replicas') ?? 0;
  if (replicas < 0) errors.push(invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  const selector = objectAt(object, 'spec')['selector'];
  if (selector === undefined) errors.push(required('spec.selector'));
  const wanted = objectAt(selector, 'matchLabels');
  const labels = objectAt(object, 'spec', 'template', 'metadata')['labels'];
  if (selector === undefined || Object.keys(wanted).some((key) => objectAt(labels)[key] !== wanted[key])) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  errors.push(...containersProblems(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec'));
  const strategy = objectAt(object, 'spec', 'strategy');
  if (strategy['type'] === 'Recreate' && strategy['rollingUpdate'] !== undefined) {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    errors.push(forbidden('spec.strategy.rollingUpdate', why));
  }
  if (old !== undefined && !sameJson(selector, objectAt(old, 'spec')['selector']))
    errors.push(immutable('spec.selector', selector));
  return errors;
}
