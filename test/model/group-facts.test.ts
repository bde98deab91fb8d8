import { describe, expect, test } from 'vitest';
import { type GroupFacts, groupFacts } from '../../src/model/group-facts.ts';
import { groupView, type GroupView } from '../../src/model/group-view.ts';
import { known } from '../../src/model/known.ts';
import { outOfSyncKib } from '../../src/model/out-of-sync.ts';
import { parseDrbdReport } from '../../src/model/drbd-report.ts';
import type { Observation } from '../../src/model/observation.ts';
import { newFailover } from '../../src/model/failover.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, replicaFromText, type Scene, withReplica, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };

function viewOf(scene: Scene): GroupView {
  return groupView(observationOfScene(scene), scope);
}

function factsOf(scene: Scene): GroupFacts {
  return groupFacts(viewOf(scene));
}

function pair(first: string, second: string): Scene {
  const one = withReplica(calmScene(), 'vol-1', 'cluster1', replicaFromText(first));
  return withReplica(one, 'vol-1', 'cluster2', replicaFromText(second));
}

describe('the facts of a group', () => {
  test('tell where its data is and which way it flows', () => {
    expect(factsOf(calmScene())).toEqual({
      direction: { source: 'cluster1', target: 'cluster2' },
      dataOn: known(['cluster1', 'cluster2']),
      replication: known({ kind: 'InSync' }),
      lastOperation: undefined,
      lastDrill: undefined,
      troubles: [],
    });
  });

  test.each([
    ['Primary,SyncSource', 'Secondary,Inconsistent,SyncTarget', 'Resyncing', ['cluster1']],
    ['Primary,Connecting', 'Secondary,Outdated,Connecting', 'NotConnected', ['cluster1']],
    ['Primary,StandAlone', 'Primary,StandAlone', 'Parted', ['cluster1', 'cluster2']],
    ['Primary', '?', 'NotReported', ['cluster1']],
    ['Primary', 'Secondary,Outdated', 'NotUpToDate', ['cluster1']],
  ])('of %s and %s are that the replication is %s', (first, second, kind, sites) => {
    const { replication, dataOn } = factsOf(pair(first, second));
    expect(replication).toMatchObject({ known: true, value: { kind } });
    expect(dataOn).toEqual(known(sites));
  });

  test('have no direction while two sites, or none, are told to run it', () => {
    const group = { epoch: 1, virtualMachines: ['vm-1', 'vm-2'] };
    expect(
      factsOf(withSite(calmScene(), 'cluster2', { group: { ...group, desiredState: 'running' } })).direction,
    ).toBeUndefined();
    expect(
      factsOf(withSite(calmScene(), 'cluster1', { group: { ...group, desiredState: 'stopped' } })).direction,
    ).toBeUndefined();
  });

  test('name the newest operation', () => {
    const operation = newFailover(plannedRequest('pg-1', 'cluster1', 'cluster2'));
    const scene = { ...calmScene(), operation: { ...operation, status: { phase: 'RolledBack' } } };
    expect(factsOf(scene).lastOperation).toEqual({ name: 'pg-1', phase: 'RolledBack', target: 'cluster2' });
  });

  test('are unknown, not fine, while LINSTOR does not answer', () => {
    const { replication, dataOn } = factsOf({ ...calmScene(), linstorAnswers: false });
    expect([replication.known, dataOn.known]).toEqual([false, false]);
  });
});

describe('what is out of sync', () => {
  const marked = (resource: string, peer: string, kib: number): string =>
    [
      `exists resource name:${resource} role:Primary suspended:no`,
      `exists connection name:${resource} peer-node-id:1 conn-name:${peer} connection:Connected role:Secondary`,
      `exists peer-device name:${resource} peer-node-id:1 conn-name:${peer} volume:0 replication:SyncSource out-of-sync:${kib}`,
    ].join('\n');

  function withReports(reports: Readonly<Record<string, Readonly<Record<string, string>>>>): Observation {
    const observation = observationOfScene(calmScene());
    const sites = Object.entries(observation.sites).map(([site, readings]) => {
      const texts = Object.entries(reports[site] ?? {});
      return [
        site,
        { ...readings, drbd: Object.fromEntries(texts.map(([node, text]) => [node, known(parseDrbdReport(text))])) },
      ];
    });
    return { ...observation, sites: Object.fromEntries(sites) };
  }

  test('is the sum over the volumes, each by the copy that is furthest behind', () => {
    const both = (kib: readonly number[], peer: string): string =>
      [marked('vol-1', peer, kib[0] ?? 0), marked('vol-2', peer, kib[1] ?? 0)].join('\n');
    const observation = withReports({
      cluster1: { 'cluster1-node': both([40, 0], 'cluster2-node') },
      cluster2: { 'cluster2-node': both([24, 0], 'cluster1-node') },
    });
    expect(outOfSyncKib(observation, viewOf(calmScene()))).toEqual(known(40));
  });

  test('is unknown where no node has told of one of the volumes', () => {
    const observation = withReports({ cluster1: { 'cluster1-node': marked('vol-1', 'cluster2-node', 0) } });
    expect(outOfSyncKib(observation, viewOf(calmScene()))).toMatchObject({
      known: false,
      why: expect.stringContaining('vol-2'),
    });
  });
});
