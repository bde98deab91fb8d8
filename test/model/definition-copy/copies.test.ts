import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyClaim } from '../../../src/model/definition-copy/claim-copy.ts';
import { copyConfigMap, copySecret } from '../../../src/model/definition-copy/configuration-copy.ts';
import type { DefinitionCopy } from '../../../src/model/definition-copy/copied-metadata.ts';
import { copyVirtualMachine } from '../../../src/model/definition-copy/virtual-machine-copy.ts';
import { copyVolume } from '../../../src/model/definition-copy/volume-copy.ts';
import { at, objectAt } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { wantsToRun } from '../../../src/model/virtual-machine.ts';
import { claim, volume } from '../kubevirt-objects.ts';
import { claims, configMaps, secrets, virtualMachines, volumes } from './copied-objects.ts';

interface Family {
  readonly kind: string;
  readonly sources: fc.Arbitrary<KubeObject>;
  readonly copy: (source: KubeObject) => DefinitionCopy;
}

const families: readonly Family[] = [
  { kind: 'VirtualMachine', sources: virtualMachines, copy: (vm) => copyVirtualMachine(vm, undefined, 'cluster1') },
  { kind: 'PersistentVolumeClaim', sources: claims, copy: (source) => copyClaim(source, volume(), 'cluster1') },
  { kind: 'PersistentVolume', sources: volumes, copy: (source) => copyVolume(source, claim(), 'cluster1') },
  { kind: 'Secret', sources: secrets, copy: (source) => copySecret(source, 'cluster1') },
  { kind: 'ConfigMap', sources: configMaps, copy: (source) => copyConfigMap(source, 'cluster1') },
];

const metadataOfACluster = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'ownerReferences',
  'finalizers',
];
const annotationsOfACluster =
  /bind-completed|bound-by-controller|provisioned-by|selected-node|last-applied|cdi\.kubevirt\.io/;

describe.each(families)('S13 SyncHygiene: every copy of a $kind', ({ sources, copy }) => {
  const eachCopy = (holds: (copied: DefinitionCopy, source: KubeObject) => void): void => {
    fc.assert(fc.property(sources, (source) => holds(copy(source), source)));
  };

  test('carries nothing that belongs to the cluster of its source', () => {
    eachCopy(({ object }) => {
      for (const field of metadataOfACluster) expect(object.metadata).not.toHaveProperty(field);
      expect(Object.keys(object.metadata.annotations ?? {}).filter((name) => annotationsOfACluster.test(name))).toEqual(
        [],
      );
      expect(object).not.toHaveProperty('status');
      expect(at(object, 'spec', 'claimRef', 'uid')).toBeUndefined();
      expect(at(object, 'spec', 'claimRef', 'resourceVersion')).toBeUndefined();
    });
  });

  test("keeps the user's labels, annotations and data", () => {
    eachCopy(({ object }, source) => {
      const own = Object.entries(source.metadata.annotations ?? {}).filter(([name]) => name.startsWith('example.com/'));
      expect(object.metadata.annotations ?? {}).toMatchObject(Object.fromEntries(own));
      expect(object.metadata.labels).toMatchObject(source.metadata.labels ?? {});
      expect(object['data']).toEqual(source['data']);
    });
  });

  test('names in `dropped` every field of the source that it does not have', () => {
    eachCopy(({ dropped }, source) => {
      for (const field of metadataOfACluster) {
        if (at(source, 'metadata', field) !== undefined) expect(dropped).toContain(`metadata.${field}`);
      }
    });
  });

  test('is itself copied unchanged', () => {
    eachCopy(({ object }) => {
      expect(copy(object).object).toEqual(object);
    });
  });

  test('leaves its source as it was', () => {
    fc.assert(
      fc.property(sources, (source) => {
        const before = structuredClone(source);
        copy(source);
        expect(source).toEqual(before);
      }),
    );
  });
});

test('a VM comes through whole but for power, DataVolumes, revisions and identity', () => {
  fc.assert(
    fc.property(virtualMachines, (vm) => {
      const { object } = copyVirtualMachine(vm, undefined, 'cluster1');
      expect(wantsToRun(object)).toBe(false);
      const before = objectAt(vm, 'spec', 'template', 'spec', 'domain');
      const after = objectAt(object, 'spec', 'template', 'spec', 'domain');
      expect({ ...after, firmware: undefined }).toEqual({ ...before, firmware: undefined });
      expect(after.firmware).toMatchObject(objectAt(before, 'firmware'));
      expect(at(after, 'firmware', 'uuid')).toBeTypeOf('string');
      expect(JSON.stringify(object.spec)).not.toMatch(/dataVolume|revisionName/);
    }),
  );
});

test('a volume and its claim always fit each other, and the volume is always kept', () => {
  fc.assert(
    fc.property(claims, volumes, (sourceClaim, sourceVolume) => {
      const copiedClaim = copyClaim(sourceClaim, sourceVolume, 'cluster1').object;
      const copiedVolume = copyVolume(sourceVolume, sourceClaim, 'cluster1').object;
      expect(copiedVolume.spec?.persistentVolumeReclaimPolicy).toBe('Retain');
      expect(copiedClaim.spec?.volumeName).toBe(copiedVolume.metadata.name);
      expect(at(copiedVolume, 'spec', 'claimRef', 'name')).toBe(copiedClaim.metadata.name);
      expect(at(copiedVolume, 'spec', 'claimRef', 'namespace')).toBe(copiedClaim.metadata.namespace);
    }),
  );
});
