import { expect, test } from 'vitest';
import { protectionGroupDefinition } from '../../../src/machines/protection-group/definition.ts';
import { timestamp } from '../../../src/model/instant.ts';
import { decide } from '../../../src/runtime/pass.ts';
import { begin } from '../../../src/runtime/step.ts';
import { answersOf } from '../scene-answers.ts';
import { calmScene, type Scene, sceneStart, withSite } from '../scene.ts';

const input = {
  site: 'cluster1',
  namespace: 'default',
  group: 'pg',
  otherSites: ['cluster2'],
  clusterRole: null,
  patience: null,
  connectingSince: null,
  inDoubt: false,
};

/** What is read after a look at a scene, as `site subject`. */
function readAfter(scene: Scene): readonly string[] {
  const { record } = begin(protectionGroupDefinition, input, scene.now);
  const plan = protectionGroupDefinition.reads(record.state, record.context);
  const pass = decide(protectionGroupDefinition, record, plan, answersOf(scene, plan), scene.now);
  return protectionGroupDefinition
    .reads(pass.record.state, pass.record.context)
    .map(({ site = 'linstor', subject }) => `${site} ${subject}`);
}

test('of another site a controller reads the group, and nothing that is large', () => {
  expect(readAfter(calmScene()).filter((read) => read.startsWith('cluster2'))).toEqual(['cluster2 group']);
});

test('verifies are looked for on both sites while there is a doubt to settle, and only then', () => {
  const group = calmScene().sites.cluster1?.group;
  if (group === undefined) throw new Error('no group');
  const unverified = { since: timestamp(sceneStart), reason: 'QuorumLost', message: 'a node lost quorum' };
  const doubted = withSite(calmScene(), 'cluster1', { group: { ...group, status: { unverified } } });
  const isOfVerifies = (read: string): boolean => read.endsWith('recoveries');
  expect(readAfter(doubted).filter(isOfVerifies)).toEqual(['cluster1 recoveries', 'cluster2 recoveries']);
  expect(readAfter(calmScene()).filter(isOfVerifies)).toEqual([]);
});
