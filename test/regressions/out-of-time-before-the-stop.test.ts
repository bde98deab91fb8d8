import { expect, test } from 'vitest';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { resources } from '../../src/model/kube.ts';
import { decide } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import { answersOf } from '../machines/scene-answers.ts';
import { calmScene, sceneStart, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

// Found by searching the small world: FAILOVER_TIMEOUT was over at the look that passed the preflight. The operation turned
// back, and still sent the orders to stop that the step before had asked for: VMs were stopped and started for nothing.
test('an operation that turns back at its preflight stops nothing', () => {
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  const input = { request, holder: 'me', otherSites: [], patient: false, now: sceneStart };
  const { record } = begin(failoverDefinition, input, sceneStart);
  const preflight = { ...record, state: 'preflight', context: { ...record.context, acquired: true } };
  const lease = { holder: 'me', renewedAt: sceneStart };
  const scene = withSite(withSite(calmScene(), 'cluster1', { lease }), 'cluster2', { lease });
  const plan = failoverDefinition.reads(preflight.state, preflight.context);
  const orders = (now: number): readonly [state: string, groups: number] => {
    const pass = decide(failoverDefinition, preflight, plan, answersOf(scene, plan), now);
    const ordered = pass.effects.filter(
      ({ request: order }) => order.api === 'kube' && order.resource === resources.protectionGroup,
    );
    return [pass.record.state, ordered.length];
  };
  expect(orders(sceneStart)).toEqual(['stoppingSource', 2]);
  expect(orders(record.context.deadlines.whole ?? 0)).toEqual(['rollingBack', 0]);
});
