import { describe, expect, test } from 'vitest';
import { objectAt, textAt, type JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { claim, prepareNamespace, storageClass, volume } from './manifests.ts';

const pvc = resources.persistentVolumeClaim;
const pv = resources.persistentVolume;
const second = 1000;
const completed = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };

function emptyLab(options: { provisions?: boolean } = { provisions: false }): ClusterLab {
  const lab = new ClusterLab(options);
  prepareNamespace(lab);
  return lab;
}

const claimPhase = (lab: ClusterLab) => textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase');
const volumePhase = (lab: ClusterLab, name = 'pvc-vm1-disk') => textAt(lab.get(pv, name), 'status', 'phase');
const foreign = (uid?: string): JsonObject => ({
  claimRef: {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'shop',
    name: 'vm1-disk',
    ...(uid ? { uid } : {}),
  },
});

describe('a claim that was never bound', () => {
  test('binds to the volume reserved for it, in four writes', () => {
    const lab = emptyLab();
    lab.send(pv, volume());
    lab.runFor(second);
    expect(volumePhase(lab)).toBe('Available');
    lab.send(pvc, claim());
    lab.runFor(second);
    const order = lab.changes
      .filter(({ change }) => change.type === 'MODIFIED' && change.resource.plural.startsWith('persistentvolume'))
      .map(({ change }) => `${change.resource.kind} ${textAt(change.object, 'status', 'phase')}`);
    expect(order.slice(-4)).toEqual([
      'PersistentVolume Available',
      'PersistentVolume Bound',
      'PersistentVolumeClaim Pending',
      'PersistentVolumeClaim Bound',
    ]);
    expect(lab.get(pvc, 'vm1-disk')?.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    expect(textAt(lab.get(pv, 'pvc-vm1-disk'), 'spec', 'claimRef', 'uid')).toBe(lab.get(pvc, 'vm1-disk')?.metadata.uid);
  });

  test('takes the smallest free volume that fits when none is reserved', () => {
    const lab = emptyLab();
    lab.send(pv, {
      ...volume({ capacity: { storage: '50Gi' } }, 'large'),
      spec: withoutClaimRef(volume({ capacity: { storage: '50Gi' } }, 'large')),
    });
    lab.send(pv, { ...volume({}, 'fitting'), spec: withoutClaimRef(volume({}, 'fitting')) });
    lab.send(pv, { ...volume({}, 'small'), spec: withoutClaimRef(volume({ capacity: { storage: '1Gi' } }, 'small')) });
    lab.runFor(second);
    lab.send(pvc, claim());
    lab.runFor(second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'spec', 'volumeName')).toBe('fitting');
    expect(lab.get(pv, 'fitting')?.metadata.annotations?.['pv.kubernetes.io/bound-by-controller']).toBe('yes');
  });

  test('waits for the volume that it names, and refuses one that does not fit', () => {
    const lab = emptyLab();
    lab.send(pvc, claim({ volumeName: 'pvc-vm1-disk' }));
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Pending');
    const free = withoutClaimRef(volume({ capacity: { storage: '1Gi' } }));
    lab.send(pv, { ...volume(), spec: free });
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Pending');
    expect(lab.events('PersistentVolumeClaim')).toContain(
      'Warning VolumeMismatch: Cannot bind to requested volume "pvc-vm1-disk": requested PV is too small',
    );
  });

  test('stays pending beside a volume that is bound to somebody else', () => {
    const lab = emptyLab();
    lab.send(pv, volume(foreign('11111111-2222-4333-8444-555555555555')));
    lab.send(pvc, claim({ volumeName: 'pvc-vm1-disk' }));
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Pending');
    expect(lab.events('PersistentVolumeClaim')).toContain(
      'Warning FailedBinding: volume "pvc-vm1-disk" already bound to a different claim.',
    );
    expect(volumePhase(lab)).toBe('Released');
  });

  test('of an Immediate class gets a new empty volume when none is reserved for it', () => {
    const lab = emptyLab({});
    lab.send(pvc, claim());
    lab.runFor(3 * second);
    const name = `pvc-${lab.get(pvc, 'vm1-disk')?.metadata.uid}`;
    expect(lab.created).toEqual([
      {
        name,
        capacityRange: { requiredBytes: String(10 * 1024 ** 3) },
        volumeCapabilities: [{ block: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } }],
        parameters: {
          'linstor.csi.linbit.com/placementCount': '2',
          'csi.storage.k8s.io/pvc/name': 'vm1-disk',
          'csi.storage.k8s.io/pvc/namespace': 'shop',
          'csi.storage.k8s.io/pv/name': name,
        },
      },
    ]);
    expect(claimPhase(lab)).toBe('Bound');
    expect(objectAt(lab.get(pv, name), 'spec', 'csi')).toMatchObject({
      driver: 'linstor.csi.linbit.com',
      volumeHandle: name,
    });
    expect(textAt(lab.get(pv, name), 'spec', 'persistentVolumeReclaimPolicy')).toBe('Retain');
  });
});

