import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { copiedReads } from '../../src/controllers/copied-reads.ts';
import { SiteCopies } from '../../src/controllers/site-copies.ts';
import { openLiveDriver } from '../../src/drivers/real/live-driver.ts';
import { systemClock } from '../../src/drivers/real/system-clock.ts';
import { second } from '../../src/model/instant.ts';
import { resources } from '../../src/model/kube.ts';
import { observationOf } from '../../src/model/observation.ts';
import { planSiteReads } from '../../src/model/read-plan.ts';
import type { KubeRequest, LinstorRequest, Outcome } from '../../src/model/request.ts';
import { writeKubeconfig } from '../drivers/real/loopback.ts';

const place = { api: 'kube', site: 'cluster1', resource: resources.virtualMachine } as const;
const vm = (namespace: string, name: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { namespace, name, uid: `uid-${namespace}-${name}`, resourceVersion: '1' },
});
const storage: LinstorRequest = { api: 'linstor', method: 'GET', path: '/v1/view/resources' };

/** Copies of the VMs of a server of this test, once they have been made. */
async function copiesOf(listener: RequestListener): Promise<SiteCopies> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfigPath = await writeKubeconfig({ server: `http://127.0.0.1:${port}` });
  const driver = openLiveDriver({ sites: [{ name: 'cluster1', kubeconfigPath }], environment: {} });
  const copies = new SiteCopies({
    site: 'cluster1',
    driver,
    types: [{ resource: resources.virtualMachine }],
    clock: systemClock,
    random: () => 0,
    onChange: () => undefined,
    onTurn: () => undefined,
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await copies.stop();
    await driver.close();
  });
  await copies.start();
  return copies;
}

const serving =
  (items: readonly object[]): RequestListener =>
  (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url?.includes('watch=1')) return response.flushHeaders();
    response.end(JSON.stringify({ kind: 'VirtualMachineList', metadata: { resourceVersion: '9' }, items }));
    return undefined;
  };

/** A driver that answers by a function, and counts. */
function answering(answer: (times: number) => Outcome) {
  const driver = {
    times: 0,
    perform: async (): Promise<Outcome> => {
      driver.times += 1;
      return answer(driver.times);
    },
  };
  return driver;
}

const applied = (body: object): Outcome => ({ kind: 'applied', status: 200, body: body as never });

test('lists and single objects are answered from the copies, the same ones by the very same answer', async () => {
  const copies = await copiesOf(serving([vm('a', 'one'), vm('b', 'two')]));
  const list: KubeRequest = { ...place, verb: 'list', namespace: 'a' };
  expect(copies.read(list)).toMatchObject({ kind: 'applied', body: { items: [{ metadata: { name: 'one' } }] } });
  expect(copies.read(list)).toBe(copies.read(list));
  expect(copies.read({ ...place, verb: 'get', namespace: 'b', name: 'two' })).toMatchObject({
    kind: 'applied',
    body: { metadata: { name: 'two' } },
  });
});

test('an object that is not there is refused as an API server refuses it, with its name', async () => {
  const copies = await copiesOf(serving([]));
  expect(copies.read({ ...place, verb: 'get', namespace: 'a', name: 'one' })).toMatchObject({
    kind: 'refused',
    status: 404,
    body: { details: { name: 'one' } },
  });
});

test('a copy that could not be made answers that it does not know, and why', async () => {
  const copies = await copiesOf((_request, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('nothing for you here');
  });
  const reason = expect.stringContaining('nothing for you here') as string;
  expect(copies.read({ ...place, verb: 'list' })).toMatchObject({ kind: 'unknown', message: reason });
  expect(copies.stale).toEqual([reason]);
});

test('a type that the site does not have is refused as it refuses it, and is no trouble', async () => {
  const copies = await copiesOf((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
  });
  const answer = copies.read({ ...place, verb: 'list', namespace: 'a' });
  expect(answer).toMatchObject({ kind: 'refused', status: 404 });
  const plan = planSiteReads('cluster1', ['virtualMachines'], { namespace: 'a', group: '' });
  const { sites } = observationOf(plan, [answer!], 0);
  expect(sites['cluster1']?.missingTypes).toEqual(['virtualmachines.kubevirt.io']);
  expect(copies.stale).toEqual([]);
});

test('what is not copied, and what is selected, is asked of the server', async () => {
  const copies = await copiesOf(serving([]));
  const driver = answering(() => applied({}));
  const reads = copiedReads(driver, [copies], systemClock);
  await reads.perform({ ...place, verb: 'list' });
  expect(driver.times).toBe(0);
  await reads.perform({ ...place, resource: resources.pod, verb: 'list' });
  await reads.perform({ ...place, verb: 'list', options: { labelSelector: 'a=b' } });
  await reads.perform({ ...place, site: 'cluster2', verb: 'list' });
  await reads.perform({ ...place, verb: 'patch', patch: 'merge', namespace: 'a', name: 'one', body: {} });
  expect(driver.times).toBe(4);
});

test('LINSTOR is asked once for all who ask within ten seconds, and says the very same while nothing changes', async () => {
  let now = 0;
  const clock = { now: () => now, sleepUntil: async () => undefined };
  const driver = answering((times) => applied({ state: times < 3 ? 'as before' : 'new' }));
  const reads = copiedReads(driver, [], clock);
  const answers = await Promise.all([1, 2, 3].map(() => reads.perform(storage)));
  expect(driver.times).toBe(1);
  now += 10 * second;
  expect(await reads.perform(storage)).toBe(answers[0]);
  expect(driver.times).toBe(2);
  now += 10 * second;
  expect(await reads.perform(storage)).toMatchObject({ body: { state: 'new' } });
});

test('what LINSTOR said before a change is no answer after it, and it is asked once a second at most', async () => {
  let now = 0;
  const clock = { now: () => now, sleepUntil: async () => undefined };
  const driver = answering((times) => applied({ times }));
  const reads = copiedReads(driver, [], clock);
  const ask = async (): Promise<number> => {
    await reads.perform(storage);
    return driver.times;
  };
  expect(await ask()).toBe(1);
  now += second;
  expect(await ask()).toBe(1);
  reads.noteChange();
  expect(await ask()).toBe(2);
  reads.noteChange();
  now += second / 2;
  expect(await ask()).toBe(2);
  now += second / 2;
  expect(await ask()).toBe(3);
  now += 9 * second;
  expect(await ask()).toBe(3);
});
