import { expect, test } from 'vitest';
import { powersAreKnown } from '../../../src/model/checks/virtual-machines.ts';
import { groupView } from '../../../src/model/group-view.ts';
import { observationOfScene } from '../../machines/scene-answers.ts';
import { calmScene } from '../../machines/scene.ts';

test.each([
  ['PausedIOError', /virtctl .* unpause vm vm-1 -n default/],
  ['NodeNotAnswering', /get nodes$/],
  ['NotReadable', /^pgctl config test$/],
])('what cannot be told of a VM for %s has a remedy that fits', (reason, remedy) => {
  const { source } = groupView(observationOfScene(calmScene()), {
    namespace: 'default',
    group: 'pg',
    source: 'cluster1',
    target: 'cluster2',
  });
  const virtualMachines = source.virtualMachines
    .slice(0, 1)
    .map((vm) => ({ ...vm, power: { state: 'unknown' as const, reason, message: reason } }));
  expect(powersAreKnown({ ...source, virtualMachines }).map((finding) => finding.remedy)).toEqual([
    expect.stringMatching(remedy),
  ]);
});
