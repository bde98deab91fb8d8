import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failoverView } from '../../src/model/failover-view.ts';
import { allPass } from '../../src/model/findings.ts';
import {
  quorumTaintsAreGone,
  targetReplicasAreCurrent,
  taintedTargetNodes,
  twoPrimariesAreRefused,
  virtualMachinesAreRunning,
  virtualMachinesAreStopped,
} from '../../src/model/gates.ts';
import { claimsOf, type GroupView, groupView } from '../../src/model/group-view.ts';
import { unknown } from '../../src/model/known.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { StorageSubject, Subject } from '../../src/model/read-plan.ts';
import { preflightChecks } from '../../src/model/checks/preflight.ts';
import { changed, observationOfScene, siteSubjects, storageSubjects } from '../machines/scene-answers.ts';
import { sceneArbitrary } from '../machines/scene-arbitrary.ts';
import {
  calmScene,
  released,
  replicaFromText,
  type Scene,
  withPower,
  withReplica,
  withSite,
} from '../machines/scene.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };
const plan = { virtualMachines: ['vm-1', 'vm-2'], resources: ['vol-1', 'vol-2'] };

const viewOf = (scene: Scene): GroupView => groupView(observationOfScene(scene), { ...scope, ...plan });
const stopped = released(calmScene());

describe('a gate', () => {
  test.each(['running', 'starting', 'stopping', 'attached'] as const)(
    'of stopped VMs is closed while one is %s',
    (power) => {
      const verdict = virtualMachinesAreStopped(viewOf(withPower(stopped, 'cluster1', 'vm-2', power)).source);
      expect(verdict).toMatchObject({ open: false, blockers: [expect.stringMatching(/^vm-2 on cluster1 is /)] });
      expect(virtualMachinesAreStopped(viewOf(stopped).source)).toMatchObject({ open: true, blockers: [] });
    },
  );

  test('of running VMs is closed until every one runs', () => {
    expect(virtualMachinesAreRunning(viewOf(calmScene()).source).open).toBe(true);
    const starting = withPower(calmScene(), 'cluster1', 'vm-1', 'starting');
    expect(virtualMachinesAreRunning(viewOf(starting).source).blockers).toEqual([
      'vm-1 on cluster1 is starting: The VM is starting.',
    ]);
  });

  test.each([
    ['Secondary,Outdated', 'vol-1 on cluster2-node (cluster2) is Outdated, not UpToDate'],
    ['Secondary,Connecting', 'vol-1 on cluster2-node (cluster2) is Connecting towards cluster1-node'],
    ['Secondary,SyncTarget', 'vol-1 on cluster2-node (cluster2) and cluster1-node are SyncTarget'],
    ['?', 'vol-1 on cluster2-node (cluster2) is not reported, not UpToDate'],
  ])('of current replicas is closed while the target is %s', (replica, blocker) => {
    const scene = withReplica(stopped, 'vol-1', 'cluster2', replicaFromText(replica));
    expect(targetReplicasAreCurrent(viewOf(scene)).blockers).toEqual([blocker]);
    expect(targetReplicasAreCurrent(viewOf(stopped)).open).toBe(true);
  });

  test('of current replicas is closed as soon as one side has noticed that the other one is gone', () => {
    const noticed = withReplica(stopped, 'vol-1', 'cluster1', { connection: 'Connecting' });
    expect(targetReplicasAreCurrent(viewOf(noticed)).blockers).toEqual([
      'vol-1 on cluster1-node (cluster1) is Connecting towards cluster2-node',
    ]);
  });

  test('of current replicas is open while copies are compared: every write goes to both all the same', () => {
    const comparing = withReplica(stopped, 'vol-1', 'cluster2', { replication: 'VerifyT' });
    expect(targetReplicasAreCurrent(viewOf(comparing)).open).toBe(true);
  });

  test('of current replicas is closed where the target has no disk, or LINSTOR knows no such resource', () => {
    const first = stopped.volumes['vol-1'];
    const { cluster1 } = first?.replicas ?? {};
    if (first === undefined || cluster1 === undefined) throw new Error('no vol-1');
    const oneSided = { ...stopped, volumes: { ...stopped.volumes, 'vol-1': { ...first, replicas: { cluster1 } } } };
    expect(targetReplicasAreCurrent(viewOf(oneSided)).blockers).toEqual(['no diskful replica of vol-1 is in cluster2']);
    expect(targetReplicasAreCurrent(viewOf({ ...stopped, volumes: {} })).blockers).toEqual([
      'the storage has no volume vol-1',
      'the storage has no volume vol-2',
    ]);
  });

  test('of two Primaries is closed when they are allowed, and when that cannot be told', () => {
    const first = stopped.volumes['vol-1'];
    if (first === undefined) throw new Error('no vol-1');
    const allowed = { ...stopped, volumes: { ...stopped.volumes, 'vol-1': { ...first, twoPrimaries: true } } };
    expect(twoPrimariesAreRefused(viewOf(stopped)).open).toBe(true);
    expect(twoPrimariesAreRefused(viewOf(allowed)).blockers).toEqual(['allow-two-primaries is yes on vol-1']);
    const untold = groupView(without(observationOfScene(stopped), undefined, 'linstorProperties'), {
      ...scope,
      ...plan,
    });
    expect(twoPrimariesAreRefused(untold).blockers).toContain('whether vol-1 allows two Primaries is not known');
  });

  test('of quorum taints looks at the target nodes that hold replicas, and at two keys only', () => {
    const tainted = withSite(stopped, 'cluster2', { taints: ['drbd.linbit.com/lost-quorum', 'example.org/other'] });
    expect(taintedTargetNodes(viewOf(tainted))).toMatchObject([{ keys: ['drbd.linbit.com/lost-quorum'] }]);
    expect(quorumTaintsAreGone(viewOf(tainted)).blockers).toEqual([
      'cluster2-node carries drbd.linbit.com/lost-quorum',
    ]);
    const elsewhere = withSite(stopped, 'cluster1', { taints: ['drbd.linbit.com/lost-quorum'] });
    expect(quorumTaintsAreGone(viewOf(elsewhere)).open).toBe(true);
    expect(quorumTaintsAreGone(viewOf(withSite(stopped, 'cluster2', { silent: ['nodes'] }))).open).toBe(false);
  });
});

