import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minute, second } from '../../../../src/model/instant.ts';
import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../../../src/model/json.ts';
import { type KubeObject, resources } from '../../../../src/model/kube.ts';
import { satellitesOf } from '../../../../src/model/satellite.ts';
import { drillFaultKinds } from '../../../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../../../src/twin/faults/fault-board.ts';
import type { Twin } from '../../../../src/twin/twin.ts';
import { home, pass, standby } from '../../../twin/parted-group.ts';
import { protectedTwin } from '../../../twin/protected-group.ts';

const operatorTwin = (): Twin => protectedTwin(1, { operator: {} });

function volumeOn({ world, kernel }: Twin, site: string, index = 0): KubeObject {
  return world.cluster(site).api.get(resources.drbdVolume, '', kernel.resourceNames()[index] ?? '')!;
}

/** What the agent of a node has written of the first volume. */
function entryOf(twin: Twin, site: string, node: string): Json | undefined {
  return listAt(volumeOn(twin, site), 'status', 'nodes').find((entry) => textAt(entry, 'node') === node);
}

/** Orders an operation on the standby's copy of the first volume. */
function order(twin: Twin, name: string, spec: JsonObject): void {
  const volume = twin.kernel.resourceNames()[0] ?? '';
  const body = {
    apiVersion: 'drbd.io/v1alpha1',
    kind: 'DRBDOperation',
    metadata: { name },
    spec: { volume, node: standby, precondition: { role: 'Secondary' }, ...spec },
  };
  const { api } = twin.world.cluster('cluster2');
  expect(api.request({ verb: 'create', resource: resources.drbdOperation, body }).status).toBe(201);
}

function operation({ world }: Twin, name: string): JsonObject {
  return objectAt(world.cluster('cluster2').api.get(resources.drbdOperation, '', name), 'status');
}

describe('a volume of DRBD Operator', () => {
  test('is told of in each cluster by the agents of its own nodes alone', () => {
    const twin = operatorTwin();
    for (const [site, node] of [
      ['cluster1', home],
      ['cluster2', standby],
    ] as const) {
      expect(listAt(volumeOn(twin, site), 'status', 'nodes').map((entry) => textAt(entry, 'node'))).toEqual([node]);
    }
    expect(entryOf(twin, 'cluster1', home)).toMatchObject({ role: 'Primary', disk: 'UpToDate', open: true });
    expect(entryOf(twin, 'cluster2', standby)).toMatchObject({
      role: 'Secondary',
      peers: [{ node: home, connection: 'Connected', role: 'Primary', replication: 'Established' }],
    });
  });

  test('is made in both clusters or in none: a cut between the operators delays it', () => {
    const twin = operatorTwin();
    const { network } = twin.world;
    network.cut('cluster1', 'cluster2');
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'late', namespace: 'default' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'drbd-replicated',
        resources: { requests: { storage: '1Gi' } },
      },
    };
    const { api } = twin.world.cluster('cluster1');
    api.request({ verb: 'create', resource: resources.persistentVolumeClaim, namespace: 'default', body: claim });
    const volumes = (): readonly number[] =>
      ['cluster1', 'cluster2'].map((site) => twin.world.cluster(site).api.list(resources.drbdVolume).length);
    pass(twin, minute);
    expect(volumes()).toEqual([2, 2]);
    network.mend('cluster1', 'cluster2');
    pass(twin, 5 * minute);
    expect(volumes()).toEqual([3, 3]);
    expect(textAt(api.get(resources.persistentVolumeClaim, 'default', 'late'), 'status', 'phase')).toBe('Bound');
  });
});

