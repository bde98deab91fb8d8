import { afterEach, expect, test, vi } from 'vitest';
import { runTape } from '../../../src/drills/run.ts';
import { tapeOf } from '../../../src/drills/swarm.ts';
import type { Tape } from '../../../src/drills/tape.ts';
import { ApiServer } from '../../../src/drivers/sim/api-server/api-server.ts';
import { ObjectStore, type Change } from '../../../src/drivers/sim/api-server/object-store.ts';
import { Randomness } from '../../../src/drivers/sim/random.ts';
import { resources } from '../../../src/model/kube.ts';
import { definitions } from '../../drills/definitions.ts';

afterEach(() => vi.restoreAllMocks());

test.each(Array.from({ length: 12 }, (_, run) => run))(
  'a world that trusts its insiders has the history of one that checks them, change by change (run %i)',
  (run) => {
    const trusting = changesOf(tapeOf(1, run));
    const { request } = ApiServer.prototype;
    vi.spyOn(ApiServer.prototype, 'requestFromInside').mockImplementation(request);
    const checking = changesOf(tapeOf(1, run));
    expect(trusting.find((change, index) => change !== checking[index])).toBeUndefined();
    expect(trusting.length).toBe(checking.length);
  },
);

test('what a webhook says no to is refused to those that are trusted as well', () => {
  const settings = { cluster: 'a', kubernetesVersion: 'v1.36.3', wallNow: () => 0, trustsInsiders: true };
  const server = new ApiServer({ ...settings, random: new Randomness(1).stream('api') });
  const place = { resource: resources.configMap, namespace: 'default', name: 'a' };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };
  expect(server.requestFromInside({ verb: 'create', ...place, body }).status).toBe(201);
  server.addAdmission({ name: 'no.example', resources: [resources.configMap], validate: () => ({ message: 'never' }) });
  const before = server.get(resources.configMap, 'default', 'a');
  const data = { verb: 'patch', patch: 'merge', ...place, body: { data: { key: 'value' } } } as const;
  for (const request of [data, { verb: 'create', ...place, body: { ...body, metadata: { name: 'b' } } } as const]) {
    const { status, body: answer } = server.requestFromInside(request);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ message: 'admission webhook "no.example" denied the request: never' });
  }
  expect(server.get(resources.configMap, 'default', 'a')).toBe(before);
});

/** Every change of every cluster of a run, as text. */
function changesOf(tape: Tape): readonly string[] {
  const changes: string[] = [];
  const { commit } = ObjectStore.prototype;
  const spy = vi.spyOn(ObjectStore.prototype, 'commit').mockImplementation(function (
    this: ObjectStore,
    change: Change,
  ) {
    changes.push(`${change.type} ${JSON.stringify(change.object)}`);
    commit.call(this, change);
  });
  runTape(tape, definitions);
  spy.mockRestore();
  return changes;
}
