import { type Instant, timestamp } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import { flagAt, listAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { encodeBase64 } from './base64.ts';
import type { Strategy } from './served-resource.ts';

/** What the strategies of built-in kinds do to an object before it is stored, by kind. */
export const builtinPreparation: Readonly<
  Record<string, Pick<Strategy, 'prepareCreate' | 'prepareUpdate' | 'prepareStatus'> | undefined>
> = {
  Namespace: { prepareCreate: prepareNamespace },
  PersistentVolume: { prepareCreate: prepareVolume, prepareStatus: withTransitionTime },
  Pod: { prepareCreate: preparePod, prepareUpdate: withDefaultTolerations, prepareStatus: withOwnersAndQuality },
  VolumeAttachment: { prepareCreate: (object) => ({ ...object, status: { attached: false } }) },
};

function prepareVolume(object: KubeObject): KubeObject {
  return { ...object, status: { phase: 'Pending', lastPhaseTransitionTime: object.metadata.creationTimestamp ?? '' } };
}

// `persistentvolumeStatusStrategy`: the time of the last change of phase is kept, and is now when the phase changes.
function withTransitionTime(object: KubeObject, old: KubeObject, now: Instant): KubeObject {
  const before = objectAt(old, 'status');
  const status = objectAt(object, 'status');
  const { lastPhaseTransitionTime } = status;
  const isSame = lastPhaseTransitionTime === undefined || lastPhaseTransitionTime === before['lastPhaseTransitionTime'];
  if (!isSame) return object;
  const time = status['phase'] === before['phase'] ? before['lastPhaseTransitionTime'] : timestamp(now);
  if (time === lastPhaseTransitionTime || time === undefined) return object;
  return { ...object, status: { ...status, lastPhaseTransitionTime: time } };
}

function prepareNamespace(object: KubeObject): KubeObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { ...object.spec, finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

// Admission plugins DefaultTolerationSeconds, Priority and ServiceAccount, and the quality of service that the strategy computes.
function preparePod(object: KubeObject): KubeObject {
  const given = objectAt(object, 'spec');
  const account = textAt(given, 'serviceAccountName') ?? textAt(given, 'serviceAccount') ?? 'default';
  const spec: JsonObject = {
    ...objectAt(withDefaultTolerations(object), 'spec'),
    serviceAccountName: account,
    serviceAccount: account,
    priority: given['priority'] ?? 0,
    preemptionPolicy: given['preemptionPolicy'] ?? 'PreemptLowerPriority',
  };
  return { ...object, spec, status: { phase: 'Pending', qosClass: qualityOfService(spec) } };
}

// `podStatusStrategy`: owners stay, and nobody can leave out what was computed at creation.
function withOwnersAndQuality(object: KubeObject, old: KubeObject): KubeObject {
  const quality = textAt(object, 'status', 'qosClass') ?? textAt(old, 'status', 'qosClass');
  const { ownerReferences } = old.metadata;
  const keepsOwners = object.metadata.ownerReferences === ownerReferences;
  if (keepsOwners && (quality === undefined || quality === textAt(object, 'status', 'qosClass'))) return object;
  const { ownerReferences: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: keepsOwners ? object.metadata : { ...metadata, ...(ownerReferences && { ownerReferences }) },
    status: { ...object.status, ...(quality === undefined ? {} : { qosClass: quality }) },
  };
}

// DefaultTolerationSeconds acts on updates too.
function withDefaultTolerations(object: KubeObject): KubeObject {
  const tolerations = listAt(object, 'spec', 'tolerations');
  const missing = ['not-ready', 'unreachable']
    .map((condition) => `node.kubernetes.io/${condition}`)
    .filter((key) => !tolerations.some((item) => tolerates(item as JsonObject, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  if (missing.length === 0) return object;
  return { ...object, spec: { ...object.spec, tolerations: [...tolerations, ...missing] } };
}

function tolerates(toleration: JsonObject, key: string): boolean {
  const effect = textAt(toleration, 'effect');
  return (
    (toleration['key'] === undefined || toleration['key'] === key) && (effect === undefined || effect === 'NoExecute')
  );
}

// `ComputePodQOS` of pkg/apis/core/helper/qos, for cpu and memory.
function qualityOfService(spec: JsonObject): string {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  let any = false;
  let guaranteed = containers.length > 0;
  for (const container of containers) {
    for (const resource of ['cpu', 'memory']) {
      const limit = textAt(container, 'resources', 'limits', resource);
      const request = textAt(container, 'resources', 'requests', resource) ?? limit;
      if (request !== undefined) any = true;
      if (limit === undefined || request !== limit) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** A Secret whose `stringData` has become data, which it does when it is decoded. */
export function withoutTexts(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (stringData === undefined) return object;
  const data: Record<string, string> = { ...(object['data'] as Record<string, string> | undefined) };
  for (const [key, text] of Object.entries(stringData as Record<string, string>)) data[key] = encodeBase64(text);
  return { ...rest, data };
}

/** True for a Secret or ConfigMap that may not change any more. */
export function isImmutable(object: KubeObject): boolean {
  return flagAt(object, 'immutable') === true;
}