describe('what is unknown', () => {
  const reads: readonly (readonly [string | undefined, Subject | StorageSubject])[] = [
    ...['cluster1', 'cluster2'].flatMap((site) => siteSubjects.map((subject) => [site, subject] as const)),
    ...storageSubjects.map((subject) => [undefined, subject] as const),
  ];
  const scenes = fc.oneof(sceneArbitrary([undefined]), fc.constantFrom(calmScene(), stopped));

  test('never opens a gate of a running operation that was closed', () => {
    fc.assert(
      fc.property(scenes, fc.constantFrom(...reads), (scene, [site, subject]) => {
        const observation = observationOfScene(scene);
        const open = openGates(observation);
        for (const gate of openGates(without(observation, site, subject))) expect(open).toContain(gate);
      }),
      { numRuns: 400 },
    );
  });

  test('never lets a preflight pass that did not', () => {
    // Everything that a preflight asks of a healthy pair; one read less is one thing less that is known.
    for (const scene of [calmScene(), ...troubled()]) {
      const observation = observationOfScene(scene);
      const passed = allPass(preflightChecks(groupView(observation, scope), { ownOperation: 'pg-1' }));
      for (const [site, subject] of reads) {
        const less = allPass(
          preflightChecks(groupView(without(observation, site, subject), scope), { ownOperation: 'pg-1' }),
        );
        expect([site, subject, less && !passed]).toEqual([site, subject, false]);
      }
    }
  });

  test.each(['claims', 'volumes', 'attachments', 'pods', 'instances', 'virtualMachines'] as const)(
    '%s keep a group from counting as stopped',
    (subject) => {
      const view = viewOf(withSite(stopped, 'cluster1', { silent: [subject] }));
      // Attachments are matched by the volume that a claim names; the volume itself is not asked for that.
      expect(virtualMachinesAreStopped(view.source).open).toBe(subject === 'volumes');
    },
  );

  test('claims keep a VM that has no disk but a persistent TPM from counting as stopped', () => {
    const observation = changed(observationOfScene(stopped), 'cluster1', 'virtualMachines', (vm) => ({
      ...vm,
      spec: { ...vm.spec, template: { spec: { domain: { devices: { tpm: { persistent: true } } } } } },
    }));
    const stateOf = (seen: Observation) =>
      virtualMachinesAreStopped(groupView(seen, { ...scope, ...plan }).source).open;
    expect(stateOf(observation)).toBe(true);
    expect(stateOf(without(observation, 'cluster1', 'claims'))).toBe(false);
  });

  test('claims keep the volumes of a group from being named, and its preflight from passing', () => {
    const view = groupView(observationOfScene(withSite(calmScene(), 'cluster1', { silent: ['claims'] })), scope);
    expect(claimsOf(view.source).map(({ claim }) => claim.known)).toEqual([false, false]);
    expect(allPass(preflightChecks(view, { ownOperation: 'pg-1' }))).toBe(false);
  });
});

