import { describe, expect, test } from 'vitest';
import { type JsonObject, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { ClusterLab } from './behaviours/cluster-lab.ts';
import { claim, prepareDisk, prepareNamespace, storageClass, virtualMachine, volume } from './behaviours/manifests.ts';
import { DrbdLab } from './drbd/drbd-lab.ts';
import { CsiLab } from './linstor-csi/csi-lab.ts';

const pvc = resources.persistentVolumeClaim;
const pv = resources.persistentVolume;
const second = 1000;

/** Acknowledged writes that the disks of A and B lack. */
const missing = (lab: DrbdLab): number[] => ['a', 'b'].map((node) => lab.kernel.missingCount('vol', node));
const links = (lab: DrbdLab): string[] => [lab.link('a', 'b'), lab.link('b', 'a')].map((link) => link.split('/')[0]!);

/** A is Primary with a write, the link is cut and the cut is noticed. */
function cutUnderPrimary(options = {}): DrbdLab {
  const lab = new DrbdLab(['a', 'b'], options);
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.notice();
  return lab;
}

function healed(lab: DrbdLab): DrbdLab {
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

describe('two disks, quorum off', () => {
  test('1. planned: A stops, B opens: the promotion is granted, nothing is resynced, A follows', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a', 3);
    lab.close('a');
    expect(lab.open('b')).toBe('open');
    expect(lab.write('b', 2)).toBe('acked');
    expect(lab.link('b', 'a')).toBe('Connected/Secondary/Established/UpToDate');
    expect(missing(lab)).toEqual([0, 0]);
  });

  test('2. cut, B opens and writes, A wrote too and is still Primary, heal: both StandAlone', () => {
    const lab = cutUnderPrimary();
    lab.write('a');
    lab.open('b');
    lab.write('b');
    expect(links(healed(lab))).toEqual(['StandAlone', 'StandAlone']);
  });

  test('3. the same, B promoted without any I/O and demoted: no split brain, B takes A’s changes by its bitmap', () => {
    const lab = cutUnderPrimary();
    lab.write('a');
    lab.open('b');
    lab.close('b');
    expect(links(healed(lab))).toEqual(['Connected', 'Connected']);
    expect(missing(lab)).toEqual([0, 0]);
  });

  test('3b. a read is I/O: after it the same heal is a split brain', () => {
    const lab = cutUnderPrimary();
    lab.write('a');
    lab.open('b');
    expect(lab.read('b')).toBe('ok');
    lab.close('b');
    expect(links(healed(lab))).toEqual(['StandAlone', 'StandAlone']);
  });

  test('4. retry-connect, both still Primary and both wrote: both StandAlone; a retry loop only where one did no I/O', () => {
    const diverged = cutUnderPrimary({ 'rr-conflict': 'retry-connect' });
    diverged.write('a');
    diverged.open('b');
    diverged.write('b');
    expect(links(healed(diverged))).toEqual(['StandAlone', 'StandAlone']);
    const idle = cutUnderPrimary({ 'rr-conflict': 'retry-connect' });
    idle.write('a');
    idle.open('b');
    expect(links(healed(idle))).toEqual(['Connecting', 'Connecting']);
  });

  test('5. split brain, --discard-my-data on B: B is the target, its writes are gone, and counted', () => {
    const lab = cutUnderPrimary();
    lab.write('a');
    lab.open('b');
    lab.write('b', 3);
    lab.close('b');
    healed(lab);
    lab.kernel.connect('vol', 'b', 'a', { discardMyData: true });
    lab.kernel.connect('vol', 'a', 'b');
    lab.settle();
    expect(links(lab)).toEqual(['Connected', 'Connected']);
    expect(missing(lab)).toEqual([3, 3]);
  });

  test('12. B is the target of a resync when A is lost: Inconsistent, -2, by force UpToDate with mixed data', () => {
    const lab = new DrbdLab(['a', 'b'], { 'c-max-rate': 1 });
    lab.open('a');
    lab.cut('a', 'b');
    lab.notice();
    lab.write('a', 10);
    lab.heal('a', 'b');
    lab.clock.pass(27_000);
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary Inconsistent quorum');
    expect(lab.kernel.promote('vol', 'b')).toMatchObject({ exit: 17, code: -2 });
    expect(lab.kernel.promote('vol', 'b', { force: true }).exit).toBe(0);
    expect(lab.state('b')).toBe('Primary UpToDate quorum');
    expect(lab.kernel.missingCount('vol', 'b')).toBeGreaterThan(0);
    expect(lab.kernel.missingCount('vol', 'b')).toBeLessThan(10);
  });

  test('13. A crashed as Primary and nobody was promoted: A comes back as the target of B', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a', 2);
    lab.kernel.crashNode('a');
    lab.notice();
    const { current } = lab.on('b').metadata;
    lab.kernel.bootNode('a');
    const seen = new Set<string>();
    const stop = lab.kernel.onChange(() => seen.add(lab.link('b', 'a').split('/')[2]!));
    lab.settle();
    stop();
    expect([...seen]).toEqual(expect.arrayContaining(['SyncSource', 'Established']));
    expect([lab.state('a'), lab.on('b').metadata.current]).toEqual(['Secondary UpToDate quorum', current]);
    expect(missing(lab)).toEqual([0, 0]);
  });
});

