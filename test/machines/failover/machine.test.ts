import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fact, MachineRecord } from '../../../src/machines/definition.ts';
import type { FailoverContext } from '../../../src/machines/failover/context.ts';
import { failoverDefinition } from '../../../src/machines/failover/definition.ts';
import { failoverStatus } from '../../../src/machines/failover/journal.ts';
import { consentsFor } from '../../../src/model/unplanned-checks.ts';
import { evidenceOf } from '../../../src/model/evidence.ts';
import { type FailoverRequest, newFailover } from '../../../src/model/failover.ts';
import type { FailoverView } from '../../../src/model/failover-view.ts';
import { minute, second } from '../../../src/model/instant.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { begin, step } from '../../../src/runtime/step.ts';
import { describeMachine, type FactFor } from '../../contracts/machine.ts';
import { observationOfScene } from '../scene-answers.ts';
import { sceneArbitrary } from '../scene-arbitrary.ts';
import { calmScene, released, type Scene, sceneStart, withPower, withReplica, withSite } from '../scene.ts';

type Record = MachineRecord<FailoverContext>;
type FailoverFact = Fact<FailoverView>;

const request: FailoverRequest = {
  name: 'pg-1',
  namespace: 'default',
  group: 'pg',
  source: 'cluster1',
  target: 'cluster2',
  mode: 'Planned',
  rollBack: true,
  timeouts: { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 },
  requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
};

function beginningOf(asked: FailoverRequest): Record {
  const input = { request: asked, holder: 'me', otherSites: ['cluster3'], patient: false };
  return begin(failoverDefinition, { ...input, now: sceneStart }, sceneStart).record;
}

const beginning = (rollBack: boolean): Record => beginningOf({ ...request, rollBack });

/** The source is silent, its disks are gone, and DRBD would not promote those of the target: quorum is lost. */
const dark = ['vol-1', 'vol-2'].reduce<Scene>(
  (scene, volume) => {
    const gone = { role: undefined, disk: undefined, connection: undefined, replication: undefined };
    const alone = { connection: 'Connecting', replication: undefined, hasQuorum: false };
    return withReplica(withReplica(scene, volume, 'cluster1', gone), volume, 'cluster2', alone);
  },
  withSite(calmScene(), 'cluster1', { answers: false }),
);

/** An unplanned operation whose person has accepted what the darkness asks for. */
const unplannedRequest: FailoverRequest = (() => {
  const asked: FailoverRequest = { ...request, mode: 'Unplanned', rollBack: false };
  const look = failoverDefinition.project(observationOfScene(dark), beginningOf(asked));
  return { ...asked, consents: consentsFor(evidenceOf(look.group, look.drbd), 'operator', '2026-01-01T00:00:00Z') };
})();

const created = newFailover(request);
const cancelled: KubeObject = { ...created, spec: { ...created.spec, cancel: true } };
const withStatus = (status: JsonObject): KubeObject => ({ ...created, status });
const ended = withStatus({ phase: 'Succeeded', holder: 'somebody' });

/** The operation as another process left it in a state. */
function left(state: string): KubeObject {
  const { context } = beginning(true);
  const plan = { virtualMachines: ['vm-1', 'vm-2'], resources: ['vol-1', 'vol-2'], epoch: 1 };
  return withStatus(failoverStatus({ ...beginning(true), state, context: { ...context, ...plan } }, sceneStart));
}

const resumable = ['preflight', 'stoppingSource', 'awaitingRelease', 'forcing', 'removingTaints', 'startingTarget'];
const journals = [...resumable, 'monitoringStartup', 'rollingBack'].map(left);

const deadlines = ['leaseWait', 'leaseRenewal', 'whole', 'drbdWait', 'force', 'taintWindow', 'vmStart', 'begin'];

const seen =
  (scene: Scene): FactFor<Record, FailoverFact> =>
  (record) => ({
    type: 'observed',
    now: scene.now,
    view: failoverDefinition.project(observationOfScene(scene), record),
  });

const passed =
  (deadline: string, now: number): FactFor<Record, FailoverFact> =>
  () => ({ type: 'deadlinePassed', now, deadline });

function ours(scene: Scene, operation: KubeObject = created): Scene {
  const lease = { holder: 'me', renewedAt: scene.now };
  return ['cluster1', 'cluster2', 'cluster3'].reduce<Scene>((next, site) => withSite(next, site, { lease }), {
    ...scene,
    operation,
  });
}

