import { expect, test } from 'vitest';
import { groupView } from '../../src/model/group-view.ts';
import { volumeStandings } from '../../src/model/volume-standing.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, goneReplica, replicaFromText, type Scene, withReplica } from '../machines/scene.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };

function standingOf(scene: Scene) {
  return volumeStandings(groupView(observationOfScene(scene), scope), {}).find(({ resource }) => resource === 'vol-1');
}

test('a copy beside a Primary that it is connected to is refused for that one, and not for want of quorum', () => {
  const scene = withReplica(calmScene(), 'vol-1', 'cluster1', replicaFromText('Primary'));
  const standing = standingOf(scene);
  expect(standing?.why).toMatch(/DRBD would refuse to promote it: vol-1 .*is Primary$/);
  expect(standing?.alive).not.toEqual([]);
});

test('a copy that is alone without quorum is refused for want of quorum', () => {
  const alone = { connection: 'Connecting', replication: undefined, hasQuorum: false };
  const scene = withReplica(withReplica(calmScene(), 'vol-1', 'cluster1', goneReplica), 'vol-1', 'cluster2', alone);
  expect(standingOf(scene)).toMatchObject({ target: 'noQuorum', alive: [] });
  expect(standingOf(scene)?.why).toMatch(/DRBD would refuse to promote it: no quorum$/);
});