describe('quorum majority', () => {
  test('6. two disks, site A lost: B opens with a read-only file system, -25 says how many are missing', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.open('b')).toBe('EROFS');
    expect(lab.kernel.promote('vol', 'b').text).toContain('1 of 2 nodes visible, need 2 for quorum');
  });

  test('7. the same by force: A’s disk counts as Outdated; a new generation at once only if data was missing too', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    const { current } = lab.on('b').metadata;
    lab.kernel.promote('vol', 'b', { force: true });
    expect([lab.state('b'), lab.link('b', 'a')]).toEqual([
      'Primary UpToDate quorum',
      'Connecting/Unknown/Off/Outdated',
    ]);
    expect(lab.on('b').metadata.current).toBe(current);
    const old = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    old.kernel.crashNode('a');
    old.notice();
    old.kernel.outdate('vol', 'b');
    const before = old.on('b').metadata.current;
    old.kernel.promote('vol', 'b', { force: true });
    expect(old.on('b').metadata.current).not.toBe(before);
  });

  test('8. a tiebreaker in B’s site, A lost: B keeps quorum and promotes; the tiebreaker lost later: still', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.open('b')).toBe('open');
    lab.kernel.crashNode('tb');
    lab.notice();
    expect(lab.state('b')).toBe('Primary UpToDate quorum');
  });

  test('9. a tiebreaker in A’s site, A lost: B has no quorum', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.cut('b', 'tb');
    lab.notice();
    expect(lab.open('b')).toBe('EROFS');
    expect(lab.kernel.lacksQuorum('b')).toBe(true);
  });

  test('10. three disks, two of them at A, A lost: as above', () => {
    const lab = new DrbdLab(['a', 'b', 'c'], { quorum: 'majority' });
    lab.cut('a', 'c');
    lab.cut('b', 'c');
    lab.notice();
    expect(lab.kernel.promote('vol', 'c').text).toContain('1 of 3 nodes visible, need 2 for quorum');
  });

  test('11. a tiebreaker in A’s site, all stopped, A and it leave by drbdadm down: B keeps quorum and opens', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.down('vol', 'a');
    lab.kernel.down('vol', 'tb');
    expect(lab.open('b')).toBe('open');
    expect(lab.write('b')).toBe('acked');
  });
});

describe('claims, volumes and VMs', () => {
  const boundTo = (uid: string): JsonObject => ({
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'vm1-disk', uid },
  });

  test('14. a claim that was bound, its volume absent: Lost; a volume with an old uid does not cure it', () => {
    const lab = new ClusterLab({ provisions: false });
    prepareNamespace(lab);
    const bound = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
    lab.send(pvc, claim({ volumeName: 'pvc-vm1-disk' }, bound));
    lab.runFor(second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase')).toBe('Lost');
    lab.send(pv, volume(boundTo('11111111-2222-4333-8444-555555555555')));
    lab.runFor(60 * second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase')).toBe('Lost');
  });

  test('15. a claim of an Immediate class before its volume: a new empty volume', () => {
    const lab = new ClusterLab({});
    prepareNamespace(lab);
    lab.send(pvc, claim());
    lab.runFor(3 * second);
    expect(lab.created).toHaveLength(1);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'spec', 'volumeName')).not.toBe('pvc-vm1-disk');
  });

  test('16. a volume copied with policy Delete and an old uid: the shared resource is destroyed', () => {
    const lab = new ClusterLab({});
    prepareNamespace(lab);
    lab.send(resources.storageClass, storageClass({ metadata: { name: 'linstor-delete' }, reclaimPolicy: 'Delete' }));
    const copied = { ...boundTo('11111111-2222-4333-8444-555555555555'), persistentVolumeReclaimPolicy: 'Delete' };
    lab.send(pv, volume(copied));
    lab.runFor(5 * second);
    expect(lab.deleted).toEqual(['pvc-vm1-disk']);
    const storage = new CsiLab();
    storage.create('pvc-1');
    storage.clock.pass(31_000);
    expect(storage.delete('pvc-1', { driver: storage.there })).toBe('OK');
    expect(storage.get('/v1/view/resources')).toEqual([]);
  });

  test('17. RWX block, attached at the other site while in use here: two primaries, no error', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.open('pvc-1', 'pri-a');
    expect(lab.publish('pvc-1', 'dr-a', lab.there)).toBe('OK');
    lab.open('pvc-1', 'dr-a');
    expect(lab.property('pvc-1', 'DrbdOptions/Net/allow-two-primaries')).toBe('yes');
  });

  test('18. spec.running on a VM that has a runStrategy: 422', () => {
    const lab = new ClusterLab({ provisions: false });
    prepareDisk(lab);
    const vm = resources.virtualMachine;
    lab.send(vm, virtualMachine({ runStrategy: 'Halted' }));
    const body = { spec: { running: true } };
    const request = { verb: 'patch', patch: 'merge', resource: vm, namespace: 'shop', name: 'vm1', body } as const;
    expect(lab.api.request(request).status).toBe(422);
  });
});
