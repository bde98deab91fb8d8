import { describe, expect, test } from 'vitest';
import { createQuorumTaintAgent } from '../../../src/drivers/sim/behaviours/quorum-taint-agent.ts';
import { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { defaultOptions } from '../../../src/drivers/sim/drbd/options.ts';
import { World } from '../../../src/drivers/sim/world.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { ClusterLab } from './behaviours/cluster-lab.ts';
import { claim, prepareNamespace, volume } from './behaviours/manifests.ts';
import { DrbdLab } from './drbd/drbd-lab.ts';
import { CsiLab } from './linstor-csi/csi-lab.ts';
import { LinstorLab } from './linstor/linstor-lab.ts';

describe('the rules of storage, each by one of its consequences', () => {
  test('1. why a node may not be Primary is asked in the kernel’s order; force never overrides a visible Primary', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority', fencing: 'resource-only' });
    lab.open('a');
    expect(lab.kernel.promote('vol', 'b', { force: true }).code).toBe(-1);
    lab.close('a');
    lab.cut('a', 'b');
    lab.notice();
    expect(lab.kernel.promote('vol', 'b').code).toBe(-25);
    lab.kernel.outdate('vol', 'b');
    expect(lab.kernel.promote('vol', 'b').code).toBe(-2);
    lab.kernel.setOptions('vol', { quorum: 'off' });
    expect(lab.kernel.promote('vol', 'a').code).toBe(-7);
    lab.kernel.setOptions('vol', { fencing: 'dont-care' });
    expect([lab.open('b'), lab.open('a')]).toEqual(['pending', 'open']);
  });

  test('2. a lost Primary leaves Consistent, then UpToDate; one that is seen through a third node leaves Outdated', () => {
    const alone = new DrbdLab();
    const disks: string[] = [];
    alone.open('a');
    alone.kernel.onChange((_, node) => node === 'b' && disks.push(alone.on('b').disk));
    alone.kernel.crashNode('a');
    alone.notice();
    expect([...new Set(disks)]).toEqual(['Consistent', 'UpToDate']);
    const three = new DrbdLab(['a', 'b', 'c']);
    three.open('a');
    three.cut('a', 'b');
    three.notice();
    expect([three.on('b').disk, three.on('c').disk]).toEqual(['Outdated', 'UpToDate']);
  });

  test('3. the generation changes with the first I/O that somebody misses, and with nothing else', () => {
    const lab = new DrbdLab();
    const { metadata } = lab.on('a');
    const first = metadata.current;
    lab.cut('a', 'b');
    lab.notice();
    lab.open('a');
    lab.close('a');
    expect(metadata.current).toBe(first);
    lab.open('a');
    lab.write('a');
    expect([metadata.current === first, lab.on('a').peers.get('b')!.bitmapGeneration]).toEqual([false, first]);
  });

  test('4. quorum counts who is expelled no more: with a tiebreaker the first loss is survived, and the second then too', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    lab.kernel.crashNode('tb');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
  });

  test('5. protocol C: acknowledged when every connected disk has it; suspended never; io-error fails it', () => {
    const suspends = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    suspends.open('a');
    expect(suspends.write('a')).toBe('acked');
    suspends.cut('a', 'b');
    expect(suspends.write('a')).toBe('pending');
    suspends.notice();
    expect([suspends.write('a'), suspends.kernel.ledger.fateOf('vol', 2)]).toEqual(['pending', 'open']);
    const fails = new DrbdLab(['a', 'b'], { quorum: 'majority', 'on-no-quorum': 'io-error' });
    fails.open('a');
    fails.write('a');
    fails.cut('a', 'b');
    fails.write('a');
    fails.notice();
    expect([fails.write('a'), fails.kernel.ledger.fateOf('vol', 2)]).toEqual(['EIO', 'failed']);
  });

  test('6. LINSTOR: of a node that is offline the state is absent, not false', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    const view = (): unknown => (lab.get('/v1/view/resources?nodes=dr-a') as readonly unknown[])[0];
    expect(view()).toMatchObject({ state: { in_use: false } });
    lab.linstor.satelliteLost('dr-a', { silent: false });
    expect(view()).not.toHaveProperty('state');
  });

  test('7. CSI: attaching where another node uses the volume allows two primaries; a delete destroys every copy', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.open('pvc-1', 'pri-a');
    lab.publish('pvc-1', 'dr-a', lab.there);
    expect(lab.property('pvc-1', 'DrbdOptions/Net/allow-two-primaries')).toBe('yes');
    lab.close('pvc-1', 'pri-a');
    lab.clock.pass(31_000);
    expect(lab.delete('pvc-1')).toBe('OK');
    expect(lab.get('/v1/view/resources')).toEqual([]);
  });

  test('8. a claim binds to the volume that is reserved for it, and is Lost when the volume goes', () => {
    const lab = new ClusterLab({ provisions: false });
    prepareNamespace(lab);
    const phase = (): string | undefined =>
      textAt(lab.get(resources.persistentVolumeClaim, 'vm1-disk'), 'status', 'phase');
    lab.send(resources.persistentVolume, volume());
    lab.send(resources.persistentVolumeClaim, claim());
    lab.runFor(1000);
    expect(phase()).toBe('Bound');
    const finalizers = { metadata: { finalizers: null } };
    lab.delete(resources.persistentVolume, 'pvc-vm1-disk');
    const request = { verb: 'patch', patch: 'merge', resource: resources.persistentVolume } as const;
    lab.api.request({ ...request, name: 'pvc-vm1-disk', body: finalizers });
    lab.runFor(1000);
    expect(phase()).toBe('Lost');
  });

  test('9. a quorum taint that somebody removes is back within 5 s, until quorum is', () => {
    const world = new World({
      seed: 1,
      epoch: 1_767_225_600_000,
      speed: 1,
      kubernetesVersion: 'v1.36.3',
      clusters: ['one'],
    });
    const kernel = new DrbdKernel(world, world.randomness.stream('drbd'));
    world.route('drbd', (event) => kernel.handle(event));
    const options = { ...defaultOptions, quorum: 'majority' } as const;
    kernel.createResource('vol', { sizeKib: 1024, replicas: { here: 'diskful', away: 'diskful' }, options });
    const { api } = world.cluster('one');
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } };
    api.request({ verb: 'create', resource: resources.node, body: node });
    world.cluster('one').addBehaviour(createQuorumTaintAgent(kernel));
    const taints = (): number => listAt(api.get(resources.node, '', 'here'), 'spec', 'taints').length;
    kernel.setLink('here', 'away', false, { silent: false });
    world.runUntil(6000);
    expect(taints()).toBe(1);
    const body = { spec: { taints: null } };
    api.request({ verb: 'patch', patch: 'merge', resource: resources.node, name: 'here', body });
    expect(taints()).toBe(0);
    world.runUntil(12_000);
    expect(taints()).toBe(1);
    kernel.setLink('here', 'away', true);
    world.runUntil(40_000);
    expect(taints()).toBe(0);
  });
});
