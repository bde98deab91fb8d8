import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/machines/definition.ts';
import { protectionGroupDefinition } from '../../../src/machines/protection-group/definition.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import { breachOf } from '../../../src/runtime/breach.ts';
import { decide } from '../../../src/runtime/pass.ts';
import { begin } from '../../../src/runtime/step.ts';
import { answersOf } from '../scene-answers.ts';
import { sceneArbitrary } from '../scene-arbitrary.ts';
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
const { record: beginning } = begin(protectionGroupDefinition, input, sceneStart);
const plan = protectionGroupDefinition.reads(beginning.state, beginning.context);

test('no pass of a group controller breaks a rule, whatever it is shown', () => {
  fc.assert(
    fc.property(fc.array(sceneArbitrary([undefined]), { minLength: 1, maxLength: 6 }), (scenes) => {
      let record = beginning;
      for (const scene of scenes) {
        if (protectionGroupDefinition.finalStates.has(record.state)) return;
        const pass = decide(protectionGroupDefinition, record, plan, answersOf(scene, plan), scene.now);
        expect(breachOf(protectionGroupDefinition, record, pass)).toBeUndefined();
        record = pass.record;
      }
    }),
    { numRuns: 300 },
  );
});

const given: Scene = withSite(calmScene(), 'cluster2', {
  group: { desiredState: 'running', epoch: 2, virtualMachines: ['vm-1', 'vm-2'] },
});

function order(desiredState: string, epoch: number): Effect {
  const request: KubeRequest = {
    api: 'kube',
    site: 'cluster1',
    verb: 'patch',
    patch: 'merge',
    resource: resources.protectionGroup,
    namespace: 'default',
    name: 'pg',
    body: { metadata: { resourceVersion: '7' }, spec: { desiredState, epoch } },
  };
  return { name: 'adoptOrder', request };
}

const start: Effect = {
  name: 'orderStart',
  request: {
    api: 'kube',
    site: 'cluster1',
    verb: 'patch',
    patch: 'merge',
    resource: resources.virtualMachine,
    namespace: 'default',
    name: 'vm-1',
    body: { metadata: { resourceVersion: '7' }, spec: { runStrategy: 'Always' } },
  },
};

function breach(effect: Effect, scene: Scene): string | undefined {
  const outcomes = answersOf(scene, plan);
  const pass = decide(protectionGroupDefinition, beginning, plan, outcomes, scene.now);
  return breachOf(protectionGroupDefinition, beginning, { ...pass, effects: [effect] })?.property;
}

describe('a pass of a group controller is kept from', () => {
  test('nothing, where it follows a newer order or starts what nobody else is to run', () => {
    expect(breach(order('stopped', 2), given)).toBeUndefined();
    expect(breach(start, calmScene())).toBeUndefined();
  });

  test.each<[string, string, Effect, Scene]>([
    ['ordering a group to run', 'S11', order('running', 2), given],
    ['an epoch that nobody has shown', 'S8', order('stopped', 3), given],
    ['starting a VM that a newer order has given away', 'S11', start, given],
  ])('%s', (_what, property, effect, scene) => {
    expect(breach(effect, scene)).toBe(property);
  });
});
