import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import { commandSeenThrough } from './command-site.ts';
import { answerJson, deleteNode, driverOn, getNode, sayHello, served } from './tls-site.ts';
import { base64, writeKubeconfig } from './loopback.ts';

/** An HTTP proxy that tunnels (CONNECT) and counts what it tunnels. */
async function httpProxy() {
  const tunnelled: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer().on('connect', (request, client: Socket) => {
    tunnelled.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) sockets.add(socket.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnelled };
}

describe('HTTP proxies', () => {
  test('proxy-url of the kubeconfig leads every request through it, end-to-end encrypted', async () => {
    const proxy = await httpProxy();
    const { driver, port } = await served(sayHello, { cluster: { 'proxy-url': proxy.url } });
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied' });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'applied' });
    expect(proxy.tunnelled).toEqual([`127.0.0.1:${port}`]);
  });

  test('HTTPS_PROXY of the environment counts, unless NO_PROXY names the host', async () => {
    const proxy = await httpProxy();
    const { kubeconfig: kubeconfigPath } = await served(sayHello);
    const performWith = async (environment: Record<string, string>) => {
      const driver = openLiveDriver({ sites: [{ name: 'a', kubeconfigPath }], environment });
      onTestFinished(() => driver.close());
      return driver.perform(getNode);
    };
    expect(await performWith({ HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1' })).toMatchObject({ kind: 'applied' });
    expect(proxy.tunnelled).toEqual([]);
    expect(await performWith({ HTTPS_PROXY: proxy.url })).toMatchObject({ kind: 'applied' });
    expect(proxy.tunnelled).toHaveLength(1);
  });

  test('a proxy that is not there: nothing was sent', async () => {
    const { driver } = await served(sayHello, { cluster: { 'proxy-url': 'http://127.0.0.1:1' } });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  });
});

/** A SOCKS5 proxy without authentication (RFC 1928) for IPv4 addresses and names. */
async function socksProxy() {
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    sockets.add(client.on('error', () => {}));
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request: Buffer) => {
        const named = request[3] === 3;
        const length = named ? (request[4] ?? 0) : 4;
        const start = named ? 5 : 4;
        const address = request.subarray(start, start + length);
        const target = connect(
          request.readUInt16BE(start + length),
          named ? address.toString() : address.join('.'),
          () => {
            tunnels += 1;
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            target.pipe(client).pipe(target);
          },
        );
        sockets.add(target.on('error', () => client.destroy()));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels: () => tunnels };
}

test('a SOCKS proxy leads to the site, with the trust and the token of the kubeconfig', async () => {
  const proxy = await socksProxy();
  const { driver } = await served(
    (request, response) => answerJson(response, 200, { authorization: request.headers.authorization ?? null }),
    { cluster: { 'proxy-url': proxy.url } },
  );
  expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied', body: { authorization: 'Bearer secret' } });
  expect(proxy.tunnels()).toBe(1);
});

test('a command in a pod takes the same way, with the same credentials', async () => {
  const [http, socks] = [await httpProxy(), await socksProxy()];
  for (const url of [http.url, socks.url]) {
    const seen = await commandSeenThrough({ cluster: { 'proxy-url': url } });
    expect(seen).toMatchObject({ outcome: { kind: 'applied' }, authorization: 'Bearer secret' });
  }
  expect([http.tunnelled.length, socks.tunnels()]).toEqual([1, 1]);
});

test('through a tunnel, too, an answer that never came leaves a write open', async () => {
  const [http, socks] = [await httpProxy(), await socksProxy()];
  for (const { url } of [http, socks]) {
    const { driver } = await served(() => {}, { cluster: { 'proxy-url': url }, kubeMs: 300 });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'timeout' });
    const { driver: cut } = await served((request) => request.socket.destroy(), { cluster: { 'proxy-url': url } });
    expect(await cut.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'reset' });
  }
});

describe('auth providers', () => {
  const jwt = (expires: number): string =>
    ['{"alg":"none"}', JSON.stringify({ exp: expires }), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');

  test('an OIDC id-token that is still good is used', async () => {
    const idToken = jwt(Math.floor(Date.now() / 1000) + 3600);
    const user = { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } };
    const { driver } = await served(
      (request, response) => answerJson(response, 200, { authorization: request.headers.authorization ?? null }),
      { user },
    );
    expect(await driver.perform(getNode)).toMatchObject({
      kind: 'applied',
      body: { authorization: `Bearer ${idToken}` },
    });
  });

  test('an OIDC refresh that fails is told without the tokens', async () => {
    const config = {
      'id-token': jwt(1),
      'refresh-token': 'refresh-secret',
      'client-id': 'kubernetes',
      'idp-issuer-url': 'https://127.0.0.1:1',
    };
    const driver = driverOn(
      await writeKubeconfig(
        { server: 'https://127.0.0.1:1', 'certificate-authority-data': base64('-----BEGIN ') },
        { 'auth-provider': { name: 'oidc', config } },
      ),
    );
    const outcome = await driver.perform(getNode);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('the oidc auth provider of user "admin" failed'));
    expect(JSON.stringify(outcome)).not.toContain('refresh-secret');
  });
});
