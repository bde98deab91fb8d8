import { isJsonObject, objectAt, textAt, type JsonObject } from '../../../model/json.ts';
import { resources, type KubeObject } from '../../../model/kube.ts';
import type { Admission } from '../api-server/admission.ts';
import type { RandomStream } from '../random.ts';
import { shapeDenial } from './vm-shape.ts';

export const machineType = 'q35';
export const architecture = 'amd64';

/**
 * KubeVirt's mutating webhook for VirtualMachines: what a template leaves open is fixed when the VM is made, the identity
 * of its firmware above all; a copy without them would get others. It refuses what has not the shape of a VM.
 * Source: `pkg/virt-api/webhooks/mutating-webhook/mutators/vm-mutator.go`.
 */
export function virtualMachineDefaults(random: RandomStream): Admission {
  return {
    name: 'virtualmachines-mutator.kubevirt.io',
    resources: [resources.virtualMachine],
    refuse: ({ object }) => shapeDenial(object),
    mutate({ operation, object }) {
      if (operation !== 'CREATE' || !isJsonObject(objectAt(object, 'spec').template)) return object;
      return withDefaults(object, random);
    },
  };
}

function withDefaults(vm: KubeObject, random: RandomStream): KubeObject {
  const template = objectAt(vm, 'spec', 'template');
  const spec = objectAt(template, 'spec');
  const domain = objectAt(spec, 'domain');
  const firmware = objectAt(domain, 'firmware');
  const annotations = objectAt(template, 'metadata', 'annotations');
  return {
    ...vm,
    spec: {
      ...vm.spec,
      ...withKind(vm, 'instancetype', 'virtualmachineclusterinstancetype'),
      ...withKind(vm, 'preference', 'virtualmachineclusterpreference'),
      template: {
        ...template,
        metadata: {
          ...objectAt(template, 'metadata'),
          annotations: {
            ...annotations,
            'kubevirt.io/pci-topology-version': annotations['kubevirt.io/pci-topology-version'] ?? 'v3',
          },
        },
        spec: {
          ...spec,
          architecture: textAt(spec, 'architecture') ?? architecture,
          domain: {
            ...domain,
            firmware: {
              ...firmware,
              serial: textAt(firmware, 'serial') ?? random.uuid(),
              uuid: textAt(firmware, 'uuid') ?? random.uuid(),
            },
            machine: { ...objectAt(domain, 'machine'), type: textAt(domain, 'machine', 'type') ?? machineType },
            resources: objectAt(domain, 'resources'),
          },
        } satisfies JsonObject,
      },
    },
  };
}

/** What a VM names without a kind is of the whole cluster. */
function withKind(vm: KubeObject, what: 'instancetype' | 'preference', kind: string): JsonObject {
  const named = vm.spec?.[what];
  return isJsonObject(named) ? { [what]: { ...named, kind: textAt(named, 'kind') ?? kind } } : {};
}
