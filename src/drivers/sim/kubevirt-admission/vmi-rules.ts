import { listAt, objectAt, textAt, type JsonObject } from '../../../model/json.ts';
import { timestamp, type Instant } from '../../../model/instant.ts';
import { resources, type KubeObject } from '../../../model/kube.ts';
import { sameJson } from '../api-server/same-json.ts';
import type { Admission } from '../api-server/admission.ts';
import { architecture, machineType } from './vm-defaults.ts';

const foregroundFinalizer = 'kubevirt.io/foregroundDeleteVirtualMachine';

/** Labels that only KubeVirt's own components set on a VMI. */
const reservedLabels: readonly string[] = [
  'kubevirt.io/created-by',
  'kubevirt.io/migrationJobUID',
  'kubevirt.io/nodeName',
  'kubevirt.io/migrationTargetNodeName',
  'kubevirt.io/schedulable',
  'kubevirt.io/install-strategy',
];

/** KubeVirt's mutating webhook for VMIs: defaults, the finalizer, and phase Pending from the first moment. */
export function instanceDefaults(wallNow: () => Instant): Admission {
  return {
    name: 'virtualmachineinstances-mutator.kubevirt.io',
    resources: [resources.virtualMachineInstance],
    operations: ['CREATE'],
    mutate: ({ object }) => withDefaults(object, wallNow()),
  };
}

/** Users may not change the spec of a VMI, nor KubeVirt's labels on it (`vmi-update-admitter.go`). */
export const instanceUpdateRules: Admission = {
  name: 'virtualmachineinstances-update-validator.kubevirt.io',
  resources: [resources.virtualMachineInstance],
  operations: ['UPDATE'],
  validate({ object, old, user }) {
    if (object === undefined || old === undefined || user === undefined) return undefined;
    if (user.name.startsWith('system:serviceaccount:kubevirt:')) return undefined;
    if (!sameJson(object.spec, old.spec)) {
      const message = 'update of VMI object is restricted';
      return { code: 422, reason: 'Invalid', message, causes: [{ reason: 'FieldValueNotSupported', message }] };
    }
    const isTouched = reservedLabels.some((label) => object.metadata.labels?.[label] !== old.metadata.labels?.[label]);
    if (!isTouched) return undefined;
    const message = 'modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited';
    return { code: 422, reason: 'Invalid', message, causes: [{ reason: 'FieldValueNotSupported', message }] };
  },
};

function withDefaults(vmi: KubeObject, now: Instant): KubeObject {
  const spec = objectAt(vmi, 'spec');
  const finalizers = vmi.metadata.finalizers ?? [];
  const annotations = vmi.metadata.annotations ?? {};
  return {
    ...vmi,
    metadata: {
      ...vmi.metadata,
      annotations: {
        ...annotations,
        'kubevirt.io/pci-topology-version': annotations['kubevirt.io/pci-topology-version'] ?? 'v3',
      },
      finalizers: finalizers.includes(foregroundFinalizer) ? finalizers : [...finalizers, foregroundFinalizer],
    },
    spec: specWithDefaults(spec),
    status: { ...firstStatus(spec, now), ...vmi.status },
  };
}

function specWithDefaults(spec: JsonObject): JsonObject {
  const domain = objectAt(spec, 'domain');
  return {
    ...spec,
    architecture: textAt(spec, 'architecture') ?? architecture,
    domain: {
      ...domain,
      cpu: { cores: 1, ...objectAt(domain, 'cpu'), model: textAt(domain, 'cpu', 'model') ?? 'host-model' },
      features: { ...objectAt(domain, 'features'), acpi: { enabled: true, ...objectAt(domain, 'features', 'acpi') } },
      machine: { ...objectAt(domain, 'machine'), type: textAt(domain, 'machine', 'type') ?? machineType },
      resources: objectAt(domain, 'resources'),
    },
    evictionStrategy: textAt(spec, 'evictionStrategy') ?? 'None',
    ...(listAt(spec, 'networks').length > 0 ? {} : { networks: [{ name: 'default', pod: {} }] }),
  };
}

function firstStatus(spec: JsonObject, now: Instant): JsonObject {
  const guest =
    textAt(spec, 'domain', 'memory', 'guest') ?? textAt(spec, 'domain', 'resources', 'requests', 'memory') ?? '512Mi';
  const { cores = 1, sockets, threads } = objectAt(spec, 'domain', 'cpu');
  return {
    currentCPUTopology: {
      cores,
      ...(sockets === undefined ? {} : { sockets }),
      ...(threads === undefined ? {} : { threads }),
    },
    guestOSInfo: {},
    memory: { guestAtBoot: guest, guestCurrent: guest, guestRequested: guest },
    phase: 'Pending',
    phaseTransitionTimestamps: [{ phase: 'Pending', phaseTransitionTimestamp: timestamp(now) }],
    runtimeUser: 107,
  };
}
