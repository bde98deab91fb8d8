import { describe, expect, test } from 'vitest';
import { properties } from '../../../src/drills/properties/catalogue.ts';
import type { Stage } from '../../../src/drills/stage.ts';
import type { Tape } from '../../../src/drills/tape.ts';
import { runTape } from '../../../src/drills/run.ts';
import { type KubeObject, resources } from '../../../src/model/kube.ts';
import type { Json } from '../../../src/model/json.ts';
import { newRecovery } from '../../../src/model/recovery/recovery-request.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';
import { mutants } from '../mutants/catalogue.ts';
import { launch, node, record, replica, stir, volumeOf } from './deeds.ts';
import { change, judged, order, patchOf, tell } from './judged.ts';

test('a calm failover is right by every property that finds something to judge in it', () => {
  const { properties: verdicts, violations } = runTape(calm, definitions);
  expect(violations).toEqual([]);
  const idle = Object.entries(verdicts).filter(([, verdict]) => verdict === 'unknown');
  // Nothing is tainted, nothing is resynced, nothing parts, the quorum site answers, nobody gives up, nobody forces, nobody recovers, nobody orders late, and it is no soak.
  expect(idle.map(([id]) => id).toSorted()).toEqual([
    'L10',
    'L11',
    'L15',
    'L16',
    'L19',
    'L5',
    'S12',
    'S27',
    'S31',
    'S32',
    'S33',
    'S6',
  ]);
});

