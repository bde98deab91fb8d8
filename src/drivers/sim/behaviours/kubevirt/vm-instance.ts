import { objectAt, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { asksToStartPaused } from './state-change-requests.ts';
import { generationAnnotation, migrationTargetAnnotation, runStrategyOf, vmFinalizer } from './virtual-machine.ts';

/** The VMI that a VM starts, from its template; the admission webhooks add defaults, status and their finalizer. */
export function instanceOf(vm: KubeObject, instancetype: JsonObject | undefined): JsonObject {
  const template = objectAt(vm, 'spec', 'template');
  const { name, namespace, uid, generation } = vm.metadata;
  const spec = withSize(objectAt(template, 'spec'), instancetype);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name,
      namespace: namespace ?? '',
      annotations: {
        ...objectAt(template, 'metadata', 'annotations'),
        ...(runStrategyOf(vm) === 'WaitAsReceiver' ? { [migrationTargetAnnotation]: 'true' } : {}),
        [generationAnnotation]: String(generation ?? 1),
      },
      labels: objectAt(template, 'metadata', 'labels'),
      finalizers: [vmFinalizer],
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          blockOwnerDeletion: true,
          controller: true,
          kind: 'VirtualMachine',
          name,
          uid,
        },
      ],
    },
    spec: asksToStartPaused(vm) ? { ...spec, startStrategy: 'Paused' } : spec,
    status: { virtualMachineRevisionName: `revision-start-vm-${uid}-${generation ?? 1}` },
  };
}

/** The template of a VM with the size that its instancetype gives it. */
export function withSize(spec: JsonObject, instancetype: JsonObject | undefined): JsonObject {
  if (instancetype === undefined) return spec;
  const domain = objectAt(spec, 'domain');
  const cpus = objectAt(instancetype, 'cpu').guest ?? 1;
  return {
    ...spec,
    domain: {
      ...domain,
      cpu: { ...objectAt(domain, 'cpu'), sockets: cpus, cores: 1, threads: 1 },
      memory: { ...objectAt(domain, 'memory'), guest: objectAt(instancetype, 'memory').guest },
    },
  };
}
