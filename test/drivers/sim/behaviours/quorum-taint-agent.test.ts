import { describe, expect, test } from 'vitest';
import { listAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { createQuorumTaintAgent } from '../../../../src/drivers/sim/behaviours/quorum-taint-agent.ts';
import { DrbdKernel } from '../../../../src/drivers/sim/drbd/kernel.ts';
import { defaultOptions } from '../../../../src/drivers/sim/drbd/options.ts';
import { World } from '../../../../src/drivers/sim/world.ts';

/** Two clusters with a node each, and a volume with quorum majority on both. */
function openSites(): { world: World; kernel: DrbdKernel } {
  const world = new World({
    seed: 3,
    epoch: 1_767_225_600_000,
    speed: 1,
    kubernetesVersion: 'v1.36.3',
    clusters: ['cluster1', 'cluster2'],
  });
  const kernel = new DrbdKernel(world, world.randomness.stream('drbd'));
  world.route('drbd', (event) => kernel.handle(event));
  const options = { ...defaultOptions, quorum: 'majority' } as const;
  kernel.createResource('vol', { sizeKib: 1024, replicas: { 'c1-n1': 'diskful', 'c2-n1': 'diskful' }, options });
  for (const [cluster, node] of [
    ['cluster1', 'c1-n1'],
    ['cluster2', 'c2-n1'],
  ] as const) {
    const body = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node },
      spec: { taints: [{ key: 'mine', effect: 'NoSchedule' }] },
    };
    world.cluster(cluster).api.request({ verb: 'create', resource: resources.node, body });
    world.cluster(cluster).addBehaviour(createQuorumTaintAgent(kernel));
  }
  world.runUntil(20_000);
  return { world, kernel };
}

const taintsOf = (world: World): string[] =>
  listAt(world.cluster('cluster2').api.get(resources.node, '', 'c2-n1'), 'spec', 'taints').map(
    (taint) => (taint as { key: string }).key,
  );

describe("the quorum taints of a cluster's nodes", () => {
  test('appear within 5 s of the loss, with effect and time, beside the taints of others', () => {
    const { world, kernel } = openSites();
    expect(taintsOf(world)).toEqual(['mine']);
    kernel.setLink('c1-n1', 'c2-n1', false, { silent: false });
    world.runUntil(world.now + 5000);
    const [, taint] = listAt(world.cluster('cluster2').api.get(resources.node, '', 'c2-n1'), 'spec', 'taints');
    expect(taint).toMatchObject({
      key: 'drbd.linbit.com/lost-quorum',
      effect: 'NoSchedule',
      timeAdded: expect.any(String),
    });
  });

  test('come back within 5 s after somebody removed them', () => {
    const { world, kernel } = openSites();
    kernel.setLink('c1-n1', 'c2-n1', false, { silent: false });
    world.runUntil(world.now + 5000);
    const { api } = world.cluster('cluster2');
    const remove = { spec: { taints: [{ key: 'mine', effect: 'NoSchedule' }] } };
    api.request({ verb: 'patch', patch: 'merge', resource: resources.node, name: 'c2-n1', body: remove });
    expect(taintsOf(world)).toEqual(['mine']);
    world.runUntil(world.now + 5000);
    expect(taintsOf(world)).toEqual(['mine', 'drbd.linbit.com/lost-quorum']);
  });

  test('go away within 5 s after quorum is back', () => {
    const { world, kernel } = openSites();
    kernel.setLink('c1-n1', 'c2-n1', false, { silent: false });
    world.runUntil(world.now + 10_000);
    kernel.setLink('c1-n1', 'c2-n1', true);
    world.runUntil(world.now + 10_600);
    expect(kernel.lacksQuorum('c2-n1')).toBe(false);
    world.runUntil(world.now + 5000);
    expect(taintsOf(world)).toEqual(['mine']);
  });

  test('force-io-error marks a node that fails the requests of its openers', () => {
    const { world, kernel } = openSites();
    kernel.open('vol', 'c2-n1', 'pod', 'rw');
    kernel.demote('vol', 'c2-n1', { force: true });
    world.runUntil(world.now + 5000);
    expect(taintsOf(world)).toEqual(['mine', 'drbd.linbit.com/force-io-error']);
  });

  test('cost no event while nothing changes, tainted or not', () => {
    const { world, kernel } = openSites();
    kernel.setLink('c1-n1', 'c2-n1', false, { silent: false });
    world.runUntil(world.now + 10_000);
    const handled = world.handled;
    world.runUntil(world.now + 3_600_000);
    expect(world.handled).toBe(handled);
  });
});
