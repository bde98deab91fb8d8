import type { JsonObject } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { decodeBuiltin } from './builtin-decoding.ts';
import { builtinSchema } from './builtin-schema.ts';
import { asJson, asObject } from './object-json.ts';
import { builtinDefaults, filled, writtenThoughEmpty } from './builtin-defaults.ts';
import { builtinValidation } from './builtin-validation.ts';
import { builtinPreparation, withoutTexts } from './builtin-preparation.ts';
import type { Strategy } from './served-resource.ts';

const counting: ReadonlySet<string> = new Set([
  'CustomResourceDefinition',
  'DaemonSet',
  'Deployment',
  'Job',
  'Pod',
  'PodDisruptionBudget',
  'PriorityClass',
  'ReplicaSet',
  'StatefulSet',
]);

/** `AllowUnconditionalUpdate` false in the kind's strategy. */
const conditionalOnly: ReadonlySet<string> = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'Lease',
  'PodDisruptionBudget',
  'VolumeAttachment',
]);

/** `AllowCreateOnUpdate` true. */
const createdByUpdate: ReadonlySet<string> = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'Endpoints',
  'Event',
  'Lease',
  'LimitRange',
  'Role',
  'RoleBinding',
]);

/** `ReturnDeletedObject` true in the kind's storage. */
const answeredWhenDeleted: ReadonlySet<string> = new Set([
  'CSIDriver',
  'CSINode',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'ResourceQuota',
  'Service',
  'ServiceAccount',
  'StorageClass',
  'VolumeAttachment',
]);

const selectable: Readonly<Record<string, readonly string[]>> = {
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  Job: ['status.successful'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  ReplicaSet: ['status.replicas'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
};

/** RBAC names may hold anything that fits into a path segment; Namespaces and Services are DNS labels. */
const nameRules: Readonly<Record<string, Strategy['nameRule']>> = {
  ClusterRole: 'path',
  ClusterRoleBinding: 'path',
  Namespace: 'label',
  Role: 'path',
  RoleBinding: 'path',
  Service: 'label',
};

/** How a built-in kind is written. */
export function builtinStrategy({ kind }: ResourceType, hasStatus: boolean): Strategy {
  const defaults = builtinDefaults[kind];
  const validate = builtinValidation[kind];
  const preparation = builtinPreparation[kind];
  return {
    hasStatus,
    countsGeneration: counting.has(kind),
    unconditionalUpdate: !conditionalOnly.has(kind),
    createsOnUpdate: createdByUpdate.has(kind),
    returnsDeleted: answeredWhenDeleted.has(kind),
    selectableFields: selectable[kind] ?? [],
    nameRule: nameRules[kind] ?? 'subdomain',
    ...(defaults === undefined
      ? {}
      : { defaults: (object, old) => (keepsSpec(object, old) ? object : defaults(object)) }),
    ...(validate === undefined ? {} : { validate }),
    ...preparation,
    ...fillingIn(writtenThoughEmpty[kind]),
    ...decoding(kind),
  };
}

function fillingIn(fields: JsonObject | undefined): Pick<Strategy, 'defaults' | 'prepareCreate'> {
  if (fields === undefined) return {};
  return {
    defaults: (object, old) => (old === undefined ? object : filled(object, fields)),
    prepareCreate: (object) => filled(object, fields),
  };
}

function decoding(kind: string): Pick<Strategy, 'schema' | 'prune'> {
  const schema = builtinSchema(kind);
  if (schema === undefined) return {};
  return {
    schema,
    prune: (object, old, unknown) => {
      const before = old === undefined ? undefined : asJson(old);
      const decoded = asObject(decodeBuiltin(asJson(object), schema, before, unknown));
      return kind === 'Secret' ? withoutTexts(decoded) : decoded;
    },
  };
}

// A spec that is the old one, as an object, has its defaults already; a status that went away has not.
function keepsSpec(object: KubeObject, old: KubeObject | undefined): boolean {
  if (old === undefined || object.spec === undefined || object.spec !== old.spec) return false;
  return object.status !== undefined || old.status === undefined;
}