describe('an agent of DRBD Operator', () => {
  test('that stands still leaves a memory, is not Ready after half a minute, and writes anew when it goes on', () => {
    const twin = operatorTwin();
    const agents = (): number =>
      satellitesOf('cluster2', twin.world.cluster('cluster2').api.list(resources.pod)).length;
    twin.containers.freeze(standby);
    twin.kernel.setLink(home, standby, false);
    pass(twin, 20 * second);
    expect(textAt(entryOf(twin, 'cluster2', standby), 'peers', 0, 'connection')).toBe('Connected');
    expect(agents()).toBe(1);
    pass(twin, 15 * second);
    expect(agents()).toBe(0);
    twin.containers.thaw(standby);
    pass(twin, 15 * second);
    expect(agents()).toBe(1);
    expect(textAt(entryOf(twin, 'cluster2', standby), 'peers', 0, 'connection')).not.toBe('Connected');
  });

  test('that is followed by another one is told apart from it', () => {
    const twin = operatorTwin();
    const before = textAt(entryOf(twin, 'cluster2', standby), 'agent');
    const { api } = twin.world.cluster('cluster2');
    const [pod] = api.list(resources.pod).filter(({ metadata }) => metadata.namespace === 'drbd-operator');
    const { name, namespace = '' } = pod!.metadata;
    api.request({ verb: 'delete', resource: resources.pod, namespace, name });
    pass(twin, 2 * minute);
    const after = textAt(entryOf(twin, 'cluster2', standby), 'agent');
    expect(after).not.toBe(before);
    expect(satellitesOf('cluster2', api.list(resources.pod)).map(({ agent }) => agent)).toEqual([after]);
  });

  test('of a node without power is not Ready, and its entries stay as they were', () => {
    const twin = operatorTwin();
    const before = entryOf(twin, 'cluster2', standby);
    new FaultBoard(twin, drillFaultKinds).inject({ kind: 'node-crash', node: standby }, twin.world.wall());
    pass(twin, 2 * minute);
    expect(entryOf(twin, 'cluster2', standby)).toEqual(before);
    expect(satellitesOf('cluster2', twin.world.cluster('cluster2').api.list(resources.pod))).toEqual([]);
  });
});

describe('an operation of DRBD Operator', () => {
  test('is told of in the report of its node no later than in its own end', () => {
    const twin = operatorTwin();
    order(twin, 'op', { type: 'Disconnect', peer: home });
    while (operation(twin, 'op')['phase'] !== 'Succeeded') twin.world.step();
    expect(entryOf(twin, 'cluster2', standby)).toMatchObject({
      lastOperation: { name: 'op', phase: 'Succeeded' },
      peers: [{ connection: 'StandAlone' }],
    });
  });

  test.each<[string, JsonObject, string]>([
    ['another role', { type: 'Demote', precondition: { role: 'Primary' } }, 'role is Secondary, not Primary'],
    [
      'other data',
      {
        type: 'ForcePrimary',
        precondition: { role: 'Secondary', generation: { peer: home, current: '00000000000000AA' } },
      },
      'data generation is',
    ],
  ])('is refused, and does nothing, where %s is seen than was agreed to', (_, spec, message) => {
    const twin = operatorTwin();
    order(twin, 'op', spec);
    pass(twin, 5 * second);
    expect(operation(twin, 'op')).toMatchObject({ phase: 'Refused', message: expect.stringContaining(message) });
    expect(twin.kernel.replica(twin.kernel.resourceNames()[0] ?? '', standby)?.role).toBe('Secondary');
  });

  test('that DRBD refuses has failed with its words', () => {
    const twin = operatorTwin();
    order(twin, 'op', { type: 'ForcePrimary' });
    pass(twin, 5 * second);
    expect(operation(twin, 'op')).toMatchObject({ phase: 'Failed', message: expect.stringContaining('(-1)') });
  });

  test('that waits for an agent for too long is not carried out any more', () => {
    const twin = operatorTwin();
    twin.containers.freeze(standby);
    order(twin, 'op', { type: 'Disconnect', peer: home });
    pass(twin, 40 * second);
    twin.containers.thaw(standby);
    pass(twin, 5 * second);
    expect(operation(twin, 'op')).toMatchObject({ phase: 'Refused', message: 'it has expired' });
    expect(twin.kernel.replica(twin.kernel.resourceNames()[0] ?? '', standby)?.peers.get(home)?.connection).toBe(
      'Connected',
    );
  });

  test('that an agent has begun and not ended is not begun again by the next one', () => {
    const twin = operatorTwin();
    order(twin, 'op', { type: 'Disconnect', peer: home });
    while (operation(twin, 'op')['phase'] !== 'Running') twin.world.step();
    const { api } = twin.world.cluster('cluster2');
    const [pod] = api.list(resources.pod).filter(({ metadata }) => metadata.namespace === 'drbd-operator');
    const { name, namespace = '', uid = '' } = pod!.metadata;
    twin.pods.remove(uid);
    api.request({ verb: 'delete', resource: resources.pod, namespace, name, options: { gracePeriodSeconds: 0 } });
    pass(twin, 2 * minute);
    expect(operation(twin, 'op')).toMatchObject({ phase: 'Failed', message: 'interrupted: its end is not known' });
    expect(twin.kernel.replica(twin.kernel.resourceNames()[0] ?? '', standby)?.peers.get(home)?.connection).toBe(
      'Connected',
    );
  });

  test('is carried out once at most, however its agent stands still and goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 6 }), (pauses) => {
        const twin = operatorTwin();
        let times = 0;
        const { disconnect } = twin.kernel;
        twin.kernel.disconnect = (...given) => {
          times += 1;
          return disconnect.apply(twin.kernel, given);
        };
        order(twin, 'op', { type: 'Disconnect', peer: home });
        for (const [index, pause] of pauses.entries()) {
          if (index % 2 === 0) twin.containers.freeze(standby);
          else twin.containers.thaw(standby);
          pass(twin, pause);
        }
        twin.containers.thaw(standby);
        pass(twin, 5 * second);
        expect(times).toBe(1);
        expect(operation(twin, 'op')['phase']).toBe('Succeeded');
      }),
      { numRuns: 20 },
    );
  });

  test('is forgotten an hour after its end', () => {
    const twin = operatorTwin();
    order(twin, 'op', { type: 'Demote' });
    pass(twin, 59 * minute);
    expect(operation(twin, 'op')).not.toEqual({});
    pass(twin, 2 * minute);
    expect(operation(twin, 'op')).toEqual({});
  });
});

