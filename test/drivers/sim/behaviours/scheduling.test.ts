import { describe, expect, test } from 'vitest';
import { listAt, textAt, type Json, type JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { claim, prepareNamespace, storageClass, volume } from './manifests.ts';

const second = 1000;
const tail =
  'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const nowhere = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['moon'] }] }] },
};

function labWith(prepare: (lab: ClusterLab) => void, spec: JsonObject = {}, claimName = 'vm1-disk'): ClusterLab {
  const lab = new ClusterLab({ provisions: false });
  prepareNamespace(lab);
  prepare(lab);
  lab.runFor(second);
  const volumes: Json[] = claimName === '' ? [] : [{ name: 'data', persistentVolumeClaim: { claimName } }];
  lab.send(resources.pod, {
    metadata: { name: 'probe', namespace: 'shop' },
    spec: { containers: [{ name: 'main', image: 'busybox' }], volumes, ...spec },
  });
  lab.runFor(2 * second);
  return lab;
}

function verdictOf(lab: ClusterLab): string | undefined {
  const conditions = listAt(lab.get(resources.pod, 'probe'), 'status', 'conditions');
  const scheduled = conditions.find((one) => textAt(one, 'type') === 'PodScheduled');
  return textAt(scheduled, 'message');
}

const bound = (lab: ClusterLab, change: JsonObject = {}): void => {
  lab.send(resources.persistentVolume, volume(change));
  lab.send(resources.persistentVolumeClaim, claim());
  lab.runFor(second);
};

