import fc from 'fast-check';
import { minute } from '../../src/model/instant.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import type { Subject } from '../../src/model/read-plan.ts';
import { siteSubjects } from './scene-answers.ts';
import {
  calmScene,
  type GroupScene,
  type LeaseScene,
  type Power,
  type ReplicaScene,
  type Scene,
  sceneStart,
  withPower,
  withReplica,
  withSite,
} from './scene.ts';

const power = fc.constantFrom<Power>('running', 'starting', 'stopping', 'attached', 'stopped', 'absent');

const group = fc.option(
  fc.record<GroupScene>({
    desiredState: fc.constantFrom('running', 'stopped'),
    epoch: fc.integer({ min: 0, max: 2 }),
    virtualMachines: fc.constantFrom(['vm-1', 'vm-2'], ['vm-1'], []),
  }),
  { nil: undefined },
);

const replica = fc.record<ReplicaScene>({
  role: fc.constantFrom('Secondary', 'Secondary', 'Primary', undefined),
  disk: fc.constantFrom('UpToDate', 'UpToDate', 'UpToDate', 'Outdated', 'Inconsistent', undefined),
  connection: fc.constantFrom('Connected', 'Connected', 'Connected', 'Connecting', 'StandAlone', undefined),
  replication: fc.constantFrom('Established', 'Established', 'Established', 'SyncTarget', undefined),
  hasQuorum: fc.constantFrom(true, true, false),
});

const lease = fc.option(
  fc.record<LeaseScene>({
    holder: fc.constantFrom('', 'me', 'me', 'somebody'),
    renewedAt: fc.integer({ min: 0, max: minute }).map((after) => sceneStart + after),
  }),
  { nil: undefined },
);

const taints = fc.subarray(['drbd.linbit.com/lost-quorum', 'drbd.linbit.com/force-io-error', 'example.org/other']);

/** One in four sites leaves something unanswered, or everything. */
const silence = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ answers: true, silent: [] as readonly Subject[] }) },
  { weight: 1, arbitrary: fc.constant({ answers: false, silent: [] }) },
  { weight: 1, arbitrary: fc.subarray([...siteSubjects]).map((silent) => ({ answers: true, silent })) },
);

const place = fc.record({ group, taints, lease, silence, powers: fc.tuple(power, power) });

/** Scenes of every kind: plausible ones, contradictory ones, and such of which little can be read. */
export function sceneArbitrary(operations: readonly (KubeObject | undefined)[]): fc.Arbitrary<Scene> {
  return fc
    .record({
      places: fc.tuple(place, place, place),
      replicas: fc.tuple(replica, replica, replica, replica),
      twoPrimaries: fc.boolean(),
      linstorAnswers: fc.constantFrom(true, true, true, false),
      operation: fc.constantFrom(...operations),
      after: fc.integer({ min: 0, max: 10 * minute }),
    })
    .map(({ places, replicas, twoPrimaries, linstorAnswers, operation, after }) => {
      let scene: Scene = { ...calmScene(), linstorAnswers, operation, now: sceneStart + after };
      for (const [index, site] of ['cluster1', 'cluster2', 'cluster3'].entries()) {
        const drawn = places[index];
        if (drawn === undefined) continue;
        const { powers, silence: silent, ...rest } = drawn;
        scene = withSite(scene, site, { ...rest, ...silent });
        if (site === 'cluster3') continue;
        for (const [number, vm] of ['vm-1', 'vm-2'].entries())
          scene = withPower(scene, site, vm, powers[number] ?? 'stopped');
      }
      for (const [index, drawn] of replicas.entries()) {
        scene = withReplica(scene, index < 2 ? 'vol-1' : 'vol-2', index % 2 === 0 ? 'cluster1' : 'cluster2', drawn);
      }
      const first = scene.volumes['vol-1'];
      return first === undefined
        ? scene
        : { ...scene, volumes: { ...scene.volumes, 'vol-1': { ...first, twoPrimaries } } };
    });
}
