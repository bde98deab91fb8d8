import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FailoverView, failoverView } from '../../src/model/failover-view.ts';
import { type LocalGroupView, localGroupView } from '../../src/model/group-view.ts';
import { type Look, observationOf, type Seen } from '../../src/model/observation.ts';
import { answersOf, siteSubjects, wholePlan } from '../machines/scene-answers.ts';
import { sceneArbitrary } from '../machines/scene-arbitrary.ts';
import {
  calmScene,
  type Power,
  replicaFromText,
  type Scene,
  withPower,
  withReplica,
  withSite,
} from '../machines/scene.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };
const options = { leaseSites: ['cluster1', 'cluster2'], preflightOf: undefined };

type Turn = (scene: Scene) => Scene;

const sites = fc.constantFrom('cluster1', 'cluster2');
const powers = fc.constantFrom<Power>('running', 'starting', 'stopping', 'attached', 'stopped', 'absent');

/** One thing that changes between two looks; now and then everything does. */
const turns: fc.Arbitrary<Turn> = fc.oneof(
  fc.tuple(sites, fc.constantFrom('vm-1', 'vm-2'), powers).map(
    ([site, vm, power]): Turn =>
      (scene) =>
        withPower(scene, site, vm, power),
  ),
  fc.tuple(fc.constantFrom('vol-1', 'vol-2'), sites, fc.boolean()).map(
    ([volume, site, isPrimary]): Turn =>
      (scene) =>
        withReplica(scene, volume, site, { role: isPrimary ? 'Primary' : 'Secondary' }),
  ),
  fc.tuple(sites, fc.subarray([...siteSubjects], { maxLength: 2 })).map(
    ([site, silent]): Turn =>
      (scene) =>
        withSite(scene, site, { silent }),
  ),
  fc.tuple(sites, fc.subarray(['vm-1', 'vm-2'])).map(
    ([site, virtualMachines]): Turn =>
      (scene) => {
        const group = scene.sites[site]?.group;
        return group === undefined ? scene : withSite(scene, site, { group: { ...group, virtualMachines } });
      },
  ),
  fc.boolean().map(
    (linstorAnswers): Turn =>
      (scene) => ({ ...scene, linstorAnswers }),
  ),
  fc.constant<Turn>((scene) => scene),
  sceneArbitrary([undefined]).map(
    (scene): Turn =>
      () =>
        scene,
  ),
);

test('a view is the same with an earlier one and without', () => {
  fc.assert(
    fc.property(fc.array(turns, { minLength: 2, maxLength: 8 }), (drawn) => {
      const look = looker();
      let scene = calmScene();
      let earlier: { look: Look; failover: Seen<FailoverView>; local: Seen<LocalGroupView> } | undefined;
      for (const turn of drawn) {
        scene = turn(scene);
        const now = look(scene, earlier?.look);
        const { observation } = now;
        expect(observation).toEqual(look(scene).observation);
        const failover = failoverView(observation, scope, options, earlier?.failover);
        const local = localGroupView(observation, 'cluster1', earlier?.local);
        expect(failover).toEqual(failoverView(observation, scope, options));
        expect(local).toEqual(localGroupView(observation, 'cluster1'));
        earlier = { look: now, failover: { observation, view: failover }, local: { observation, view: local } };
      }
    }),
    { numRuns: 60 },
  );
});

test('what has not changed is the very same object', () => {
  const look = looker();
  const before = look(calmScene());
  const earlier = failoverView(before.observation, scope, options);
  const after = look(withPower(calmScene(), 'cluster1', 'vm-1', 'stopping'), before);
  const { group } = failoverView(after.observation, scope, options, {
    observation: before.observation,
    view: earlier,
  });
  expect(group.target).toBe(earlier.group.target);
  expect(group.volumes).toBe(earlier.group.volumes);
  const [first, second] = group.source.virtualMachines;
  expect(first).not.toEqual(earlier.group.source.virtualMachines[0]);
  expect(second).toBe(earlier.group.source.virtualMachines[1]);
});

test('a volume that changes leaves the others as they are', () => {
  const look = looker();
  const before = look(calmScene());
  const earlier = failoverView(before.observation, scope, options);
  const scene = withReplica(calmScene(), 'vol-1', 'cluster1', replicaFromText('Secondary'));
  const { group } = failoverView(look(scene, before).observation, scope, options, {
    observation: before.observation,
    view: earlier,
  });
  const volumes = [group, earlier.group].map((view) => (view.volumes.known ? view.volumes.value : new Map()));
  expect(volumes[0]?.get('vol-1')).not.toEqual(volumes[1]?.get('vol-1'));
  expect(volumes[0]?.get('vol-2')).toBe(volumes[1]?.get('vol-2'));
});

/** Looks at scenes as a host does whose servers answer with the same object for as long as it has not changed. */
function looker(): (scene: Scene, earlier?: Look) => Look {
  const known = new Map<string, unknown>();
  const intern = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    const parts = Array.isArray(value)
      ? value.map(intern)
      : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, intern(part)]));
    if (!known.has(text)) known.set(text, parts);
    return known.get(text);
  };
  return (scene, earlier) => {
    const outcomes = intern(answersOf(scene, wholePlan)) as Look['outcomes'];
    return { plan: wholePlan, outcomes, observation: observationOf(wholePlan, outcomes, scene.now, earlier) };
  };
}
