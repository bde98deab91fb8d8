import { describe, expect, test } from 'vitest';
import { type BuiltWorld, buildWorld } from '../../../../src/drivers/sim/build-world.ts';
import { execResultOf } from '../../../../src/model/exec-result.ts';
import { textAt } from '../../../../src/model/json.ts';
import { type KubeObject, resources } from '../../../../src/model/kube.ts';
import type { ExecRequest } from '../../../../src/model/request.ts';
import { onSatellite, type Satellite, satellitesOf, satelliteSelector } from '../../../../src/model/satellite.ts';

const minute = 60_000;

function smallWorld(): BuiltWorld {
  return buildWorld({
    seed: 1,
    epoch: Date.UTC(2026, 0, 1),
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    sites: [
      { name: 'cluster1', role: 'primary', nodes: ['n1', 'n2'] },
      { name: 'quorum', role: 'quorum', nodes: ['q1'] },
    ],
    linstorUrl: 'http://127.0.0.1:3370',
  });
}

/** The satellites of a site, as the product finds them. */
function satellites({ world }: BuiltWorld, site = 'cluster1'): readonly Satellite[] {
  const options = { labelSelector: satelliteSelector };
  const outcome = world.perform({ api: 'kube', site, verb: 'list', resource: resources.pod, options }, 'operator');
  if (outcome.kind !== 'applied') throw new Error('the pods are not listed');
  return satellitesOf(site, (outcome.body as unknown as { readonly items: readonly KubeObject[] }).items);
}

function satelliteOf(built: BuiltWorld, node: string): Satellite {
  const found = satellites(built).find((each) => each.node === node);
  if (found === undefined) throw new Error(`${node} has no satellite that runs`);
  return found;
}

const look = ['drbdsetup', 'status'];
const ask = ({ world }: BuiltWorld, request: ExecRequest): ReturnType<typeof world.perform> =>
  world.perform(request, 'operator');

describe('the pods of the satellites', () => {
  test('run from the beginning, named as the operator’s DaemonSets name them', () => {
    const built = smallWorld();
    expect(satellites(built).map(({ node }) => node)).toEqual(['n1', 'n2']);
    for (const { namespace, node, pod } of satellites(built)) {
      expect(namespace).toBe('piraeus-datastore');
      expect(pod).toMatch(new RegExp(`^linstor-satellite\\.${node}-[a-z0-9]{5}$`));
    }
    expect(satellites(built, 'quorum')).toEqual([]);
  });

  test('stay as they are while nothing happens to their nodes', () => {
    const built = smallWorld();
    const before = satellites(built);
    const { api } = built.world.cluster('cluster1');
    const version = textAt(api.get(resources.pod, 'piraeus-datastore', before[0]!.pod), 'metadata', 'resourceVersion');
    built.world.runUntil(10 * minute);
    expect(satellites(built)).toEqual(before);
    const now = api.get(resources.pod, 'piraeus-datastore', before[0]!.pod);
    expect(textAt(now, 'metadata', 'resourceVersion')).toBe(version);
  });

  test('a pod that is deleted is followed by another', () => {
    const built = smallWorld();
    const { pod } = satelliteOf(built, 'n1');
    const { api } = built.world.cluster('cluster1');
    api.request({ verb: 'delete', resource: resources.pod, namespace: 'piraeus-datastore', name: pod });
    built.world.runUntil(2 * minute);
    const next = satelliteOf(built, 'n1');
    expect(next.pod).not.toBe(pod);
    expect(execResultOf(ask(built, onSatellite(next, look)) as never)).toMatchObject({ known: true });
  });

  test('a node that was deleted gets its satellite when it is there again', () => {
    const built = smallWorld();
    const { api } = built.world.cluster('cluster1');
    const { metadata, ...node } = api.get(resources.node, '', 'n1')!;
    api.request({ verb: 'delete', resource: resources.node, name: 'n1' });
    built.world.runUntil(5 * minute);
    expect(satellites(built).map((each) => each.node)).toEqual(['n2']);
    const body = { ...node, metadata: { name: 'n1', labels: metadata.labels ?? {} } };
    api.request({ verb: 'create', resource: resources.node, body });
    built.world.runUntil(10 * minute);
    expect(satellites(built).map((each) => each.node)).toEqual(['n1', 'n2']);
  });
});

describe('a command in a container', () => {
  test('runs on the node of its pod', () => {
    const built = smallWorld();
    const outcome = ask(built, onSatellite(satelliteOf(built, 'n2'), look));
    expect(outcome).toMatchObject({ kind: 'applied', body: { exitCode: 0, stderr: '' } });
  });

  test('is refused for a pod or a container that is not there', () => {
    const built = smallWorld();
    const request = onSatellite(satelliteOf(built, 'n1'), look);
    expect(ask(built, { ...request, pod: 'absent' })).toMatchObject({
      kind: 'refused',
      status: 404,
      reason: 'NotFound',
      message: 'pods "absent" not found',
    });
    expect(ask(built, { ...request, container: 'absent' })).toMatchObject({
      kind: 'refused',
      status: 400,
      reason: 'BadRequest',
      message: `container absent is not valid for pod ${request.pod}`,
    });
  });

  test('is not known to have run where the program is missing', () => {
    const built = smallWorld();
    const request = onSatellite(satelliteOf(built, 'n1'), ['bash']);
    const outcome = { kind: 'unknown', reason: 'server-error', message: expect.stringContaining('"bash"') };
    expect(ask(built, request)).toMatchObject(outcome);
    expect(ask(built, { ...request, container: 'drbd-reactor', command: look })).toMatchObject({ kind: 'unknown' });
  });

  test('hangs on a node without power, and finds no container until that has started again', () => {
    const built = smallWorld();
    const request = onSatellite(satelliteOf(built, 'n1'), look);
    built.world.setNodePower('n1', false);
    built.pods.losePower('n1');
    expect(ask(built, request)).toEqual({ kind: 'hang' });
    expect(ask(built, onSatellite(satelliteOf(built, 'n2'), look))).toMatchObject({ kind: 'applied' });
    built.world.setNodePower('n1', true);
    expect(ask(built, request)).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    built.world.cluster('cluster1').wake('kubelet', { resource: resources.node, namespace: '', name: 'n1' });
    built.world.runUntil(minute);
    expect(ask(built, request)).toMatchObject({ kind: 'applied' });
  });

  test('hangs while the satellite is frozen, and runs when it has thawed', () => {
    const built = smallWorld();
    const request = onSatellite(satelliteOf(built, 'n1'), look);
    built.containers.freeze('n1');
    expect(ask(built, request)).toEqual({ kind: 'hang' });
    built.containers.thaw('n1');
    expect(ask(built, request)).toMatchObject({ kind: 'applied' });
  });
});
