import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionOf } from '../../src/model/condition-of.ts';
import { type Millis, minute, second } from '../../src/model/instant.ts';
import { numberAt, textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { mustApply } from '../../src/twin/protect.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { members, protectedTwin } from './protected-group.ts';

function groupOn({ world }: Twin, site: string): KubeObject {
  const group = world.cluster(site).api.get(resources.protectionGroup, 'default', 'pg');
  if (group === undefined) throw new Error(`no group on ${site}`);
  return group;
}

/** `stopped@1`: what a site is ordered, and under which epoch. */
function orderOf(twin: Twin, site: string): string {
  const { spec } = groupOn(twin, site);
  return `${textAt(spec, 'desiredState')}@${numberAt(spec, 'epoch')}`;
}

function shown(twin: Twin, site: string, type: string): string {
  const condition = conditionOf(groupOn(twin, site), type);
  return `${condition?.status} ${condition?.reason}`;
}

function runFor({ world }: Twin, time: Millis): void {
  world.runUntil(world.now + time);
}

/** As a person who has nothing but kubectl: the group is ordered to run, under the next epoch. */
function orderByHand(twin: Twin, site: string, epoch: number): void {
  mustApply(twin, {
    api: 'kube',
    site,
    verb: 'patch',
    patch: 'merge',
    resource: resources.protectionGroup,
    namespace: 'default',
    name: 'pg',
    body: { spec: { desiredState: 'running', epoch } },
  });
}

function runningOn(twin: Twin, site: string): readonly string[] {
  return members.filter((vm) => twin.guests.executing('default', vm).some(({ cluster }) => cluster === site));
}

/** Copies that are not whole, or do not follow each other. */
function behind({ kernel, sites }: Twin): readonly string[] {
  const nodes = sites.filter(({ role }) => role !== 'quorum').flatMap((site) => site.nodes);
  return kernel.resourceNames().flatMap((name) =>
    nodes.filter((node) => {
      const replica = kernel.replica(name, node);
      const peers = [...(replica?.peers.values() ?? [])].filter(({ kind }) => kind === 'diskful');
      return replica?.disk !== 'UpToDate' || peers.some(({ replication }) => replication !== 'Established');
    }),
  );
}

test('a source that comes back after its group was given away holds its VMs, follows, and is ready once it is whole', () => {
  const twin = protectedTwin();
  const truth = watchGroundTruth(twin);
  const faults = new FaultBoard(twin, drillFaultKinds);
  const loss = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  runFor(twin, minute);
  orderByHand(twin, 'cluster2', 1);
  runFor(twin, 5 * minute);
  expect(runningOn(twin, 'cluster2')).toEqual(members);
  expect(orderOf(twin, 'cluster1')).toBe('running@0');

  for (const volume of twin.kernel.resourceNames()) twin.kernel.setOptions(volume, { 'c-max-rate': 20 });
  faults.heal(loss.id);
  const seen = new Set<string>();
  for (let past = 0; past < 15 * minute; past += second) {
    runFor(twin, second);
    for (const site of ['cluster1', 'cluster2']) {
      for (const type of ['Ready', 'Replicated', 'Superseded']) seen.add(`${site} ${type} ${shown(twin, site, type)}`);
      // What was read before the loss may be shown for as long as a controller takes to look again.
      if (past > minute && shown(twin, site, 'Ready').startsWith('True')) expect(behind(twin)).toEqual([]);
    }
    expect(runningOn(twin, 'cluster1')).toEqual([]);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'cluster1 Superseded True NotResynced',
      'cluster1 Ready False Superseded',
      'cluster1 Replicated False ReplicaNotUpToDate',
      'cluster2 Replicated False ReplicaNotUpToDate',
    ]),
  );
  expect(orderOf(twin, 'cluster1')).toBe('stopped@1');
  expect(shown(twin, 'cluster1', 'Superseded')).toBe('False NoneNewer');
  for (const site of ['cluster1', 'cluster2']) expect(shown(twin, site, 'Ready')).toBe('True Valid');
  expect(runningOn(twin, 'cluster2')).toEqual(members);
  expect(truth.breaches).toEqual([]);
});

test('a source that comes back at any moment of the start elsewhere gives way, and no VM ever runs twice', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 150 }), fc.nat({ max: 1000 }), (seconds, seed) => {
      const twin = protectedTwin(seed);
      const truth = watchGroundTruth(twin);
      const faults = new FaultBoard(twin, drillFaultKinds);
      const loss = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
      runFor(twin, minute);
      orderByHand(twin, 'cluster2', 1);
      runFor(twin, seconds * second);
      faults.heal(loss.id);
      runFor(twin, 10 * minute);
      expect(orderOf(twin, 'cluster1')).toBe('stopped@1');
      expect(runningOn(twin, 'cluster1')).toEqual([]);
      expect(runningOn(twin, 'cluster2')).toEqual(members);
      for (const site of ['cluster1', 'cluster2']) expect(shown(twin, site, 'Ready')).toBe('True Valid');
      expect(truth.breaches).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

test('a source that comes back while the other site does not answer is not held: silence tells nothing', () => {
  const twin = protectedTwin();
  const faults = new FaultBoard(twin, drillFaultKinds);
  const loss = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  runFor(twin, minute);
  orderByHand(twin, 'cluster2', 1);
  runFor(twin, 2 * minute);
  const cut = faults.inject({ kind: 'link-cut', plane: 'api', site: 'cluster1', peer: 'cluster2' }, twin.world.wall());
  faults.heal(loss.id);
  runFor(twin, 5 * minute);
  expect(orderOf(twin, 'cluster1')).toBe('running@0');
  // What keeps the VMs from running twice meanwhile is DRBD: their volumes are Primary on the other site.
  expect(runningOn(twin, 'cluster1')).toEqual([]);
  faults.heal(cut.id);
  runFor(twin, 2 * minute);
  expect(orderOf(twin, 'cluster1')).toBe('stopped@1');
});

test('two sites that are told to run a group under one epoch are shown as such, and nothing is decided', () => {
  const twin = protectedTwin();
  orderByHand(twin, 'cluster2', 0);
  runFor(twin, 2 * minute);
  for (const site of ['cluster1', 'cluster2']) {
    expect(shown(twin, site, 'Superseded')).toBe('Unknown SplitDecision');
    expect(shown(twin, site, 'Ready')).toBe('False SplitDecision');
    expect(orderOf(twin, site)).toBe('running@0');
  }
  expect(runningOn(twin, 'cluster1')).toEqual(members);
  expect(runningOn(twin, 'cluster2')).toEqual([]);
});

test('a node that loses quorum under a running VM leaves the group unverified, and a new controller knows it too', () => {
  const twin = protectedTwin();
  for (const volume of twin.kernel.resourceNames()) twin.kernel.setOptions(volume, { quorum: 'majority' });
  const faults = new FaultBoard(twin, drillFaultKinds);
  const cut = faults.inject({ kind: 'link-cut', plane: 'drbd', site: 'cluster1' }, twin.world.wall());
  runFor(twin, 2 * minute);
  expect(shown(twin, 'cluster1', 'Verified')).toBe('False QuorumLost');
  faults.heal(cut.id);
  for (const id of twin.hosts.ids()) twin.hosts.remove(id);
  for (const start of twin.startGroupController.values()) start();
  runFor(twin, 5 * minute);
  expect(shown(twin, 'cluster1', 'Verified')).toBe('False QuorumLost');
  expect(shown(twin, 'cluster1', 'Ready')).toBe('False Unverified');
  expect(shown(twin, 'cluster2', 'Verified')).toBe('True NeverInDoubt');
});
