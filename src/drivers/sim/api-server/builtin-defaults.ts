import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject, listAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';

type Defaulting = (object: KubeObject) => KubeObject;

/** What built-in kinds fill in by themselves (`pkg/apis/<group>/v1/defaults.go` of kubernetes/kubernetes), by kind. */
export const builtinDefaults: Readonly<Record<string, Defaulting | undefined>> = {
  CSIDriver: inSpec({
    attachRequired: true,
    podInfoOnMount: false,
    requiresRepublish: false,
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    volumeLifecycleModes: ['Persistent'],
    seLinuxMount: false,
  }),
  Deployment: (object) =>
    podTemplate(
      withStrategy(
        inSpec({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })(inStatus({})(object)),
      ),
    ),
  DaemonSet: (object) => podTemplate(inSpec({ revisionHistoryLimit: 10 })(inStatus(noDaemons)(object))),
  Job: (object) =>
    podTemplate(inSpec({ backoffLimit: 6, completions: 1, parallelism: 1, suspend: false })(inStatus({})(object))),
  Lease: inSpec({}),
  PersistentVolume: (object) =>
    inStatus({ phase: 'Pending' })(
      inSpec({ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })(object),
    ),
  PersistentVolumeClaim: (object) => inStatus({ phase: 'Pending' })(inSpec({ volumeMode: 'Filesystem' })(object)),
  Pod: defaultPod,
  ReplicaSet: (object) => podTemplate(inSpec({ replicas: 1 })(inStatus({ replicas: 0 })(object))),
  StatefulSet: (object) =>
    podTemplate(
      inSpec({ replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' })(
        inStatus({ replicas: 0, availableReplicas: 0 })(object),
      ),
    ),
  Secret: (object) => filled(object, { type: 'Opaque' }),
  Service: inSpec({ type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' }),
  StorageClass: (object) => filled(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
};

/** Numbers of a DaemonSet's status that are written though they are zero. */
const noDaemons: JsonObject = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

/** Fields that are written though they hold nothing, by kind: nobody comes to own them. */
export const writtenThoughEmpty: Readonly<Record<string, JsonObject | undefined>> = {
  Event: {
    eventTime: null,
    firstTimestamp: null,
    lastTimestamp: null,
    reportingComponent: '',
    reportingInstance: '',
    source: {},
  },
};

/** The target with the missing ones of these fields; the target itself when none is missing. */
export function filled<T extends object>(target: T, fields: JsonObject): T {
  const present = target as Readonly<Record<string, unknown>>;
  const missing = Object.entries(fields).filter(([field]) => present[field] === undefined);
  return missing.length === 0 ? target : { ...target, ...Object.fromEntries(missing) };
}

function inSpec(fields: JsonObject): Defaulting {
  return (object) => {
    const spec = filled(objectAt(object, 'spec'), fields);
    return spec === object.spec ? object : { ...object, spec };
  };
}

function inStatus(fields: JsonObject): Defaulting {
  return (object) => {
    const status = object.status === undefined ? fields : filled(object.status, fields);
    return status === object.status ? object : { ...object, status };
  };
}

// `SetDefaults_Deployment`: only a rolling update has limits.
function withStrategy(object: KubeObject): KubeObject {
  const before = objectAt(object, 'spec', 'strategy');
  let strategy = filled(before, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate') {
    const limits = objectAt(strategy, 'rollingUpdate');
    const rollingUpdate = filled(limits, { maxUnavailable: '25%', maxSurge: '25%' });
    if (rollingUpdate !== limits) strategy = { ...strategy, rollingUpdate };
  }
  return strategy === before ? object : { ...object, spec: { ...object.spec, strategy } };
}

function podTemplate(object: KubeObject): KubeObject {
  const template = objectAt(object, 'spec', 'template');
  const spec = defaultPodSpec(objectAt(template, 'spec'));
  if (spec === template['spec']) return object;
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

function defaultPod(object: KubeObject): KubeObject {
  const spec = defaultPodSpec(filled(objectAt(object, 'spec'), { enableServiceLinks: true }));
  return spec === object.spec ? object : { ...object, spec };
}

function defaultPodSpec(given: JsonObject): JsonObject {
  const spec = filled(given, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  return eachItem(
    eachItem(eachItem(spec, 'containers', defaultContainer), 'initContainers', defaultContainer),
    'volumes',
    defaultVolume,
  );
}

function defaultContainer(container: JsonObject): JsonObject {
  const image = textAt(container, 'image') ?? '';
  const latest = image !== '' && (!/[:@][^/]*$/.test(image) || image.endsWith(':latest'));
  return eachItem(
    filled(container, {
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    }),
    'ports',
    (port) => filled(port, { protocol: 'TCP' }),
  );
}

function defaultVolume(volume: JsonObject): JsonObject {
  const sources = Object.keys(volume).filter((field) => field !== 'name');
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  const mode = { configMap: 0o644, secret: 0o644, projected: 0o644, downwardAPI: 0o644 } as const;
  const source = sources[0] as keyof typeof mode;
  const body = volume[source];
  if (mode[source] === undefined || !isJsonObject(body)) return volume;
  const withMode = filled(body, { defaultMode: mode[source] });
  return withMode === body ? volume : { ...volume, [source]: withMode };
}

function eachItem(owner: JsonObject, field: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = listAt(owner, field);
  const changed = items.map((item): Json => (isJsonObject(item) ? change(item) : item));
  return changed.every((item, index) => item === items[index]) ? owner : { ...owner, [field]: changed };
}
