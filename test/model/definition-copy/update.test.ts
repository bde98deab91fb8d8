import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyClaim } from '../../../src/model/definition-copy/claim-copy.ts';
import { copySecret } from '../../../src/model/definition-copy/configuration-copy.ts';
import { type CopyUpdate, updateOf } from '../../../src/model/definition-copy/update.ts';
import { copyVirtualMachine } from '../../../src/model/definition-copy/virtual-machine-copy.ts';
import { copyVolume } from '../../../src/model/definition-copy/volume-copy.ts';
import { type JsonObject, objectAt } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { originalRunStrategyAnnotation, powerFieldOf, startPlan } from '../../../src/model/virtual-machine.ts';
import { claim, instance, template, virtualMachine, volume } from '../kubevirt-objects.ts';
import { mergePatched } from '../merge-patched.ts';
import { virtualMachines } from './copied-objects.ts';

/** The copy as the other cluster stores it. */
const stored = (copy: KubeObject): KubeObject => ({
  ...copy,
  metadata: { ...copy.metadata, uid: 'target-uid', resourceVersion: '501', generation: 1 },
});
const copied = (vm: KubeObject): KubeObject => copyVirtualMachine(vm, undefined, 'cluster1').object;
const patchOf = (update: CopyUpdate): JsonObject => (update.kind === 'patch' ? update.patch : {});

describe('laws', () => {
  test('a fresh copy needs no update', () => {
    fc.assert(
      fc.property(virtualMachines, (vm) => {
        const copy = copied(vm);
        expect(updateOf(stored(copy), copy)).toEqual({ kind: 'same' });
      }),
    );
  });

  test('an update never touches power fields, and after it nothing is left to do', () => {
    fc.assert(
      fc.property(virtualMachines, virtualMachines, (before, after) => {
        const existing = stored(copied({ ...before, metadata: { ...before.metadata, name: 'vm1' } }));
        const copy = copied({ ...after, metadata: { ...after.metadata, name: 'vm1' } });
        const update = updateOf(existing, copy);
        const spec = objectAt(patchOf(update), 'spec');
        expect(spec).not.toHaveProperty('running');
        expect(spec).not.toHaveProperty('runStrategy');
        const patched = mergePatched(existing, patchOf(update)) as KubeObject;
        expect(updateOf(patched, copy)).toEqual({ kind: 'same' });
      }),
    );
  });
});

describe('of a VM', () => {
  const copy = copied(virtualMachine());
  const changed = copied(virtualMachine({ spec: { runStrategy: 'Always', template: template({ hostname: 'web' }) } }));

  test('a change of the source is patched at the version seen', () => {
    expect(updateOf(stored(copy), changed)).toEqual({
      kind: 'patch',
      patch: {
        metadata: { resourceVersion: '501', annotations: { 'siterecovery.trilio.io/source-generation': '2' } },
        spec: { template: { spec: { hostname: 'web' } } },
      },
      paths: ['spec.template.spec.hostname'],
      fixed: [],
    });
  });

  test('a field that the source gave up is removed, what webhooks fill in is not', () => {
    const update = updateOf(stored(changed), copy);
    expect(patchOf(update).spec).toEqual({ template: { spec: { hostname: null } } });
    const bare = copied(
      virtualMachine({ spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } } }),
    );
    const filled = mergePatched(stored(bare), {
      spec: {
        template: {
          metadata: { annotations: { 'kubevirt.io/pci-topology-version': 'v3' } },
          spec: {
            architecture: 'amd64',
            domain: { machine: { type: 'q35' }, resources: {}, firmware: { serial: 's' } },
          },
        },
      },
    }) as KubeObject;
    expect(updateOf(filled, bare)).toEqual({ kind: 'same' });
  });

  test('a VM that may run is never changed', () => {
    const running = { ...stored(copy), spec: { ...copy.spec, runStrategy: 'Always' } };
    const manual = { ...stored(copy), spec: { ...copy.spec, runStrategy: 'Manual' } };
    const ending = { ...stored(copy), status: { created: true } };
    for (const existing of [running, manual, ending]) {
      expect(updateOf(existing, changed)).toMatchObject({ kind: 'held', reason: 'MayRun' });
    }
  });

  test('another VM of that name is left alone, unless the person says so', () => {
    const foreign = virtualMachine({ spec: { runStrategy: 'Halted', template: template({ domain: {} }) }, status: {} });
    expect(updateOf(foreign, copy)).toMatchObject({ kind: 'held', reason: 'NotOurCopy' });
    expect(updateOf(foreign, copy, true).kind).toBe('patch');
  });

  test('the original, known by its firmware UUID, takes over what changed while the copy ran', () => {
    const original = virtualMachine({
      spec: {
        runStrategy: 'Halted',
        dataVolumeTemplates: [{ metadata: { name: 'vm1-disk' } }],
        instancetype: { name: 'small', revisionName: 'vm1-small-1' },
        template: template({ volumes: [{ name: 'rootdisk', dataVolume: { name: 'vm1-disk' } }] }),
      },
      status: {},
    });
    const back = copyVirtualMachine(stored(copied(original)), undefined, 'cluster2').object;
    expect(updateOf(original, back)).toEqual({ kind: 'same' });
    const renamed = { ...back, spec: { ...back.spec, instancetype: { name: 'large' } } };
    expect(patchOf(updateOf(original, renamed)).spec).toEqual({ instancetype: { name: 'large', revisionName: null } });
  });

  test('a MAC address seen once survives copies made while the VM is stopped', () => {
    const existing = stored(copyVirtualMachine(virtualMachine(), instance('Running'), 'cluster1').object);
    expect(JSON.stringify(existing)).toContain('02:00:00:31:9e:f6');
    expect(updateOf(existing, copy)).toEqual({ kind: 'same' });
  });

  test('a strategy changed at the source is what the halted copy will start with', () => {
    const once = copied(virtualMachine({ spec: { runStrategy: 'Once', template: template() } }));
    const update = updateOf(stored(copy), once);
    expect(patchOf(update)).toMatchObject({ metadata: { annotations: { [originalRunStrategyAnnotation]: 'Once' } } });
    expect(patchOf(update)).not.toHaveProperty('spec');
  });

  test('a strategy that the source was given in place of running is what the halted copy starts with', () => {
    const existing = stored(copied(virtualMachine({ spec: { running: true, template: template() } })));
    const manual = copied(virtualMachine({ spec: { runStrategy: 'Manual', template: template() } }));
    const updated = mergePatched(existing, patchOf(updateOf(existing, manual))) as KubeObject;
    expect(updated.spec?.['running']).toBe(false);
    const started = mergePatched(updated, startPlan(updated).patch ?? {}) as KubeObject;
    expect(powerFieldOf(started)).toEqual({ kind: 'runStrategy', value: 'Manual' });
    expect(started.metadata.annotations).not.toHaveProperty(originalRunStrategyAnnotation);
    expect(startPlan(started)).toEqual({ subresourceStart: true });
  });
});

