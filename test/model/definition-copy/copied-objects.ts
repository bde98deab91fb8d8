import * as fc from 'fast-check';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubeObject, ObjectMeta } from '../../../src/model/kube.ts';
import { claim, namespace, volume, volumeName } from '../kubevirt-objects.ts';

/** Objects as they may stand on a source cluster: with everything on them that must not be copied, and everything that must. */

const text = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/);

const noise = fc.record({
  uid: fc.uuid(),
  resourceVersion: fc.nat().map(String),
  generation: fc.integer({ min: 1, max: 99 }),
  creationTimestamp: fc.constant('2026-11-22T12:58:23Z'),
  finalizers: fc.constant(['kubernetes.io/pvc-protection', 'kubevirt.io/virtualMachineControllerFinalize']),
  ownerReferences: fc.constant([{ apiVersion: 'v1', kind: 'Owner', name: 'owner', uid: 'owner-uid' }]),
  managedFields: fc.constant([{ manager: 'kubectl' }]),
  deletionTimestamp: fc.option(fc.constant('2026-11-22T13:00:00Z'), { nil: undefined }),
});

/** Labels and annotations that are the user's, and come along. */
export const userMap = fc.dictionary(
  text.map((name) => `example.com/${name}`),
  text,
  { maxKeys: 3, noNullPrototype: true },
);

const bindAnnotations = {
  'pv.kubernetes.io/bind-completed': 'yes',
  'pv.kubernetes.io/bound-by-controller': 'yes',
  'pv.kubernetes.io/provisioned-by': 'linstor.csi.linbit.com',
  'volume.kubernetes.io/selected-node': 'node-a1',
  'kubectl.kubernetes.io/last-applied-configuration': '{}',
  'cdi.kubevirt.io/storage.populatedFor': 'vm1-disk',
};

const metadata = (name: fc.Arbitrary<string>, place: Partial<ObjectMeta>): fc.Arbitrary<ObjectMeta> =>
  fc
    .tuple(name, userMap, userMap, fc.subarray(Object.entries(bindAnnotations)), noise)
    .map(([given, labels, annotations, bound, { deletionTimestamp, ...rest }]) => ({
      name: given,
      ...place,
      ...rest,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      labels,
      annotations: { ...annotations, ...Object.fromEntries(bound) },
    }));

const power = fc.oneof(
  fc.constantFrom('Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once').map((runStrategy) => ({ runStrategy })),
  fc.boolean().map((running) => ({ running })),
);

const source = fc.oneof(
  text.map((claimName) => ({ persistentVolumeClaim: { claimName } })),
  text.map((name) => ({ dataVolume: { name } })),
  text.map((name) => ({ cloudInitNoCloud: { secretRef: { name } } })),
);

const optional = <T>(value: fc.Arbitrary<T>, field: string): fc.Arbitrary<JsonObject> =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [field]: given as never }));

const domain = fc
  .tuple(
    fc.integer({ min: 1, max: 8 }),
    optional(fc.record({ uuid: fc.uuid(), serial: fc.uuid() }, { requiredKeys: [] }), 'firmware'),
    fc.array(optional(fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'), 'macAddress'), { maxLength: 2 }),
  )
  .map(([cores, firmware, addresses]) => ({
    cpu: { cores },
    ...firmware,
    devices: { interfaces: addresses.map((address, index) => ({ name: `nic${index}`, bridge: {}, ...address })) },
  }));

const matcher = fc.record({ name: text, revisionName: text, kind: text }, { requiredKeys: ['name'] });

export const virtualMachines: fc.Arbitrary<KubeObject> = fc
  .tuple(
    metadata(text, { namespace }),
    power,
    domain,
    fc.array(source, { maxLength: 3 }),
    optional(matcher, 'instancetype'),
    optional(fc.constant([{ metadata: { name: 'disk' }, spec: { source: {} } }]), 'dataVolumeTemplates'),
    userMap,
  )
  .map(([meta, field, machine, sources, instancetype, templates, annotations]) => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: meta,
    spec: {
      ...field,
      ...instancetype,
      ...templates,
      template: {
        metadata: { annotations },
        spec: {
          domain: machine,
          volumes: sources.map((volumeSource, index) => ({ name: `d${index}`, ...volumeSource })),
        },
      },
    },
    status: { printableStatus: 'Running', created: true },
  }));

export const claims: fc.Arbitrary<KubeObject> = metadata(text, { namespace }).map((meta) => ({
  ...claim(),
  metadata: meta,
}));

export const volumes: fc.Arbitrary<KubeObject> = fc
  .tuple(metadata(fc.constant(volumeName), {}), fc.constantFrom('Delete', 'Retain'))
  .map(([meta, persistentVolumeReclaimPolicy]) => ({
    ...volume(),
    metadata: meta,
    spec: { ...volume().spec, persistentVolumeReclaimPolicy },
  }));

export const secrets: fc.Arbitrary<KubeObject> = fc
  .tuple(metadata(text, { namespace }), userMap)
  .map(([meta, data]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta, type: 'Opaque', data }));

export const configMaps: fc.Arbitrary<KubeObject> = fc
  .tuple(metadata(text, { namespace }), userMap)
  .map(([meta, data]) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, data }));
