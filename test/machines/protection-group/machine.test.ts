import fc from 'fast-check';
import type { Fact, MachineRecord } from '../../../src/machines/definition.ts';
import type { ProtectionGroupContext } from '../../../src/machines/protection-group/context.ts';
import { protectionGroupDefinition } from '../../../src/machines/protection-group/definition.ts';
import type { LocalGroupView } from '../../../src/model/group-view.ts';
import { minute } from '../../../src/model/instant.ts';
import { begin, step } from '../../../src/runtime/step.ts';
import { describeMachine, type FactFor } from '../../contracts/machine.ts';
import { observationOfScene } from '../scene-answers.ts';
import { sceneArbitrary } from '../scene-arbitrary.ts';
import { calmScene, released, type Scene, sceneStart, withPower, withSite } from '../scene.ts';

type Record = MachineRecord<ProtectionGroupContext>;
type GroupFact = Fact<LocalGroupView>;

const seen =
  (scene: Scene): FactFor<Record, GroupFact> =>
  (record) => ({
    type: 'observed',
    now: scene.now,
    view: protectionGroupDefinition.project(observationOfScene(scene), record),
  });

const later = (scene: Scene): Scene => ({ ...scene, now: scene.now + 10 * minute });
const starting = withPower(calmScene(), 'cluster1', 'vm-1', 'starting');
const stopped = released(calmScene());
const stopping = withPower(stopped, 'cluster1', 'vm-1', 'stopping');
const superseded = withSite(calmScene(), 'cluster2', {
  group: { desiredState: 'running', epoch: 1, virtualMachines: ['vm-1', 'vm-2'] },
});
const stoppedGroup = { desiredState: 'stopped', epoch: 1, virtualMachines: ['vm-1', 'vm-2'] } as const;
const returning = withSite(stopped, 'cluster1', {
  group: { ...stoppedGroup, status: { conditions: [{ type: 'Superseded', status: 'True' }] } },
});

const input = {
  site: 'cluster1',
  namespace: 'default',
  group: 'pg',
  otherSites: ['cluster2'],
  patience: null,
  connectingSince: null,
  inDoubt: false,
} as const;

describeMachine<Record, GroupFact>({
  id: protectionGroupDefinition.id,
  machine: protectionGroupDefinition.machine,
  finalStates: protectionGroupDefinition.finalStates,
  effects: Object.keys(protectionGroupDefinition.effects),
  beginnings: (['primary', 'dr', null] as const).map(
    (clusterRole) => begin(protectionGroupDefinition, { ...input, clusterRole }, sceneStart).record,
  ),
  step: (record, fact) => step(protectionGroupDefinition, record, fact),
  stateOf: ({ state }) => state,
  contextOf: ({ context }) => context,
  kindOf: ({ context }) => `${context.clusterRole} ${context.patience?.towards ?? ''}`,
  alphabet: [
    seen(calmScene()),
    seen(starting),
    seen(later(starting)),
    seen(stopped),
    seen(stopping),
    seen(later(stopping)),
    seen(withSite(calmScene(), 'cluster1', { answers: false })),
    seen(withSite(calmScene(), 'cluster1', { group: undefined })),
    seen(superseded),
    seen(returning),
    () => ({ type: 'deadlinePassed', now: sceneStart + 10 * minute, deadline: 'patience' }),
  ],
  facts: fc.oneof(
    { weight: 8, arbitrary: sceneArbitrary([undefined]).map(seen) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: 0, max: 10 * minute })
        .map((after) => () => ({ type: 'deadlinePassed' as const, now: sceneStart + after, deadline: 'patience' })),
    },
  ),
  mustHandle: (fact) => fact.type === 'observed',
});
