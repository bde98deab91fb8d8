import { expect, test } from 'vitest';
import { fencedDriver } from '../../src/controllers/fenced-driver.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';

const place = { api: 'kube', site: 'cluster1', resource: resources.virtualMachine, namespace: 'default' } as const;
const linstor = { api: 'linstor', path: '/v1/resource-groups/g' } as const;
const applied: Outcome = { kind: 'applied', status: 200, body: null };

/** What of some requests goes out, and the outcomes. */
async function send(mayAct: boolean, requests: readonly ApiRequest[]) {
  const sent: ApiRequest[] = [];
  const driver = fencedDriver(
    {
      perform: async (request) => {
        sent.push(request);
        return applied;
      },
      locateLinstor: async () => ({ kind: 'not-found', reasons: [] }),
      siteTransport: () => Promise.reject(new Error('no transport here')),
      close: async () => undefined,
    },
    () => mayAct,
  );
  const outcomes = await Promise.all(requests.map((request) => driver.perform(request)));
  return { sent, outcomes };
}

const changes: readonly ApiRequest[] = [
  { ...place, verb: 'create', body: {} },
  { ...place, verb: 'update', name: 'vm', body: {} },
  { ...place, verb: 'patch', patch: 'merge', name: 'vm', body: {} },
  { ...place, verb: 'delete', name: 'vm' },
  { ...linstor, method: 'PUT' },
  { api: 'exec', site: 'cluster1', namespace: 'n', pod: 'p', container: 'c', command: ['drbdsetup', 'status'] },
];
const reads: readonly ApiRequest[] = [
  { ...place, verb: 'get', name: 'vm' },
  { ...place, verb: 'list' },
  { ...linstor, method: 'GET' },
];

test('nothing that may change something is sent by a process that may not, and it is told so', async () => {
  const { sent, outcomes } = await send(false, changes);
  expect(sent).toEqual([]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  expect(outcomes[0]).toMatchObject({ message: 'This process is not the leader any more. Nothing was sent' });
});

test('it may look', async () => {
  expect((await send(false, reads)).sent).toEqual(reads);
});

test('a process that may act sends everything', async () => {
  expect((await send(true, [...changes, ...reads])).sent).toEqual([...changes, ...reads]);
});