describe('a pod that no node takes says why in the words of the scheduler', () => {
  test.each([
    [
      'claim does not exist',
      () => {},
      {},
      '0/3 nodes are available: persistentvolumeclaim "vm1-disk" not found. not found',
    ],
    [
      'claim is pending',
      (lab: ClusterLab) => lab.send(resources.persistentVolumeClaim, claim()),
      {},
      '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    ],
    [
      'volume is gone',
      (lab: ClusterLab) => {
        bound(lab);
        lab.delete(resources.persistentVolume, 'pvc-vm1-disk');
        lab.mergePatch(resources.persistentVolume, 'pvc-vm1-disk', { metadata: { finalizers: null } });
      },
      {},
      '0/3 nodes are available: persistentvolumeclaim "vm1-disk" bound to non-existent persistentvolume "pvc-vm1-disk". not found',
    ],
    [
      'annotation was kept and the volume name stripped',
      (lab: ClusterLab) => {
        const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
        lab.send(resources.persistentVolumeClaim, claim({}, { annotations }));
      },
      {},
      '0/3 nodes are available: persistentvolumeclaim "vm1-disk" bound to non-existent persistentvolume "". not found',
    ],
    [
      'volume has an affinity to no node',
      (lab: ClusterLab) => bound(lab, { nodeAffinity: nowhere }),
      {},
      `0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. ${tail}`,
    ],
    [
      'reserved volume of a waiting claim has an affinity to no node',
      (lab: ClusterLab) => {
        const storageClassName = 'linstor-wffc';
        lab.send(
          resources.storageClass,
          storageClass({ metadata: { name: storageClassName }, volumeBindingMode: 'WaitForFirstConsumer' }),
        );
        lab.send(resources.persistentVolume, volume({ nodeAffinity: nowhere, storageClassName }));
        lab.send(resources.persistentVolumeClaim, claim({ storageClassName }));
      },
      {},
      `0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. ${tail}`,
    ],
    [
      'selector matches no node',
      (lab: ClusterLab) => bound(lab),
      { nodeSelector: { zone: 'moon' } },
      `0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. ${tail}`,
    ],
    [
      'only matching node is cordoned',
      (lab: ClusterLab) => {
        bound(lab);
        lab.mergePatch(resources.node, 'node-a1', { spec: { unschedulable: true } });
      },
      { nodeSelector: { 'kubernetes.io/hostname': 'node-a1' } },
      `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${tail}`,
    ],
    [
      'only matching node lost its quorum',
      (lab: ClusterLab) => {
        bound(lab);
        const taints = [{ key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' }];
        lab.mergePatch(resources.node, 'node-a1', { spec: { taints } });
      },
      { nodeSelector: { 'kubernetes.io/hostname': 'node-a1' } },
      `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. ${tail}`,
    ],
  ] as const)('because its %s', (_why, prepare, spec, message) => {
    const lab = labWith((one) => void prepare(one), spec);
    expect(verdictOf(lab)).toBe(message);
    expect(lab.events('Pod')).toContain(`Warning FailedScheduling: ${message}`);
  });

  test('but a claim that waits for it leaves it without a word, on a node chosen for the claim', () => {
    const lab = labWith((one) => {
      one.send(
        resources.storageClass,
        storageClass({ metadata: { name: 'wffc' }, volumeBindingMode: 'WaitForFirstConsumer' }),
      );
      one.send(resources.persistentVolumeClaim, claim({ storageClassName: 'wffc' }));
    });
    expect(verdictOf(lab)).toBeUndefined();
    expect(lab.events('Pod').filter((event) => event.includes('FailedScheduling'))).toEqual([]);
    const annotations = lab.get(resources.persistentVolumeClaim, 'vm1-disk')?.metadata.annotations;
    expect(annotations?.['volume.kubernetes.io/selected-node']).toMatch(/^node-a\d$/);
  });
});

describe('a pod for which there is no room', () => {
  const asking = (requests: JsonObject): JsonObject => ({
    containers: [{ name: 'main', image: 'busybox', resources: { requests } }],
  });
  const tenant = (lab: ClusterLab, node: string, requests: JsonObject): void => {
    const spec = { ...asking(requests), nodeSelector: { 'kubernetes.io/hostname': node } };
    lab.send(resources.pod, { metadata: { name: `tenant-of-${node}`, namespace: 'shop' }, spec });
    lab.runFor(second);
  };
  const fillAll = (lab: ClusterLab): void => {
    for (const node of ['node-a1', 'node-a2', 'node-a3']) tenant(lab, node, { cpu: '31', memory: '100Gi' });
  };

  test.each([
    [
      'for nodes that others fill',
      fillAll,
      { cpu: '2', memory: '40Gi' },
      '0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    ],
    [
      'for nodes that are too small',
      () => {},
      { memory: '200Gi' },
      `0/3 nodes are available: 3 Insufficient memory. ${tail}`,
    ],
    [
      'for a device that no node has',
      () => {},
      { 'devices.kubevirt.io/kvm': '1' },
      `0/3 nodes are available: 3 Insufficient devices.kubevirt.io/kvm. ${tail}`,
    ],
  ] as const)('is told so, %s', (_why, prepare, requests, message) => {
    expect(verdictOf(labWith(prepare, asking(requests), ''))).toBe(message);
  });

  test('gets it when it becomes free', () => {
    const lab = labWith(fillAll, asking({ cpu: '2' }), '');
    expect(verdictOf(lab)).toContain('3 Insufficient cpu');
    lab.delete(resources.pod, 'tenant-of-node-a2');
    lab.runFor(10 * second);
    expect(textAt(lab.get(resources.pod, 'probe'), 'spec', 'nodeName')).toBe('node-a2');
  });

  test('is taken where there is room, if only there', () => {
    const lab = labWith(
      (one) => {
        for (const node of ['node-a1', 'node-a3']) tenant(one, node, { memory: '120Gi' });
      },
      asking({ memory: '20Gi' }),
      '',
    );
    expect(textAt(lab.get(resources.pod, 'probe'), 'spec', 'nodeName')).toBe('node-a2');
  });
});

describe('a pod that a node takes', () => {
  test('tolerates the taint, is bound, attached and run', () => {
    const tolerations = [{ key: 'drbd.linbit.com/lost-quorum', operator: 'Exists' }];
    const lab = labWith(
      (one) => {
        bound(one);
        const taints = [{ key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' }];
        for (const node of ['node-a1', 'node-a2', 'node-a3'])
          one.mergePatch(resources.node, node, { spec: { taints } });
      },
      { tolerations },
    );
    lab.runFor(3 * second);
    expect(textAt(lab.get(resources.pod, 'probe'), 'status', 'phase')).toBe('Running');
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual(['probe']);
    lab.delete(resources.pod, 'probe');
    lab.runFor(5 * second);
    expect(lab.get(resources.pod, 'probe')).toBeUndefined();
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
  });

  test('that cannot get its single-writer volume, because another node has it, is told so', () => {
    const lab = labWith(
      (one) => {
        one.send(resources.persistentVolume, volume({ accessModes: ['ReadWriteOnce'] }));
        one.send(resources.persistentVolumeClaim, claim({ accessModes: ['ReadWriteOnce'] }));
      },
      { nodeSelector: { 'kubernetes.io/hostname': 'node-a1' } },
    );
    lab.send(resources.pod, {
      metadata: { name: 'second', namespace: 'shop' },
      spec: {
        containers: [{ name: 'main', image: 'busybox' }],
        nodeSelector: { 'kubernetes.io/hostname': 'node-a2' },
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'vm1-disk' } }],
      },
    });
    lab.runFor(5 * second);
    expect(textAt(lab.get(resources.pod, 'second'), 'status', 'phase')).toBe('Pending');
    expect(lab.events('Pod').join()).toContain('Multi-Attach error for volume "pvc-vm1-disk"');
    lab.delete(resources.pod, 'probe');
    lab.runFor(10 * second);
    expect(textAt(lab.get(resources.pod, 'second'), 'status', 'phase')).toBe('Running');
  });

  test('whose volume cannot be published carries the driver error, until it can', () => {
    const lab = labWith((one) => {
      bound(one);
      one.publishAnswer = {
        kind: 'error',
        code: 'Internal',
        message: 'ControllerPublishVolume failed for pvc-vm1-disk: two other resources already InUse',
      };
    });
    lab.runFor(5 * second);
    expect(lab.events('Pod').join()).toContain(
      'FailedAttachVolume: AttachVolume.Attach failed for volume "pvc-vm1-disk" : rpc error: code = Internal desc = ControllerPublishVolume failed for pvc-vm1-disk: two other resources already InUse',
    );
    lab.publishAnswer = { kind: 'ok' };
    lab.runFor(20 * second);
    expect(textAt(lab.get(resources.pod, 'probe'), 'status', 'phase')).toBe('Running');
  });
});