/** Scenes in which one thing, told by one read, keeps the preflight from passing. */
function troubled(): readonly Scene[] {
  const calm = calmScene();
  const first = calm.volumes['vol-1'];
  if (first === undefined) throw new Error('no vol-1');
  return [
    withPower(calm, 'cluster2', 'vm-1', 'running'),
    withPower(calm, 'cluster2', 'vm-1', 'attached'),
    withPower(calm, 'cluster1', 'vm-1', 'stopped'),
    withPower(calm, 'cluster2', 'vm-1', 'absent'),
    { ...calm, volumes: { ...calm.volumes, 'vol-1': { ...first, twoPrimaries: true } } },
    withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,Outdated')),
    withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,Connecting')),
    { ...calm, operation: otherOperation },
  ];
}

const otherOperation = {
  apiVersion: 'siterecovery.trilio.io/v1alpha1',
  kind: 'Failover',
  metadata: { name: 'another', namespace: 'default' },
  spec: { protectionGroup: 'pg', targetCluster: 'cluster2' },
};

/** The names of the gates that are open, with the locks that are free. */
function openGates(observation: Observation): readonly string[] {
  const view = failoverView(observation, { ...scope, ...plan }, { leaseSites: [], preflightOf: undefined });
  const { group } = view;
  const verdicts = [
    { ...virtualMachinesAreStopped(group.source), gate: 'source stopped' },
    { ...virtualMachinesAreStopped(group.target), gate: 'target stopped' },
    { ...virtualMachinesAreRunning(group.source), gate: 'source running' },
    { ...virtualMachinesAreRunning(group.target), gate: 'target running' },
    targetReplicasAreCurrent(group),
    twoPrimariesAreRefused(group),
    quorumTaintsAreGone(group),
    ...view.locks.map((lock) => ({ gate: `lock of ${lock.resource}`, open: lock.condition === 'free' })),
  ];
  return verdicts.filter(({ open }) => open).map(({ gate }) => gate);
}

/** The observation as if one read had not been answered. */
function without(observation: Observation, site: string | undefined, subject: Subject | StorageSubject): Observation {
  const silence = unknown<never>('no answer');
  if (site === undefined) return { ...observation, storage: { ...observation.storage, [subject]: silence } };
  const there = observation.sites[site];
  if (there === undefined) return observation;
  const readings = { ...there.readings, [subject]: silence };
  return { ...observation, sites: { ...observation.sites, [site]: { ...there, readings } } };
}
