import { flagAt, listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { ageOf } from './age.ts';
import type { Printer } from './printer.ts';
import { selectorText } from './core-printers.ts';

// Columns and cells as `pkg/printers/internalversion/printers.go` of kubernetes/kubernetes writes them.

const none = '<none>';
const number = (object: KubeObject, ...path: readonly string[]): number => numberAt(object, ...path) ?? 0;

/** Names and images of the pod template's containers. */
function templateCells(object: KubeObject): readonly string[] {
  const containers = listAt(object, 'spec', 'template', 'spec', 'containers');
  const joined = (field: string): string => containers.map((container) => textAt(container, field) ?? '').join(',');
  return [joined('name'), joined('image')];
}

const labelSelector = (object: KubeObject): string => selectorText(objectAt(object, 'spec', 'selector', 'matchLabels'));

export const deploymentPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    `${number(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas') ?? 1}`,
    number(object, 'status', 'updatedReplicas'),
    number(object, 'status', 'availableReplicas'),
    ageOf(object.metadata.creationTimestamp, now),
    ...templateCells(object),
    labelSelector(object),
  ],
};

export const replicaSetPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    numberAt(object, 'spec', 'replicas') ?? 1,
    number(object, 'status', 'replicas'),
    number(object, 'status', 'readyReplicas'),
    ageOf(object.metadata.creationTimestamp, now),
    ...templateCells(object),
    labelSelector(object),
  ],
};

export const statefulSetPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    `${number(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas') ?? 1}`,
    ageOf(object.metadata.creationTimestamp, now),
    ...templateCells(object),
  ],
};

export const daemonSetPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    number(object, 'status', 'desiredNumberScheduled'),
    number(object, 'status', 'currentNumberScheduled'),
    number(object, 'status', 'numberReady'),
    number(object, 'status', 'updatedNumberScheduled'),
    number(object, 'status', 'numberAvailable'),
    selectorText(objectAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
    ageOf(object.metadata.creationTimestamp, now),
    ...templateCells(object),
    labelSelector(object),
  ],
};

export const leasePrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'holderIdentity') ?? '',
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const storageClassPrinter: Printer = {
  cells: (object, now) => {
    const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
    return [
      isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
      textAt(object, 'provisioner') ?? '',
      textAt(object, 'reclaimPolicy') ?? 'Delete',
      textAt(object, 'volumeBindingMode') ?? 'Immediate',
      flagAt(object, 'allowVolumeExpansion') ?? false,
      ageOf(object.metadata.creationTimestamp, now),
    ];
  },
};

export const volumeAttachmentPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'attacher') ?? '',
    textAt(object, 'spec', 'source', 'persistentVolumeName') ?? '',
    textAt(object, 'spec', 'nodeName') ?? '',
    flagAt(object, 'status', 'attached') ?? false,
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const csiDriverPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    flagAt(object, 'spec', 'attachRequired') ?? true,
    flagAt(object, 'spec', 'podInfoOnMount') ?? false,
    flagAt(object, 'spec', 'storageCapacity') ?? false,
    listAt(object, 'spec', 'tokenRequests')
      .map((each) => textAt(each, 'audience') ?? '')
      .join(',') || '<unset>',
    flagAt(object, 'spec', 'requiresRepublish') ?? false,
    (listAt(object, 'spec', 'volumeLifecycleModes') as readonly string[]).join(',') || none,
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

/** RoleBindings and ClusterRoleBindings. */
export const bindingPrinter: Printer = {
  cells: (object, now) => {
    const subjects = (kind: string): string =>
      listAt(object, 'subjects')
        .filter((subject) => textAt(subject, 'kind') === kind)
        .map((subject) => [textAt(subject, 'namespace'), textAt(subject, 'name')].filter(Boolean).join('/'))
        .join(', ');
    return [
      object.metadata.name,
      `${textAt(object, 'roleRef', 'kind') ?? ''}/${textAt(object, 'roleRef', 'name') ?? ''}`,
      ageOf(object.metadata.creationTimestamp, now),
      subjects('User'),
      subjects('Group'),
      subjects('ServiceAccount'),
    ];
  },
};

export const csiNodePrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    listAt(object, 'spec', 'drivers').length,
    ageOf(object.metadata.creationTimestamp, now),
  ],
};

export const priorityClassPrinter: Printer = {
  cells: (object, now) => [
    object.metadata.name,
    number(object, 'value'),
    flagAt(object, 'globalDefault') ?? false,
    ageOf(object.metadata.creationTimestamp, now),
    textAt(object, 'preemptionPolicy') ?? 'PreemptLowerPriority',
  ],
};

export const apiServicePrinter: Printer = {
  cells: (object, now) => {
    const service = objectAt(object, 'spec', 'service');
    const available = listAt(object, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Available');
    const state = textAt(available, 'status') ?? 'Unknown';
    return [
      object.metadata.name,
      service.name === undefined ? 'Local' : `${textAt(service, 'namespace') ?? ''}/${textAt(service, 'name') ?? ''}`,
      state === 'True' ? state : `${state} (${textAt(available, 'reason') ?? ''})`,
      ageOf(object.metadata.creationTimestamp, now),
    ];
  },
};
