import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect, MachineRecord } from '../../src/machines/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { failoverStatus } from '../../src/machines/failover/journal.ts';
import { newFailover } from '../../src/model/failover.ts';
import { second } from '../../src/model/instant.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, KubeRequest } from '../../src/model/request.ts';
import { breachOf } from '../../src/runtime/breach.ts';
import { decide } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import { answersOf, observationOfScene, wholePlan } from '../machines/scene-answers.ts';
import { sceneArbitrary } from '../machines/scene-arbitrary.ts';
import { nodeName } from '../machines/scene-objects.ts';
import { calmScene, released, type Scene, sceneStart, withPower, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

type Record = MachineRecord<FailoverContext>;

const request = plannedRequest('pg-1', 'cluster1', 'cluster2');
const input = { request, holder: 'me', otherSites: ['cluster3'], patient: false, now: sceneStart };
const { record: beginning } = begin(failoverDefinition, input, sceneStart);
const plan = { virtualMachines: ['vm-1', 'vm-2'], resources: ['vol-1', 'vol-2'], epoch: 1 };

function recordIn(state: string): Record {
  return { ...beginning, state, context: { ...beginning.context, ...plan, acquired: true } };
}

/** The operation as another process left it in a state. */
function left(state: string): KubeObject {
  return { ...newFailover(request), status: failoverStatus(recordIn(state), sceneStart) };
}

const states = [
  'preflight',
  'stoppingSource',
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'rollingBack',
];

test('no pass of the product breaks a rule, whatever it is shown', () => {
  const operations = [undefined, newFailover(request), ...states.map(left)];
  const begins = fc.constantFrom(beginning, ...states.map(recordIn));
  fc.assert(
    fc.property(begins, fc.array(sceneArbitrary(operations), { minLength: 1, maxLength: 6 }), (first, scenes) => {
      let record = first;
      for (const scene of scenes) {
        if (failoverDefinition.finalStates.has(record.state)) return;
        const reads = failoverDefinition.reads(record.state, record.context);
        const pass = decide(failoverDefinition, record, reads, answersOf(scene, reads), scene.now);
        expect(breachOf(failoverDefinition, record, pass)).toBeUndefined();
        record = pass.record;
      }
    }),
    { numRuns: 300 },
  );
});

const start: KubeRequest = {
  api: 'kube',
  site: 'cluster2',
  verb: 'patch',
  patch: 'merge',
  resource: resources.protectionGroup,
  namespace: 'default',
  name: 'pg',
  body: { metadata: { resourceVersion: '7' }, spec: { desiredState: 'running', epoch: 1 } },
};

function ordering(spec: { desiredState?: string; epoch?: number }): KubeRequest {
  return {
    ...start,
    body: { metadata: { resourceVersion: '7' }, spec: { desiredState: 'stopped', epoch: 1, ...spec } },
  };
}

function untaint(...changes: KubeRequest['body'][]): KubeRequest {
  const { namespace: _, ...place } = start;
  const version = { op: 'test', path: '/metadata/resourceVersion', value: '7' };
  return {
    ...place,
    resource: resources.node,
    name: nodeName('cluster2'),
    patch: 'json',
    body: [version, ...(changes as [])],
  };
}

/** Everything has been let go of, and the target may start. */
const ready = released(calmScene());

interface Case {
  readonly requests: readonly ApiRequest[];
  readonly state?: string;
  readonly scene?: Scene;
  readonly epoch?: number;
}

function breach({ requests, state = 'startingTarget', scene = ready, epoch = 1 }: Case): string | undefined {
  const before = recordIn('removingTaints');
  const effects: readonly Effect[] = requests.map((each) => ({ name: 'anEffect', request: each }));
  const record = { ...before, state, context: { ...before.context, epoch } };
  const observation = observationOfScene(scene);
  const view = failoverDefinition.project(observation, before);
  const pass = { record, effects, look: { plan: wholePlan, outcomes: answersOf(scene, wholePlan), observation, view } };
  return breachOf(failoverDefinition, before, pass)?.property;
}

describe('a pass is kept from', () => {
  test('nothing, where it orders what may be ordered', () => {
    expect(breach({ requests: [start] })).toBeUndefined();
    expect(breach({ requests: [untaint({ op: 'remove', path: '/spec/taints' })] })).toBeUndefined();
  });

  test.each<[string, string, Case]>([
    ['an order to LINSTOR', 'S5', { requests: [{ api: 'linstor', method: 'PUT', path: '/v1/nodes/n1' }] }],
    [
      'deleting anything',
      'S7',
      { requests: [{ ...start, verb: 'delete', resource: resources.persistentVolumeClaim }] },
    ],
    ['an order under the epoch before', 'S8', { requests: [ordering({ epoch: 0 })] }],
    ['an order under an epoch that is not its own', 'S8', { requests: [ordering({ epoch: 2 })] }],
    ['an order where a higher epoch is seen', 'S8', { requests: [ordering({})], scene: released(calmScene(), 2) }],
    ['going back in its epoch', 'S8', { requests: [], epoch: 0 }],
    [
      'a change without a version',
      'S9',
      { requests: [{ ...start, body: { spec: { desiredState: 'running', epoch: 1 } } }] },
    ],
    ['an order in a state that orders nothing', 'S10', { requests: [start], state: 'awaitingRelease' }],
    ['untainting in a state that orders nothing', 'S10', { requests: [untaint()], state: 'preflight' }],
    ['a start while the other site is told to run', 'S11', { requests: [start], scene: toldToRun(ready) }],
    [
      'taking other taints',
      'S12',
      { requests: [untaint({ op: 'remove', path: '/spec/taints' })], scene: tainted('maintenance') },
    ],
    ['cordoning a node', 'S12', { requests: [untaint({ op: 'add', path: '/spec/unschedulable', value: true })] }],
    ['a state that does not exist', 'S16', { requests: [], state: 'nowhere' }],
    [
      'a start while a VM is up on the other site',
      'S20',
      { requests: [start], scene: withPower(ready, 'cluster1', 'vm-1', 'stopping') },
    ],
    [
      'a start without a look at the source',
      'S20',
      { requests: [start], scene: withSite(ready, 'cluster1', { answers: false }) },
    ],
  ])('%s', (_what, property, tampered) => {
    expect(breach(tampered)).toBe(property);
  });

  test('no way back for want of a look at the target', () => {
    const back = { ...start, site: 'cluster1' };
    expect(
      breach({ requests: [back], state: 'rollingBack', scene: withSite(ready, 'cluster2', { answers: false }) }),
    ).toBeUndefined();
  });
});

function toldToRun(scene: Scene): Scene {
  const group = scene.sites.cluster1?.group;
  return group === undefined ? scene : withSite(scene, 'cluster1', { group: { ...group, desiredState: 'running' } });
}

function tainted(key: string): Scene {
  return { ...withSite(ready, 'cluster2', { taints: [key] }), now: sceneStart + second };
}
