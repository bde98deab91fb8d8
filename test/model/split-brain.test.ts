import { describe, expect, test } from 'vitest';
import { localGroupView } from '../../src/model/group-view.ts';
import { connectingTime, splitBrainCondition } from '../../src/model/split-brain.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, replicaFromText, type Scene, sceneStart, withReplica } from '../machines/scene.ts';

function pair(first: string, second: string): Scene {
  const one = withReplica(calmScene(), 'vol-1', 'cluster1', replicaFromText(first));
  return withReplica(one, 'vol-1', 'cluster2', replicaFromText(second));
}

function shown(scene: Scene, connectingSince: number | null = null): string {
  const { volumes } = localGroupView(observationOfScene(scene), 'cluster1');
  const { status, reason } = splitBrainCondition(volumes, connectingSince, sceneStart + connectingTime);
  return `${status} ${reason}`;
}

describe('SplitBrain', () => {
  test.each([
    ['Primary', 'Secondary', 'False Together'],
    ['Primary,SyncSource', 'Secondary,Inconsistent,SyncTarget', 'False Together'],
    ['Primary,StandAlone', 'Primary,StandAlone', 'True StandAlone'],
    ['Primary,StandAlone', 'Secondary,Connecting', 'True StandAlone'],
    ['Secondary,Outdated,Connecting', 'Secondary,Outdated,Connecting', 'True OutdatedOnBoth'],
    ['Primary,Connecting', 'Secondary,Outdated,Connecting', 'Unknown Connecting'],
    // A node that is down reports nothing: its peer waits for it, and nothing has parted.
    ['Primary,Connecting', '?', 'False Together'],
  ])('of %s and %s is %s', (first, second, expected) => {
    expect(shown(pair(first, second))).toBe(expected);
  });

  test('is True once two copies have tried to connect for long enough', () => {
    const scene = pair('Primary,Connecting', 'Secondary,Outdated,Connecting');
    expect(shown(scene, sceneStart)).toBe('True Connecting');
    expect(shown(scene, sceneStart + 1)).toBe('Unknown Connecting');
  });

  test('is Unknown while LINSTOR does not answer', () => {
    expect(shown({ ...calmScene(), linstorAnswers: false })).toBe('Unknown StorageUnknown');
  });

  test("tells both copies' facts side by side", () => {
    const { volumes } = localGroupView(
      observationOfScene(pair('Primary,StandAlone', 'Outdated,Connecting')),
      'cluster1',
    );
    expect(splitBrainCondition(volumes, null, sceneStart).message).toBe(
      'vol-1: cluster1-node (cluster1) Primary, UpToDate, StandAlone towards cluster2-node; cluster2-node (cluster2) Secondary, Outdated, Connecting towards cluster1-node',
    );
  });
});
