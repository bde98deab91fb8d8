import { describe, expect, test } from 'vitest';
import { claimRepair } from '../../../src/model/definition-copy/claim-repair.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { claim, volume, volumeName } from '../kubevirt-objects.ts';
import { mergePatched } from '../merge-patched.ts';

const uid = claim().metadata.uid;
const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'prod', name: 'vm1-disk' };
const reserved = (claimRef: JsonObject | undefined, policy = 'Retain'): KubeObject =>
  volume({ spec: { ...volume().spec, claimRef, persistentVolumeReclaimPolicy: policy } });
const lost = claim({ status: { phase: 'Lost' } });
const neverBound = claim({ metadata: { annotations: {} }, status: { phase: 'Pending' } });

describe('a claim that was bound before', () => {
  test('is left alone while it is bound', () => {
    expect(claimRepair(claim(), volume(), volumeName)).toEqual({ kind: 'none' });
  });

  test('heals by itself with a volume that has no claimRef, or the right uid', () => {
    expect(claimRepair(lost, reserved(undefined), volumeName).kind).toBe('none');
    expect(claimRepair(lost, reserved({ ...reference, uid }), volumeName).kind).toBe('none');
  });

  test.each([
    ['without uid', { ...reference }],
    ['with the uid of an earlier claim', { ...reference, uid: 'earlier', resourceVersion: '77' }],
  ])('is healed by its uid in a claimRef %s', (_case, claimRef) => {
    const repair = claimRepair(lost, reserved(claimRef), volumeName);
    expect(repair.kind).toBe('patchVolume');
    const patch = repair.kind === 'patchVolume' ? repair.patch : {};
    expect(patch.metadata).toEqual({ resourceVersion: volume().metadata.resourceVersion });
    expect(mergePatched(reserved(claimRef), patch)).toMatchObject({ spec: { claimRef: { ...reference, uid } } });
    expect(mergePatched(reserved(claimRef), patch)).not.toHaveProperty('spec.claimRef.resourceVersion');
  });

  test('a volume under policy Delete is set to Retain in the same patch', () => {
    const repair = claimRepair(lost, reserved({ ...reference, uid: 'earlier' }, 'Delete'), volumeName);
    expect(repair).toMatchObject({ kind: 'patchVolume', patch: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } });
  });

  test('a missing volume is to be created with the uid of the claim', () => {
    expect(claimRepair(lost, undefined, volumeName)).toMatchObject({
      kind: 'createVolume',
      claimRef: { ...reference, uid },
    });
  });

  test('cannot be healed once its volume name is gone', () => {
    const nameless = claim({ spec: { ...claim().spec, volumeName: '' }, status: { phase: 'Lost' } });
    expect(claimRepair(nameless, volume(), volumeName)).toMatchObject({ kind: 'impossible', reason: 'NamesNoVolume' });
  });
});

describe('a claim that was never bound', () => {
  test('binds by itself to a volume reserved for it', () => {
    expect(claimRepair(neverBound, reserved(reference), volumeName)).toEqual({ kind: 'none' });
  });

  test('is told its volume before a provisioner makes it an empty one', () => {
    const nameless = { ...neverBound, spec: { ...neverBound.spec, volumeName: undefined } };
    expect(claimRepair(nameless, reserved(reference), volumeName)).toMatchObject({
      kind: 'patchClaim',
      patch: { metadata: { resourceVersion: '11448' }, spec: { volumeName } },
    });
  });

  test('waits for a volume that is created with a reservation', () => {
    const repair = claimRepair(neverBound, undefined, volumeName);
    expect(repair).toMatchObject({ kind: 'createVolume', claimRef: reference });
    expect(repair).not.toHaveProperty('claimRef.uid');
  });

  test('is not bound to a released volume that still names an earlier claim', () => {
    const repair = claimRepair(neverBound, reserved({ ...reference, uid: 'earlier' }), volumeName);
    expect(repair).toMatchObject({ kind: 'patchVolume', patch: { spec: { claimRef: { uid } } } });
  });
});

test.each([
  ['another volume', claim({ spec: { ...claim().spec, volumeName: 'other' } }), volume(), 'NamesAnotherVolume'],
  ['a volume of another claim', lost, reserved({ ...reference, name: 'vm2-disk', uid: 'x' }), 'VolumeOfAnotherClaim'],
])('a claim that names %s is not repaired by force', (_case, existing, target, reason) => {
  expect(claimRepair(existing, target, volumeName)).toMatchObject({ kind: 'impossible', reason });
});