describe('a claim that was bound', () => {
  test.each([
    [
      'its volume is missing',
      { volumeName: 'gone' },
      'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ],
    ['it names no volume', {}, 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'],
  ])('is lost when %s', (_title, spec, message) => {
    const lab = emptyLab();
    lab.send(pvc, claim(spec, completed));
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Lost');
    expect(lab.events('PersistentVolumeClaim')).toContain(`Warning ClaimLost: ${message}`);
  });

  test('is misbound when the volume belongs to another uid', () => {
    const lab = emptyLab();
    lab.send(pv, volume(foreign('11111111-2222-4333-8444-555555555555')));
    lab.send(pvc, claim({ volumeName: 'pvc-vm1-disk' }, completed));
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Lost');
    expect(lab.events('PersistentVolumeClaim').join()).toContain('ClaimMisbound');
  });

  test.each([
    ['no claimRef', 'none', 'Bound'],
    ['the right uid', 'own', 'Bound'],
    ['no uid', 'name', 'Lost'],
  ] as const)('and lost its volume is, when that comes back with %s, %s', (_title, kind, phase) => {
    const lab = emptyLab();
    lab.send(pv, volume());
    lab.send(pvc, claim());
    lab.runFor(second);
    lab.delete(pv, 'pvc-vm1-disk');
    lab.mergePatch(pv, 'pvc-vm1-disk', { metadata: { finalizers: null } });
    lab.runFor(second);
    expect(claimPhase(lab)).toBe('Lost');
    const uid = lab.get(pvc, 'vm1-disk')?.metadata.uid;
    const spec =
      kind === 'none'
        ? withoutClaimRef(volume())
        : { ...(volume().spec as JsonObject), ...foreign(kind === 'own' ? uid : undefined) };
    lab.send(pv, { ...volume(), spec });
    lab.runFor(20 * second);
    expect(claimPhase(lab)).toBe(phase);
    expect(volumePhase(lab)).toBe(phase === 'Bound' ? 'Bound' : 'Available');
  });
});

describe('what is in use', () => {
  test('a bound volume waits for its claim, and is released with its data', () => {
    const lab = emptyLab();
    lab.send(pv, volume());
    lab.send(pvc, claim());
    lab.runFor(second);
    lab.delete(pv, 'pvc-vm1-disk');
    lab.runFor(second);
    expect(lab.get(pv, 'pvc-vm1-disk')).toBeDefined();
    lab.delete(pvc, 'vm1-disk');
    lab.runFor(second);
    expect(lab.get(pvc, 'vm1-disk')).toBeUndefined();
    expect(lab.get(pv, 'pvc-vm1-disk')).toBeUndefined();
    expect(lab.deleted).toEqual([]);
  });
});

describe('reclaim policy Delete', () => {
  test('destroys the volume everywhere when its claim goes', () => {
    const lab = emptyLab({});
    lab.send(resources.storageClass, storageClass({ metadata: { name: 'linstor-delete' }, reclaimPolicy: 'Delete' }));
    lab.send(pvc, claim({ storageClassName: 'linstor-delete' }));
    lab.runFor(3 * second);
    const name = textAt(lab.get(pvc, 'vm1-disk'), 'spec', 'volumeName') ?? '';
    lab.delete(pvc, 'vm1-disk');
    lab.runFor(5 * second);
    expect(lab.deleted).toEqual([name]);
    expect(lab.get(pv, name)).toBeUndefined();
  });

  test('destroys a volume that was copied with the uid of a claim of another cluster', () => {
    const lab = emptyLab({});
    const copied = { ...foreign('11111111-2222-4333-8444-555555555555'), persistentVolumeReclaimPolicy: 'Delete' };
    lab.send(pv, volume(copied));
    lab.runFor(5 * second);
    expect(lab.deleted).toEqual(['pvc-vm1-disk']);
  });
});

function withoutClaimRef(manifest: JsonObject): JsonObject {
  const { claimRef: _, ...spec } = manifest.spec as JsonObject;
  return spec;
}