test('an operation whose object was removed, and that was sent once more, is not carried out again', () => {
  const twin = operatorTwin();
  order(twin, 'op', { type: 'Disconnect', peer: home });
  pass(twin, 5 * second);
  const { api } = twin.world.cluster('cluster2');
  api.request({ verb: 'delete', resource: resources.drbdOperation, name: 'op' });
  twin.kernel.connect(twin.kernel.resourceNames()[0] ?? '', standby, home);
  pass(twin, minute);
  order(twin, 'op', { type: 'Disconnect', peer: home });
  pass(twin, 5 * second);
  expect(operation(twin, 'op')).toMatchObject({ phase: 'Refused', message: 'it has been reported before' });
});

test('an operation that has begun is not carried out by an agent that stood still until it expired', () => {
  const twin = operatorTwin();
  order(twin, 'op', { type: 'Disconnect', peer: home });
  while (operation(twin, 'op')['phase'] !== 'Running') twin.world.step();
  twin.containers.freeze(standby);
  pass(twin, 10 * minute);
  twin.containers.thaw(standby);
  pass(twin, minute);
  expect(operation(twin, 'op')).toMatchObject({ phase: 'Refused', message: 'it has expired' });
  expect(twin.kernel.replica(twin.kernel.resourceNames()[0] ?? '', standby)?.peers.get(home)?.connection).toBe(
    'Connected',
  );
});

test('an operation that has begun is not carried on by an agent that was started anew in the same pod', () => {
  const twin = operatorTwin();
  const faults = new FaultBoard(twin, drillFaultKinds);
  order(twin, 'op', { type: 'Disconnect', peer: home });
  while (operation(twin, 'op')['phase'] !== 'Running') twin.world.step();
  const loss = faults.inject({ kind: 'node-crash', node: standby }, twin.world.wall());
  pass(twin, 10 * second);
  faults.heal(loss.id);
  pass(twin, minute);
  expect(operation(twin, 'op')).toMatchObject({ phase: 'Failed', message: 'interrupted: its end is not known' });
});

test('a volume that one cluster does not take is made in none, and its claim says why', () => {
  const twin = operatorTwin();
  const { api } = twin.world.cluster('cluster2');
  const name = 'drbdvolumes.drbd.io';
  api.request({ verb: 'delete', resource: resources.customResourceDefinition, name });
  pass(twin, minute);
  const resourcesBefore = twin.kernel.resourceNames().length;
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'nowhere', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'drbd-replicated',
      resources: { requests: { storage: '1Gi' } },
    },
  };
  const own = twin.world.cluster('cluster1').api;
  own.request({ verb: 'create', resource: resources.persistentVolumeClaim, namespace: 'default', body: claim });
  pass(twin, minute);
  expect(textAt(own.get(resources.persistentVolumeClaim, 'default', 'nowhere'), 'status', 'phase')).toBe('Pending');
  expect(twin.kernel.resourceNames()).toHaveLength(resourcesBefore);
  expect(own.list(resources.event, 'default').map((event) => textAt(event, 'message'))).toContainEqual(
    expect.stringContaining('cluster2 does not take the DRBDVolume'),
  );
});
