import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readKubeconfig } from '../../../src/drivers/real/kubeconfig.ts';
import { openKubeTransport } from '../../../src/drivers/real/kube-transport.ts';
import { Reflector, type ReflectorTimes } from '../../../src/drivers/real/reflector.ts';
import { systemClock } from '../../../src/drivers/real/system-clock.ts';
import { resources } from '../../../src/model/kube.ts';
import { serve, writeKubeconfig } from './loopback.ts';

const times: ReflectorTimes = {
  callLimit: 3000,
  relistEvery: 60_000,
  listPause: 20,
  silence: 5000,
  steady: 1000,
  firstBackOff: 20,
  longestBackOff: 200,
};

const configMap = (name: string, version: number, extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: String(version) },
  ...extra,
});

interface Watch {
  readonly from: string;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
  send(type: string, object: object): void;
}

/** A collection served over HTTP: lists what it is told to, and hands every watch to the test. */
class Collection {
  items: object[] = [];
  version = 100;
  lists = 0;
  readonly watches: Watch[] = [];
  /** What a watch request gets instead of a stream. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  readonly listener = (request: IncomingMessage, response: ServerResponse): void => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    if (query.get('watch') !== '1') {
      this.lists += 1;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          kind: 'ConfigMapList',
          metadata: { resourceVersion: String(this.version) },
          items: this.items,
        }),
      );
      return;
    }
    if (this.instead !== undefined) return this.instead(request, response);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const send = (type: string, object: object): void => void response.write(`${JSON.stringify({ type, object })}\n`);
    this.watches.push({ from: query.get('resourceVersion') ?? '', query, response, send });
  };

  get newest(): Watch {
    const watch = this.watches.at(-1);
    if (watch === undefined) throw new Error('nobody watches');
    return watch;
  }

  readonly openWatches = (): number => this.watches.filter(({ response }) => !response.destroyed).length;
}

async function follow(collection: Collection, given: Partial<ReflectorTimes> = {}) {
  const { port, server } = await serve(collection.listener);
  const kubeconfig = await readKubeconfig(await writeKubeconfig({ server: `http://127.0.0.1:${port}` }));
  const transport = openKubeTransport(kubeconfig, { environment: {}, execPluginLimit: 1000 });
  const seen: string[] = [];
  const reflector = new Reflector({
    transport: async () => transport,
    resource: resources.configMap,
    clock: systemClock,
    random: () => 0.5,
    times: { ...times, ...given },
    onChange: ({ type, object }) =>
      seen.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion ?? ''}`),
    onSynced: () => seen.push('synced'),
    onStale: (reason) => seen.push(`stale: ${reason}`),
  });
  onTestFinished(async () => {
    await reflector.stop();
    transport.close();
  });
  return { reflector, seen, server };
}

const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 3000, interval: 5 });

/** A reflector that has listed `a` and watches. */
async function watching(given: Partial<ReflectorTimes> = {}) {
  const collection = new Collection();
  collection.items = [configMap('a', 90)];
  const followed = await follow(collection, given);
  followed.reflector.start();
  await until(() => expect(collection.watches).toHaveLength(1));
  return { collection, ...followed };
}

test('lists, then watches from the version of the list, and hands on each change', async () => {
  const { collection, reflector, seen } = await watching();
  expect(collection.newest.from).toBe('100');
  expect(collection.newest.query.get('allowWatchBookmarks')).toBe('true');
  collection.newest.send('ADDED', configMap('b', 101));
  collection.newest.send('MODIFIED', configMap('a', 102));
  collection.newest.send('DELETED', configMap('b', 103));
  await until(() => expect(seen).toEqual(['added a@90', 'synced', 'added b@101', 'modified a@102', 'deleted b@103']));
  expect(reflector.list().map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(reflector.get('n', 'a')?.metadata.resourceVersion).toBe('102');
  expect(reflector.synced).toBe(true);
});

test('a change split over several packets, in the middle of a letter too, is one change', async () => {
  const { collection, seen } = await watching();
  const bytes = Buffer.from(
    `${JSON.stringify({ type: 'ADDED', object: configMap('b', 101, { data: { x: 'Zürich' } }) })}\n`,
  );
  const middle = bytes.indexOf(0xc3) + 1;
  collection.newest.response.write(bytes.subarray(0, middle));
  await new Promise((resolve) => setTimeout(resolve, 20));
  collection.newest.response.write(bytes.subarray(middle));
  await until(() => expect(seen.at(-1)).toBe('added b@101'));
});

test('clean close: watches again from the last version seen, bookmarks included, without a new list', async () => {
  const { collection, seen } = await watching();
  collection.newest.send('MODIFIED', configMap('a', 105));
  collection.newest.send('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '140' } });
  await until(() => expect(seen).toContain('modified a@105'));
  collection.newest.response.end();
  await until(() => expect(collection.watches).toHaveLength(2));
  expect(collection.newest.from).toBe('140');
  collection.newest.send('ADDED', configMap('b', 141));
  await until(() => expect(seen.at(-1)).toBe('added b@141'));
  expect(collection.lists).toBe(1);
  expect(seen.filter((line) => line.startsWith('stale'))).toEqual([]);
});

test('TCP reset in the middle of a watch: says that it is stale, and goes on from the last version', async () => {
  const { collection, reflector, seen } = await watching();
  collection.newest.send('ADDED', configMap('b', 107));
  await until(() => expect(seen).toContain('added b@107'));
  collection.newest.response.socket?.resetAndDestroy();
  await until(() => expect(seen.at(-1)).toMatch(/^stale: the connection was cut/));
  await until(() => expect(collection.watches).toHaveLength(2));
  expect(collection.newest.from).toBe('107');
  await until(() => expect(seen.at(-1)).toBe('synced'));
  collection.newest.send('DELETED', configMap('b', 108));
  await until(() => expect(reflector.get('n', 'b')).toBeUndefined());
  expect(collection.lists).toBe(1);
});

test('503 on reconnect: tries until the server is back, with growing pauses', async () => {
  const { collection, seen } = await watching();
  const tried: number[] = [];
  collection.instead = (_request, response) => {
    tried.push(Date.now());
    response.writeHead(503, { 'content-type': 'text/plain' }).end('apiserver is starting');
  };
  collection.newest.response.socket?.resetAndDestroy();
  await until(() => expect(tried.length).toBeGreaterThanOrEqual(4));
  collection.instead = undefined;
  await until(() => expect(collection.watches).toHaveLength(2));
  const pauses = tried.slice(1).map((at, index) => at - (tried[index] ?? at));
  // Doubling from 20 ms, each three quarters of its whole.
  expect(pauses[1]).toBeGreaterThanOrEqual(55);
  expect(pauses[2]).toBeGreaterThanOrEqual(110);
  await until(() => expect(seen.at(-1)).toBe('synced'));
  collection.newest.send('ADDED', configMap('b', 120));
  await until(() => expect(seen.at(-1)).toBe('added b@120'));
});

test('Retry-After of a refused watch is honoured', async () => {
  const { collection } = await watching();
  let refusedAt = 0;
  collection.instead = (_request, response) => {
    refusedAt = Date.now();
    collection.instead = undefined;
    response.writeHead(429, { 'retry-after': '1', 'content-type': 'text/plain' }).end('Too many requests');
  };
  collection.newest.response.end();
  await until(() => expect(collection.watches).toHaveLength(2));
  expect(Date.now() - refusedAt).toBeGreaterThanOrEqual(990);
});

test('410 storm: lists anew at a bounded rate and ends up in step', async () => {
  const collection = new Collection();
  collection.items = [configMap('a', 90)];
  let refused = 0;
  const expired = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Expired',
    code: 410,
    message: 'too old',
  };
  collection.instead = (request, response) => {
    if (request.url?.includes('resourceVersion=200') === true) {
      collection.instead = undefined;
      return collection.listener(request, response);
    }
    refused += 1;
    // Both ways in which servers say it: as a status of the answer, and as an event of the stream.
    if (refused % 2 === 0) response.writeHead(410, { 'content-type': 'application/json' }).end(JSON.stringify(expired));
    else response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`);
  };
  const { reflector, seen } = await follow(collection);
  reflector.start();
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(refused).toBeGreaterThanOrEqual(3);
  expect(collection.lists).toBeLessThanOrEqual(8);
  collection.items = [configMap('c', 200)];
  collection.version = 200;
  await until(() => expect(collection.watches).toHaveLength(1));
  expect(collection.newest.from).toBe('200');
  expect(reflector.list().map(({ metadata }) => metadata.name)).toEqual(['c']);
  expect(seen).toContain('deleted a@90');
});

test('half-open connection: silence is noticed, and the watch begins anew from the last version', async () => {
  const { collection, seen } = await watching({ silence: 150 });
  await until(() => expect(seen.at(-1)).toBe('stale: nothing was heard for 0.15 s'));
  await until(() => expect(collection.watches).toHaveLength(2));
  expect(collection.newest.from).toBe('100');
  await until(() => expect(collection.openWatches()).toBe(1));
  expect(collection.lists).toBe(1);
});

test('bookmarks alone keep a quiet watch alive', async () => {
  const { collection } = await watching({ silence: 500 });
  for (let beat = 0; beat < 12; beat += 1) {
    collection.newest.send('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: String(110 + beat) } });
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  expect(collection.watches).toHaveLength(1);
});

test('a server that accepts and never answers is given up', async () => {
  const { collection, seen } = await watching({ callLimit: 100 });
  let held = 0;
  collection.instead = () => {
    held += 1;
  };
  collection.newest.response.end();
  await until(() => expect(held).toBeGreaterThanOrEqual(2));
  expect(seen.some((line) => line.startsWith('stale'))).toBe(true);
});

test('stop while connecting: no watch is left on the server and no callback comes later', async () => {
  const collection = new Collection();
  const held: ServerResponse[] = [];
  collection.instead = (_request, response) => void held.push(response);
  const { reflector, seen } = await follow(collection);
  reflector.start();
  await until(() => expect(held).toHaveLength(1));
  const before = [...seen];
  await reflector.stop();
  await until(() => expect(held[0]?.destroyed).toBe(true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(held).toHaveLength(1);
  expect(seen).toEqual(before);
  expect(reflector.synced).toBe(false);
});

test('stop inside a callback: the rest of the same packet is not handed on', async () => {
  const { collection, reflector, seen } = await watching();
  const lines = [configMap('b', 101), configMap('c', 102)].map((object) => JSON.stringify({ type: 'ADDED', object }));
  const push = seen.push.bind(seen);
  seen.push = (...added) => {
    if (added[0]?.startsWith('added b')) void reflector.stop();
    return push(...added);
  };
  collection.newest.response.write(`${lines.join('\n')}\n`);
  await until(() => expect(seen).toContain('added b@101'));
  await until(() => expect(collection.openWatches()).toBe(0));
  expect(seen).not.toContain('added c@102');
});

test('start twice: one watch', async () => {
  const { collection, reflector } = await watching();
  reflector.start();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(collection.watches).toHaveLength(1);
  expect(collection.lists).toBe(1);
});

test('start after stop: lists anew and tells what went in between', async () => {
  const { collection, reflector, seen } = await watching();
  await reflector.stop();
  collection.items = [configMap('b', 150)];
  collection.version = 150;
  seen.length = 0;
  reflector.start();
  await until(() => expect(seen).toEqual(['deleted a@90', 'added b@150', 'synced']));
  await until(() => expect(collection.openWatches()).toBe(1));
});

test('the whole is listed anew from time to time, and a missed change found', async () => {
  const { collection, seen } = await watching({ relistEvery: 200 });
  collection.items = [];
  await until(() => expect(seen).toContain('deleted a@90'));
  expect(collection.lists).toBeGreaterThanOrEqual(2);
  await until(() => expect(collection.openWatches()).toBe(1));
});

test('an object that was replaced by another of its name is a deletion and an addition', async () => {
  const { collection, seen } = await watching();
  const other = configMap('a', 130);
  collection.newest.send('MODIFIED', { ...other, metadata: { ...other.metadata, uid: 'another' } });
  await until(() => expect(seen.slice(2)).toEqual(['deleted a@90', 'added a@130']));
});

test('a list in pages is taken together, and begun again when its continue token has expired', async () => {
  const collection = new Collection();
  const { reflector, seen, server } = await follow(collection);
  let expiredOnce = false;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    if (query.get('watch') === '1') return collection.listener(request, response);
    const page = query.get('continue');
    response.setHeader('content-type', 'application/json');
    if (page === 'second' && !expiredOnce) {
      expiredOnce = true;
      response
        .writeHead(410)
        .end(JSON.stringify({ apiVersion: 'v1', kind: 'Status', code: 410, reason: 'Expired', message: 'gone' }));
      return;
    }
    const metadata = page === null ? { resourceVersion: '100', continue: 'second' } : { resourceVersion: '100' };
    response.end(JSON.stringify({ metadata, items: [configMap(page === null ? 'a' : 'b', 1)] }));
  });
  reflector.start();
  await until(() => expect(seen).toEqual(['stale: gone', 'added a@1', 'added b@1', 'synced']));
});
