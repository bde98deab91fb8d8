import type { Millis } from '../../model/instant.ts';
import { minute } from '../../model/instant.ts';
import { listAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { groupNamed, type Stage, type StagedGroup } from '../stage.ts';
import { forgetsGuests, showsAllThePast } from './disturbance.ts';
import { onJournalWrite } from './operation-writes.ts';
import type { Property } from './property.ts';
import { watchScene } from './scene.ts';
import { sceneKey } from './scene-key.ts';
import { storageLag } from './up-elsewhere.ts';

/** How long a cluster may take to notice that a node is gone: the grace of its node controller, and a look. */
const nodeGrace: Millis = minute;

/** What people are told of the steps of an operation is so. */
export const stepHonesty: Property = {
  id: 'S22',
  name: 'StepHonesty',
  says: 'A step is shown as done only when its host has seen so: stopSource that nothing of the group is left up on the source, awaitRelease that no volume is Primary there and the target has all data, removeTaints that no quorum taint is left, startTarget that the target is told to run, rollBack that the source runs.',
  watch: (stage, judge) => {
    const { items } = stage.tape;
    if (items.some((item) => forgetsGuests(item) || showsAllThePast(item))) return undefined;
    const scene = watchScene(stage);
    const done = new Set<string>();
    onJournalWrite(stage, ({ host, operation, sentAt }) => {
      const looked = stage.looks.lastUpTo(host, sentAt);
      for (const step of doneSteps(operation)) {
        const key = `${operation.metadata.uid}/${step}`;
        if (done.has(key)) continue;
        done.add(key);
        const wrong = contradictions(stage, operation, step).find(([what, grace]) =>
          scene.lastsSince(what, looked - grace),
        );
        judge.check(
          wrong === undefined,
          () => `${step} of ${operation.metadata.name} is shown as done, and ${wrong?.[0]}`,
        );
      }
    });
    return undefined;
  },
};

function doneSteps(operation: KubeObject): readonly string[] {
  return listAt(operation, 'status', 'steps')
    .filter((step) => textAt(step, 'state') === 'done')
    .map((step) => textAt(step, 'name') ?? '');
}

/** What must not be so when a step is done, and for how long nobody can have noticed it. */
type Contradiction = readonly [what: string, grace: Millis];

function contradictions(stage: Stage, operation: KubeObject, step: string): readonly Contradiction[] {
  const group = groupNamed(stage, textAt(operation, 'spec', 'protectionGroup') ?? '');
  const source = textAt(operation, 'spec', 'sourceCluster') ?? '';
  const target = textAt(operation, 'spec', 'targetCluster') ?? '';
  switch (step) {
    case 'stopSource':
      return [
        ...group.members.flatMap((vm) => [sceneKey.executes(vm, source), sceneKey.launcher(vm, source)]),
        ...group.volumes.map((volume) => sceneKey.attached(volume, source)),
      ].map((what) => [what, 0]);
    case 'awaitRelease':
      return group.volumes.flatMap((volume): readonly Contradiction[] => [
        [sceneKey.primary(volume, source), storageLag],
        [
          sceneKey.notCurrent(volume, target),
          stage.tape.topology.storage?.backend === undefined ? storageLag : nodeGrace,
        ],
      ]);
    case 'removeTaints':
      return holders(stage, group, target).map((node) => [sceneKey.tainted(node), 0]);
    case 'startTarget':
      return [[sceneKey.toldToStop(group.name, target), 0]];
    case 'rollBack':
      return group.members.map((vm) => [sceneKey.standsStill(vm, source), nodeGrace]);
    default:
      return [];
  }
}

/** Nodes of a site with a replica of the group. */
export function holders(
  { twin: { kernel, sites } }: Stage,
  { volumes }: StagedGroup,
  site: SiteName,
): readonly string[] {
  const nodes = sites.find(({ name }) => name === site)?.nodes ?? [];
  return nodes.filter((node) => volumes.some((volume) => kernel.resource(volume)?.replicas.has(node) === true));
}