describe('of a volume', () => {
  const copy = copyVolume(volume(), claim(), 'cluster1').object;
  const withSpec = (spec: JsonObject): KubeObject => ({ ...stored(copy), spec: { ...copy.spec, ...spec } });

  test('Retain is put back, the claimRef is left to its controller', () => {
    const bound = { claimRef: { name: 'vm1-disk', namespace: 'prod', uid: 'u' } };
    expect(updateOf(withSpec(bound), copy)).toEqual({ kind: 'same' });
    expect(updateOf(withSpec({ ...bound, persistentVolumeReclaimPolicy: 'Delete' }), copy)).toEqual({
      kind: 'patch',
      patch: { metadata: { resourceVersion: '501' }, spec: { persistentVolumeReclaimPolicy: 'Retain' } },
      paths: ['spec.persistentVolumeReclaimPolicy'],
      fixed: [],
    });
  });

  test('its size grows and never shrinks', () => {
    expect(patchOf(updateOf(withSpec({ capacity: { storage: '5Gi' } }), copy)).spec).toEqual({
      capacity: { storage: '10Gi' },
    });
    expect(updateOf(withSpec({ capacity: { storage: '20Gi' } }), copy)).toEqual({ kind: 'same' });
  });

  test('another volume behind the name is reported and never patched', () => {
    const other = withSpec({ csi: { ...objectAt(copy, 'spec', 'csi'), volumeHandle: 'pvc-other' } });
    expect(updateOf(other, copy)).toEqual({ kind: 'fixed', fixed: ['spec.csi.volumeHandle'] });
  });
});

describe('of a claim', () => {
  const copy = copyClaim(claim(), volume(), 'cluster1').object;

  test('only its request grows', () => {
    const small = { ...stored(copy), spec: { ...copy.spec, resources: { requests: { storage: '5Gi' } } } };
    expect(patchOf(updateOf(small, copy)).spec).toEqual({ resources: { requests: { storage: '10Gi' } } });
    const elsewhere = { ...stored(copy), spec: { ...copy.spec, volumeName: 'other' } };
    expect(updateOf(elsewhere, copy)).toEqual({ kind: 'fixed', fixed: ['spec.volumeName'] });
  });

  test('annotations of its own controllers need no update', () => {
    expect(updateOf({ ...claim(), metadata: { ...claim().metadata, resourceVersion: '501' } }, copy)).toEqual({
      kind: 'same',
    });
  });
});

describe('of a Secret', () => {
  const secret = (data: Readonly<Record<string, string>>, more: JsonObject = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'vm1-cloudinit', namespace: 'prod', resourceVersion: '7' },
    type: 'Opaque',
    data,
    ...more,
  });
  const copy = copySecret(secret({ userdata: 'bmV3' }), 'cluster1').object;
  const before = copySecret(secret({ userdata: 'b2xk', extra: 'eA==' }), 'cluster1').object;

  test('its data follows the source, key by key', () => {
    expect(patchOf(updateOf(stored(before), copy)).data).toEqual({ userdata: 'bmV3', extra: null });
  });

  test('an immutable one is reported', () => {
    expect(updateOf({ ...stored(before), immutable: true }, copy)).toMatchObject({ kind: 'fixed' });
  });

  test('one of the same name that we did not make stays, and is no matter while it is equal', () => {
    expect(updateOf(secret({ userdata: 'bmV3' }), copy)).toEqual({ kind: 'same' });
    expect(updateOf(secret({ userdata: 'b2xk' }), copy)).toMatchObject({
      kind: 'held',
      reason: 'NotOurCopy',
      paths: ['data.userdata'],
    });
  });
});
