import { expect, test } from 'vitest';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { type Json, textAt } from '../../src/model/json.ts';
import { begin, step } from '../../src/runtime/step.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, released, sceneStart, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

// Found by the rule that no site is started while the other one is ordered to run: the way back gave both orders in one
// pass, so that a refusal of the first left two sites ordered to run.
test('on its way back a failover starts the source only when the target is no longer ordered to run', () => {
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  const input = { request, holder: 'me', otherSites: [], patient: false, now: sceneStart };
  const { record } = begin(failoverDefinition, input, sceneStart);
  const context = { ...record.context, acquired: true, epoch: 1, virtualMachines: ['vm-1', 'vm-2'] };
  const turningBack = { ...record, state: 'rollingBack', context };

  const orders = (target: 'running' | 'stopped'): readonly string[] => {
    const group = { desiredState: target, epoch: target === 'running' ? 0 : 1, virtualMachines: ['vm-1', 'vm-2'] };
    const lease = { holder: 'me', renewedAt: sceneStart };
    const scene = withSite(withSite(released(calmScene()), 'cluster2', { group, lease }), 'cluster1', { lease });
    const view = failoverDefinition.project(observationOfScene(scene), turningBack);
    return step(failoverDefinition, turningBack, { type: 'observed', now: sceneStart, view }).effects.flatMap(
      ({ request: order }) =>
        order.api === 'kube' ? [`${order.site} ${textAt(order.body as Json, 'spec', 'desiredState')}`] : [],
    );
  };
  expect(orders('running')).toEqual(['cluster2 stopped']);
  expect(orders('stopped')).toEqual(['cluster1 running']);
});