test('no two properties have one id', () => {
  const ids = properties.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

const group = resources.protectionGroup;

/** What must break each property, done to the world or told of as if a host had done it. */
const breaking: readonly (readonly [id: string, what: string, act: (stage: Stage) => Stage | void])[] = [
  [
    'S1',
    'two Primaries that are both written to',
    (stage) => {
      const second = replica(stage, node);
      second.role = 'Primary';
      second.openers.set('x', { mode: 'rw', since: 0, closing: false });
      stir(stage);
    },
  ],
  ['S2', 'a second launcher', launch],
  [
    'S3',
    'a guest on a disk that lacks writes',
    (stage) => {
      replica(stage, node).data.length = 0;
      launch(stage);
    },
  ],
  [
    'S4',
    'an order for a site that lacks writes',
    (stage) => {
      replica(stage, node).data.length = 0;
      tell(stage, order('cluster2', 'running'));
    },
  ],
  [
    'S5',
    'an order to LINSTOR',
    (stage) => tell(stage, { api: 'linstor', method: 'PUT', path: '/v1/resource-definitions/x' }),
  ],
  [
    'S6',
    'a resync from a disk that lacks writes',
    (stage) => {
      replica(stage, 'cluster1-node-1').data.length = 0;
      stage.twin.kernel.administer(volumeOf(stage), node, { kind: 'invalidate' });
    },
  ],
  [
    'S7',
    'deleting a claim',
    (stage) =>
      tell(stage, { ...patchOf('cluster1', resources.persistentVolumeClaim, 'vm-1-disk', {}), verb: 'delete' }),
  ],
  [
    'S7',
    'a copy that goes with its claim',
    (stage) => ({
      ...stage,
      copies: stage.copies.map((request) => ({
        ...request,
        body: mergeSpec(request.body, { persistentVolumeReclaimPolicy: 'Delete' }),
      })),
    }),
  ],
  [
    'S8',
    'one epoch for two operations',
    (stage) => {
      tell(stage, order('cluster2', 'stopped'), 'pgctl/away');
      tell(stage, order('cluster2', 'running'), 'pgctl/back');
    },
  ],
  [
    'S9',
    'a patch without a version',
    (stage) => tell(stage, patchOf('cluster1', group, 'pg', { spec: { desiredState: 'stopped', epoch: 1 } })),
  ],
  ['S10', 'an order that no journal knows of', (stage) => tell(stage, order('cluster1', 'stopped'))],
  [
    'S11',
    'two sites that are told to run',
    (stage) => change(stage, 'cluster2', group, 'pg', { spec: { desiredState: 'running' } }),
  ],
  [
    'S12',
    'a label put on a node',
    (stage) => {
      change(stage, 'cluster2', resources.node, node, { metadata: { labels: { ours: 'yes' } } });
      tell(stage, patchOf('cluster2', resources.node, node, {}));
    },
  ],
  [
    'S13',
    'a copy with a uid',
    (stage) => ({
      ...stage,
      copies: stage.copies.map((request) => ({
        ...request,
        body: { ...(request.body as object), metadata: { ...metadataOf(request.body), uid: '1' } },
      })),
    }),
  ],
  [
    'S13',
    'a claim for another size',
    (stage) => ({
      ...stage,
      copies: stage.copies.map((request) => ({ ...request, body: mergeSpec(request.body, { resources: {} }) })),
    }),
  ],
  [
    'S14',
    'a group shown as stopped that runs',
    (stage) => {
      stage.twin.world.runUntil(stage.twin.world.now + 20_000);
      change(stage, 'cluster1', group, 'pg', { status: { currentState: 'stopped' } }, 'status');
    },
  ],
  [
    'S15',
    'a write at the very end',
    (stage) => {
      stage.twin.world.runUntil(stage.twin.world.now + 60_000);
      tell(stage, order('cluster1', 'stopped'));
    },
  ],
  [
    'S16',
    'a fact that falls through',
    (stage) =>
      stage.onStep.tell({
        before: stepRecord('stoppingSource'),
        after: stepRecord('stoppingSource'),
        branch: undefined,
        fact: { type: 'deadlinePassed', now: 0, deadline: 'whole' },
      }),
  ],
  [
    'S16',
    'a deadline that is no time',
    (stage) =>
      stage.onStep.tell({
        before: stepRecord('stoppingSource'),
        after: stepRecord('stoppingSource', { deadlines: { whole: 0.5 } }),
        branch: undefined,
        fact: { type: 'deadlinePassed', now: 0, deadline: 'vmStart' },
      }),
  ],
  [
    'S16',
    'an operation that goes on after its end',
    (stage) => {
      record(stage, { phase: 'Succeeded', record: journal('succeeded') });
      change(stage, 'cluster2', resources.failover, 'away', { status: { record: journal('rollingBack') } }, 'status');
    },
  ],
  [
    'S18',
    'a password in a status',
    (stage) => tell(stage, patchOf('cluster1', group, 'pg', { status: { why: ['it was hunter2-planted'] } })),
  ],
  [
    'S19',
    'a Ready group with a replica that lacks writes',
    (stage) => {
      replica(stage, node).data.length = 0;
      change(stage, 'cluster1', group, 'pg', { status: { epoch: 7 } }, 'status');
      stage.twin.world.runUntil(stage.twin.world.now + 90_000);
    },
  ],
  ['S20', 'a start while the other site runs', (stage) => tell(stage, order('cluster2', 'running'))],
  ['S21', 'a success without a guest', (stage) => record(stage, { phase: 'Succeeded' })],
  [
    'L1',
    'a site that does not do what it is told',
    (stage) => change(stage, 'cluster2', group, 'pg', { status: { currentState: 'mixed' } }, 'status'),
  ],
  ['L2', 'an operation that goes on', (stage) => record(stage, { phase: 'Running' })],
  ['L2', 'an end without the next command', (stage) => record(stage, { phase: 'Failed' })],
  ['L3', 'a calm failover that turns back', (stage) => record(stage, { phase: 'RolledBack' })],
  [
    'L5',
    'replicas that have parted while all is said to be in sync',
    (stage) => {
      for (const peer of replica(stage, node).peers.values()) peer.connection = 'StandAlone';
    },
  ],
  ['S29', 'a start while the source runs', (stage) => tell(stage, order('cluster2', 'running'))],
  [
    'S29',
    'a command to DRBD',
    (stage) => {
      const command = ['drbdsetup', 'primary', '--force', volumeOf(stage)];
      const place = {
        site: 'cluster2',
        namespace: 'piraeus-datastore',
        pod: 'satellite',
        container: 'linstor-satellite',
      };
      tell(stage, { api: 'exec', ...place, command });
    },
  ],
  [
    'S30',
    'a start on less than everything',
    (stage) => {
      replica(stage, node).data.length = 0;
      tell(stage, order('cluster2', 'running'));
    },
  ],
  [
    'S31',
    'a force that is never let go of',
    (stage) => {
      stage.twin.kernel.disconnect(volumeOf(stage), node, 'cluster1-node-1');
      stage.twin.kernel.promote(volumeOf(stage), node, { force: true });
      record(stage, { phase: 'Running', holder: 'pgctl/away', steps: [{ name: 'forceVolumes', state: 'done' }] });
      tell(stage, { ...patchOf('cluster2', resources.failover, 'away', {}), subresource: 'status' });
    },
  ],
  [
    'S32',
    'a recovery that succeeds while copies differ',
    (stage) => {
      replica(stage, node).data.length = 0;
      const place = { namespace: 'default', resource: resources.recovery } as const;
      const request = {
        name: 'mend',
        namespace: 'default',
        group: 'pg',
        action: 'Verify' as const,
        snapshot: false,
        driver: 'cluster1',
        other: 'cluster2',
        consents: [],
        requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
      };
      const body = newRecovery(request) as unknown as Json;
      stage.twin.world.cluster('cluster1').api.request({ verb: 'create', ...place, body });
      change(stage, 'cluster1', resources.recovery, 'mend', { status: { phase: 'Succeeded' } }, 'status');
    },
  ],
  ['L18', 'a second launcher', launch],
  [
    'L17',
    'a site that goes on running what another one was given',
    (stage) => change(stage, 'cluster2', group, 'pg', { spec: { desiredState: 'running', epoch: 99 } }),
  ],
  [
    'L6',
    'volumes that do not follow',
    (stage) => change(stage, 'cluster1', group, 'pg', { status: { conditions: [] } }, 'status'),
  ],
  [
    'L7',
    'a mixed group that says nothing',
    (stage) =>
      change(
        stage,
        'cluster1',
        group,
        'pg',
        {
          status: {
            currentState: 'mixed',
            virtualMachines: [{ name: 'vm-1', state: 'stopped', reason: 'Unknown', message: '' }],
          },
        },
        'status',
      ),
  ],
  [
    'L8',
    'a VM that is shown as stopped and executes',
    (stage) =>
      change(
        stage,
        'cluster1',
        group,
        'pg',
        { status: { virtualMachines: [{ name: 'vm-1', state: 'stopped', reason: 'Unknown', message: '' }] } },
        'status',
      ),
  ],
  ['L9', 'an operation that nobody drives', (stage) => record(stage, { phase: 'Running', holder: 'pgctl/away' })],
  [
    'L9',
    'a Lease that is never let go',
    (stage) => {
      const { world } = stage.twin;
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'site-recovery-pg', namespace: 'default' },
        spec: { holderIdentity: 'pgctl/away' },
      };
      world.route('test.renew', () => {
        world
          .cluster('cluster1')
          .api.request({ verb: 'create', resource: resources.lease, namespace: 'default', body });
      });
      world.schedule(55_000, 'test.renew', '');
    },
  ],
  [
    'L10',
    'an operation that waits for the quorum site',
    (stage) => {
      const { world } = stage.twin;
      stage.twin.hosts.intercept(() => ({ kind: 'hang' }));
      stage.faults.inject({ kind: 'api-outage', site: 'cluster3', how: 'hang' }, world.wall());
      record(stage, { phase: 'Running' });
      world.runUntil(world.now + 11 * 60_000);
    },
  ],
];

