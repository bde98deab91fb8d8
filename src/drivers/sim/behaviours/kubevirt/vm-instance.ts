import { objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { clusterResources } from '../resource-types.ts';
import { generationAnnotation, vmFinalizer } from './virtual-machine.ts';

/** The VMI that a VM starts, or why it cannot be made. */
export type Instance =
  | { readonly vmi: JsonObject }
  | { readonly failure: { readonly reason: string; readonly message: string } };

/** Builds the VMI from the template of the VM; the admission webhooks add defaults, status and their finalizer. */
export function instanceOf(port: ClusterPort, vm: KubeObject): Instance {
  const template = objectAt(vm, 'spec', 'template');
  const sized = withInstancetype(port, vm, objectAt(template, 'spec'));
  if ('failure' in sized) return sized;
  const { name, namespace, uid, generation } = vm.metadata;
  return {
    vmi: {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: {
        name,
        namespace: namespace ?? '',
        annotations: {
          ...objectAt(template, 'metadata', 'annotations'),
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
      spec: sized.spec,
      status: { virtualMachineRevisionName: `revision-start-vm-${uid}-${generation ?? 1}` },
    },
  };
}

type Sized =
  | { readonly spec: JsonObject }
  | { readonly failure: { readonly reason: string; readonly message: string } };

function withInstancetype(port: ClusterPort, vm: KubeObject, spec: JsonObject): Sized {
  const name = textAt(vm, 'spec', 'instancetype', 'name');
  if (name === undefined) return { spec };
  const kind = (textAt(vm, 'spec', 'instancetype', 'kind') ?? 'VirtualMachineClusterInstancetype').toLowerCase();
  const isNamespaced = kind === 'virtualmachineinstancetype' || kind === 'virtualmachineinstancetypes';
  const resource = isNamespaced ? clusterResources.instancetype : clusterResources.clusterInstancetype;
  const found = port.get(resource, isNamespaced ? (vm.metadata.namespace ?? '') : '', name);
  if (found === undefined) {
    const message = `${resource.plural}.${resource.group} "${name}" not found`;
    return { failure: { reason: 'FailedFindInstancetype', message } };
  }
  const guestCpus = objectAt(found, 'spec', 'cpu').guest ?? 1;
  return {
    spec: {
      ...spec,
      domain: {
        ...objectAt(spec, 'domain'),
        cpu: { ...objectAt(spec, 'domain', 'cpu'), sockets: guestCpus, cores: 1, threads: 1 },
        memory: { ...objectAt(spec, 'domain', 'memory'), guest: objectAt(found, 'spec', 'memory').guest },
      },
    },
  };
}
