import { expect, test } from 'vitest';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { type Json, textAt } from '../../src/model/json.ts';
import { begin, step } from '../../src/runtime/step.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, released, sceneStart, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

// Found by searching the small world: a process that had stalled in an earlier operation sent its order to run the target
// between the two orders of a way back, which then told the source to run as well.
test('on its way back a failover starts the source only when the target is seen stopped by its own order', () => {
  const request = plannedRequest('back', 'cluster1', 'cluster2');
  const input = { request, holder: 'me', otherSites: [], patient: false, now: sceneStart };
  const { record } = begin(failoverDefinition, input, sceneStart);
  const context = { ...record.context, acquired: true, epoch: 2, virtualMachines: ['vm-1', 'vm-2'] };
  const turningBack = { ...record, state: 'rollingBack', context };

  const orders = (epoch: number): readonly string[] => {
    const group = { desiredState: 'stopped' as const, epoch, virtualMachines: ['vm-1', 'vm-2'] };
    const lease = { holder: 'me', renewedAt: sceneStart };
    const scene = withSite(withSite(released(calmScene()), 'cluster2', { group, lease }), 'cluster1', { lease });
    const view = failoverDefinition.project(observationOfScene(scene), turningBack);
    return step(failoverDefinition, turningBack, { type: 'observed', now: sceneStart, view }).effects.flatMap(
      ({ request: order }) =>
        order.api === 'kube' ? [`${order.site} ${textAt(order.body as Json, 'spec', 'desiredState')}`] : [],
    );
  };
  expect(orders(1)).toEqual(['cluster2 stopped']);
  expect(orders(2)).toEqual(['cluster1 running']);
});