function ordered(scene: Scene, site: string): Scene {
  const group = scene.sites[site]?.group;
  return group === undefined ? scene : withSite(scene, site, { group: { ...group, desiredState: 'running' } });
}

function running(scene: Scene, site: string): Scene {
  return ['vm-1', 'vm-2'].reduce<Scene>((next, vm) => withPower(next, site, vm, 'running'), ordered(scene, site));
}

const stopped = ours(released(calmScene()));
const lost = withSite(ours(calmScene()), 'cluster2', { lease: { holder: 'somebody', renewedAt: sceneStart } });

const alphabet: readonly FactFor<Record, FailoverFact>[] = [
  seen({ ...calmScene(), operation: created }),
  seen(ours(calmScene())),
  seen(ours(calmScene(), cancelled)),
  seen({ ...ours(calmScene()), linstorAnswers: false }),
  seen(stopped),
  seen(ours(dark)),
  seen(withSite(stopped, 'cluster2', { taints: ['drbd.linbit.com/lost-quorum'] })),
  seen(running(stopped, 'cluster2')),
  seen(running(stopped, 'cluster1')),
  seen(lost),
  seen(ours(calmScene(), ended)),
  ...journals.map((journal) => seen(ours(calmScene(), journal))),
  ...deadlines.map((deadline) => passed(deadline, sceneStart + 10 * minute)),
];

const outcomes: fc.Arbitrary<FactFor<Record, FailoverFact>> = fc
  .constantFrom('applied', 'refused', 'unknown')
  .map((kind) => () => ({
    type: 'outcome',
    now: sceneStart + second,
    effect: {
      name: 'startTarget',
      request: { api: 'linstor', method: 'GET', path: '/v1/nodes' },
    },
    outcome:
      kind === 'applied'
        ? { kind, status: 200, body: {} }
        : kind === 'refused'
          ? { kind, status: 409, reason: 'Conflict', message: 'changed' }
          : { kind: 'unknown', reason: 'timeout', message: 'no answer' },
  }));

describeMachine<Record, FailoverFact>({
  id: failoverDefinition.id,
  machine: failoverDefinition.machine,
  finalStates: failoverDefinition.finalStates,
  effects: Object.keys(failoverDefinition.effects),
  beginnings: [beginning(true), beginning(false), beginningOf(unplannedRequest)],
  step: (record, fact) => step(failoverDefinition, record, fact),
  stateOf: ({ state }) => state,
  contextOf: ({ context }) => context,
  kindOf: ({ context }) =>
    `${context.request.mode} ${context.request.rollBack} ${context.acquired} ${context.setback?.kind ?? ''}`,
  alphabet,
  facts: fc.oneof(
    { weight: 8, arbitrary: sceneArbitrary([undefined, created, created, cancelled, ended, ...journals]).map(seen) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...deadlines), fc.integer({ min: 0, max: 10 * minute }))
        .map(([deadline, after]) => passed(deadline, sceneStart + after)),
    },
    { weight: 1, arbitrary: outcomes },
  ),
  mustHandle: (fact) => fact.type === 'observed',
});

test.each(['startingTarget', 'monitoringStartup'])(
  '%s: quorum taints are taken away within their window only',
  (state) => {
    const { context } = beginning(true);
    const plan = { virtualMachines: ['vm-1', 'vm-2'], resources: ['vol-1', 'vol-2'], epoch: 1, acquired: true };
    const window = { taintWindow: sceneStart + 30 * second };
    const record: Record = { ...beginning(true), state, context: { ...context, ...plan, deadlines: window } };
    const doneAfter = (elapsed: number): readonly string[] => {
      const calm = ours({ ...released(calmScene()), now: sceneStart + elapsed });
      const scene =
        state === 'monitoringStartup' ? withPower(ordered(calm, 'cluster2'), 'cluster2', 'vm-1', 'starting') : calm;
      const fact = seen(withSite(scene, 'cluster2', { taints: ['drbd.linbit.com/lost-quorum'] }))(record);
      return step(failoverDefinition, record, fact).effects.map(({ name }) => name);
    };
    expect(doneAfter(29 * second)).toContain('removeTaints');
    expect(doneAfter(31 * second)).not.toContain('removeTaints');
  },
);
