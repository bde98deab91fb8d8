import { describe, expect, test } from 'vitest';
import { evidenceOf } from '../../src/model/evidence.ts';
import { errorsOf } from '../../src/model/findings.ts';
import { groupView } from '../../src/model/group-view.ts';
import { standingOf } from '../../src/model/source-standing.ts';
import { consentsFor, unplannedChecks } from '../../src/model/unplanned-checks.ts';
import { changed, observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, goneReplica, type ReplicaScene, type Scene, withReplica, withSite } from '../machines/scene.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };

/** The source is silent; its replicas and those of the target are as given. */
function lost(target: Partial<ReplicaScene> = {}, source: Partial<ReplicaScene> = {}): Scene {
  const silent = withSite(calmScene(), 'cluster1', { answers: false });
  const alone = { connection: 'Connecting', replication: undefined, ...target };
  return ['vol-1', 'vol-2'].reduce(
    (scene, volume) =>
      withReplica(withReplica(scene, volume, 'cluster1', { ...goneReplica, ...source }), volume, 'cluster2', alone),
    silent,
  );
}

const viewOf = (scene: Scene) => groupView(observationOfScene(scene), scope);
const needs = (scene: Scene) => evidenceOf(viewOf(scene), {}).needs.map(({ kind }) => kind);
const ids = (scene: Scene, consentedTo?: Scene) => {
  const consents = consentedTo && consentsFor(evidenceOf(viewOf(consentedTo), {}), 'operator', '2026-01-01T00:00:00Z');
  return [...new Set(errorsOf(unplannedChecks(viewOf(scene), {}, { consents: consents ?? [] })).map(({ id }) => id))];
};

test.each<[string, Scene, readonly string[]]>([
  ['the source, where it is silent', lost(), ['UnverifiedSource']],
  ['force, where DRBD would refuse', lost({ hasQuorum: false }), ['UnverifiedSource', 'ForceQuorum']],
  ['loss and force, on an old copy', lost({ disk: 'Outdated' }), ['UnverifiedSource', 'DataLoss', 'ForceQuorum']],
  [
    'the same in the middle of a resync',
    lost({ disk: 'Inconsistent' }),
    ['UnverifiedSource', 'DataLoss', 'ForceQuorum'],
  ],
])('a person is asked to accept %s', (_what, scene, kinds) => {
  expect(needs(scene)).toEqual(kinds);
});

describe('an unplanned failover', () => {
  test('may begin with the consents that its evidence asks for', () => {
    for (const scene of [lost(), lost({ hasQuorum: false }), lost({ disk: 'Outdated' })]) {
      expect(ids(scene, scene)).toEqual([]);
      expect(ids(scene)).toEqual(['ConsentMissing']);
    }
  });

  test('may not begin when what was accepted has changed', () => {
    expect(ids(lost({ hasQuorum: false }), lost({ disk: 'Outdated' }))).toEqual(['EvidenceChanged']);
    const raised = withSite(lost(), 'cluster2', {
      group: { desiredState: 'stopped', epoch: 7, virtualMachines: ['vm-1', 'vm-2'] },
    });
    expect(ids(raised, lost())).toEqual(['EvidenceChanged']);
  });

  test('is not allowed by anybody while the source is seen alive', () => {
    expect(ids(lost({}, { role: 'Primary' }), lost({}, { role: 'Primary' }))).toContain('SourceIsAlive');
    const connected = lost({ connection: 'Connected', replication: 'Established' });
    expect(ids(connected, connected)).toContain('SourceIsAlive');
  });

  test('needs the target to tell of its copies', () => {
    const untold = lost({ disk: undefined, role: undefined });
    expect(ids(untold, untold)).toContain('EvidenceMissing');
    const noStorage = { ...lost(), linstorAnswers: false };
    expect(ids(noStorage, noStorage)).toContain('EvidenceMissing');
  });
});

test('a VM on a node that is not Ready is not proven to run, nor to stand still', () => {
  const notReady = changed(observationOfScene(calmScene()), 'cluster1', 'nodes', (node) => ({
    ...node,
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  }));
  const named = changed(notReady, 'cluster1', 'instances', (instance) => ({
    ...instance,
    status: { ...instance.status, nodeName: 'cluster1-node' },
  }));
  const { source } = groupView(named, scope);
  expect(source.virtualMachines.map((vm) => standingOf(source, vm).kind)).toEqual(['unproven', 'unproven']);
});