const late: Tape = { ...calm, items: [{ kind: 'failover', name: 'away', to: 'cluster2', when: { mended: 0 } }] };

describe('a property is broken by', () => {
  test('L15: an order of a group that is Ready, on which nobody acts', () => {
    const { broken } = judged('L15', paused(record), late);
    expect(broken).toEqual(['pg was Ready, and cluster2 is told to be stopped']);
  });

  test.each(breaking)('%s: %s', (id, _what, act) => {
    const { broken } = judged(id, paused(act));
    expect(broken.length).toBeGreaterThan(0);
  });

  test('S17 alone by nothing that can be done to a world: its table says what it is worth', () => {
    // What an operation must not do to itself is broken by bugs that are planted into it, L16 in test/drills/soak.
    const named = new Set(['L15', 'L16', ...breaking.map(([id]) => id), ...mutants.map(({ property }) => property)]);
    expect(properties.map(({ id }) => id).filter((id) => !named.has(id))).toEqual(['S17']);
  });
});

/** Keeps the controllers from putting right what has been done. */
function paused(act: (stage: Stage) => Stage | void): (stage: Stage) => Stage | void {
  return (stage) => {
    for (const id of stage.twin.hosts.ids()) stage.twin.hosts.remove(id);
    return act(stage);
  };
}

function journal(state: string): Json {
  return { machine: 'failover', version: 1, state, context: {} };
}

function metadataOf(body: Json | undefined): object {
  return (body as unknown as KubeObject).metadata;
}

function mergeSpec(body: Json | undefined, spec: object): Json {
  const object = body as unknown as KubeObject;
  return { ...object, spec: { ...(object.spec as object), ...spec } } as unknown as Json;
}

function stepRecord(state: string, change_: object = {}): never {
  const context = { epoch: 1, deadlines: {}, holder: 'me', virtualMachines: ['vm-1'], resources: ['v'], ...change_ };
  return { machine: 'failover', version: 1, state, context } as never;
}
