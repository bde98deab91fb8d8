import { type Json, at, flagAt, listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { ageOf } from './age.ts';
import type { Printer } from './printer.ts';

// Columns and cells as `pkg/printers/internalversion/printers.go` of kubernetes/kubernetes writes them.

const none = '<none>';
const unset = '<unset>';

const isTerminating = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** Number of entries below the given fields of the object. */
const countOf = (object: KubeObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0);

export const namespacePrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'status', 'phase') ?? '',
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const secretPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'type') ?? '',
    countOf(object, 'data'),
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const configMapPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    countOf(object, 'data', 'binaryData'),
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const serviceAccountPrinter: Printer = {
  cells: (object, now) => [object.metadata.name, ageOf(object.metadata.creationTimestamp, now)],
};

export const servicePrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'type') ?? 'ClusterIP',
    textAt(object, 'spec', 'clusterIP') ?? none,
    none,
    listAt(object, 'spec', 'ports').map(servicePort).join(',') || none,
    ageOf(object.metadata.creationTimestamp, now),
    selectorText(objectAt(object, 'spec', 'selector')),
  ],
};

function servicePort(port: Json): string {
  const nodePort = numberAt(port, 'nodePort');
  const outside = nodePort === undefined || nodePort === 0 ? '' : `:${nodePort}`;
  return `${numberAt(port, 'port') ?? 0}${outside}/${textAt(port, 'protocol') ?? 'TCP'}`;
}

/** `a=b,c=d`, or `<none>`. */
export function selectorText(labels: Readonly<Record<string, unknown>>): string {
  const pairs = Object.keys(labels)
    .toSorted()
    .map((key) => `${key}=${String(labels[key])}`);
  return pairs.length === 0 ? none : pairs.join(',');
}

export const persistentVolumePrinter: Printer = {
  cells: (object, now) => {
    const claim = objectAt(object, 'spec', 'claimRef');
    return [
      object.metadata.name,
      textAt(object, 'spec', 'capacity', 'storage') ?? '0',
      accessModesText(listAt(object, 'spec', 'accessModes')),
      textAt(object, 'spec', 'persistentVolumeReclaimPolicy') ?? '',
      isTerminating(object) ? 'Terminating' : (textAt(object, 'status', 'phase') ?? ''),
      claim.name === undefined ? '' : `${textAt(claim, 'namespace') ?? ''}/${textAt(claim, 'name') ?? ''}`,
      storageClassOf(object),
      textAt(object, 'spec', 'volumeAttributesClassName') ?? unset,
      textAt(object, 'status', 'reason') ?? '',
      ageOf(object.metadata.creationTimestamp, now),
      textAt(object, 'spec', 'volumeMode') ?? unset,
    ];
  },
};

export const persistentVolumeClaimPrinter: Printer = {
  cells: (object, now) => {
    const volume = textAt(object, 'spec', 'volumeName') ?? '';
    const isAssigned = volume !== '';
    return [
      object.metadata.name,
      isTerminating(object) ? 'Terminating' : (textAt(object, 'status', 'phase') ?? ''),
      volume,
      isAssigned ? (textAt(object, 'status', 'capacity', 'storage') ?? '0') : '',
      isAssigned ? accessModesText(listAt(object, 'status', 'accessModes')) : '',
      storageClassOf(object),
      textAt(object, 'spec', 'volumeAttributesClassName') ?? unset,
      ageOf(object.metadata.creationTimestamp, now),
      textAt(object, 'spec', 'volumeMode') ?? unset,
    ];
  },
};

function storageClassOf(object: KubeObject): string {
  const annotation = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return annotation ?? textAt(object, 'spec', 'storageClassName') ?? '';
}

const accessModes: readonly (readonly [string, string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModesText(modes: readonly Json[]): string {
  return accessModes
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

export const nodePrinter: Printer = {
  cells: (object, now) => {
    const info = objectAt(object, 'status', 'nodeInfo');
    const known = (field: string): string => textAt(info, field) || '<unknown>';
    return [
      object.metadata.name,
      nodeStatus(object),
      nodeRoles(object.metadata.labels ?? {}),
      ageOf(object.metadata.creationTimestamp, now),
      textAt(info, 'kubeletVersion') ?? '',
      addressOf(object, 'InternalIP'),
      addressOf(object, 'ExternalIP'),
      known('osImage'),
      known('kernelVersion'),
      known('containerRuntimeVersion'),
    ];
  },
};

function nodeStatus(node: KubeObject): string {
  const ready = listAt(node, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const state = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return flagAt(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(labels: Readonly<Record<string, string>>): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return key.length > prefix.length ? [key.slice(prefix.length)] : [];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.length === 0 ? none : [...new Set(roles)].toSorted().join(',');
}

function addressOf(node: KubeObject, type: string): string {
  const address = listAt(node, 'status', 'addresses').find((each) => textAt(each, 'type') === type);
  return textAt(address, 'address') ?? none;
}

export const eventPrinter: Printer = {
  cells: (object, now) => {
    const microTime = textAt(object, 'eventTime');
    const first = textAt(object, 'firstTimestamp') ?? microTime;
    const last = textAt(object, 'series', 'lastObservedTime') ?? textAt(object, 'lastTimestamp') ?? first;
    const component = textAt(object, 'source', 'component') || textAt(object, 'reportingComponent') || '';
    const host = textAt(object, 'source', 'host') || textAt(object, 'reportingInstance') || '';
    const involved = objectAt(object, 'involvedObject');
    return [
      ageOf(last, now),
      textAt(object, 'type') ?? '',
      textAt(object, 'reason') ?? '',
      [(textAt(involved, 'kind') ?? '').toLowerCase(), textAt(involved, 'name')].filter(Boolean).join('/'),
      textAt(involved, 'fieldPath') ?? '',
      host === '' ? component : `${component}, ${host}`,
      (textAt(object, 'message') ?? '').trim(),
      ageOf(first, now),
      numberAt(object, 'series', 'count') ?? (numberAt(object, 'count') || 1),
      object.metadata.name,
    ];
  },
};

/** Objects without a printer of their own: name and creation time. */
export const defaultPrinter: Printer = {
  cells: (object) => [object.metadata.name, at(object, 'metadata', 'creationTimestamp') ?? '<unknown>'],
};
