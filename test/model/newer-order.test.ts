import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newFailover } from '../../src/model/failover.ts';
import { localGroupView } from '../../src/model/group-view.ts';
import { equalOrder, newerOrder } from '../../src/model/newer-order.ts';
import type { DesiredState } from '../../src/model/protection-group.ts';
import { known } from '../../src/model/known.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import { calmScene, type Scene, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

const virtualMachines = ['vm-1', 'vm-2'];
const states = fc.constantFrom<DesiredState>('running', 'stopped');
const epochs = fc.integer({ min: 0, max: 3 });

function withOrders(own: [DesiredState, number], other: [DesiredState, number]): Scene {
  const group = ([desiredState, epoch]: [DesiredState, number]) => ({
    group: { desiredState, epoch, virtualMachines },
  });
  return withSite(withSite(calmScene(), 'cluster1', group(own)), 'cluster2', group(other));
}

const viewOf = (scene: Scene, site = 'cluster1') => localGroupView(observationOfScene(scene), site);

describe('a newer order', () => {
  test('supersedes one site at most, whatever the two are ordered', () => {
    fc.assert(
      fc.property(fc.tuple(states, epochs), fc.tuple(states, epochs), (own, other) => {
        const scene = withOrders(own, other);
        const superseded = ['cluster1', 'cluster2'].filter((site) => newerOrder(viewOf(scene, site)) !== undefined);
        const bothRun = own[0] === 'running' && other[0] === 'running';
        const older = own[1] < other[1] ? ['cluster1'] : own[1] > other[1] ? ['cluster2'] : [];
        expect(superseded).toEqual(bothRun ? older : []);
      }),
    );
  });

  test('is not known of a site that does not answer', () => {
    const scene = withOrders(['running', 0], ['running', 3]);
    expect(newerOrder(viewOf(scene))).toMatchObject({ site: 'cluster2', epoch: 3 });
    expect(newerOrder(viewOf(withSite(scene, 'cluster2', { answers: false })))).toBeUndefined();
  });

  test('is told by an operation that has succeeded, where the other site does not answer', () => {
    const view = viewOf(withSite(calmScene(), 'cluster2', { answers: false }));
    const operation = newFailover(plannedRequest('pg-1', 'cluster1', 'cluster2'));
    const ended = (phase: string) => known([{ ...operation, status: { phase, epoch: 4 } }]);
    expect(newerOrder({ ...view, operations: ended('Succeeded') })).toMatchObject({ site: 'cluster2', epoch: 4 });
    expect(newerOrder({ ...view, operations: ended('RolledBack') })).toBeUndefined();
  });

  test('is none where both are ordered to run under one epoch: that is for a person', () => {
    const scene = withOrders(['running', 2], ['running', 2]);
    expect(newerOrder(viewOf(scene))).toBeUndefined();
    expect(equalOrder(viewOf(scene))).toBe('cluster2');
  });
});
