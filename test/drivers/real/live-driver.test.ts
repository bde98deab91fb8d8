import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import { createAuthority } from './certificates.ts';
import { base64, folder, serve, writeKubeconfig } from './loopback.ts';
import {
  answerJson,
  authority,
  deleteNode,
  driverOn,
  getNode,
  sayHello,
  served,
  serverIdentity,
  serverSide,
} from './tls-site.ts';

describe('a site that answers', () => {
  test('a request carries the token, is made over the trusted connection, and the answer is its outcome', async () => {
    const seen: string[] = [];
    const { driver } = await served((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      answerJson(response, 200, { kind: 'Node', metadata: { name: 'n1' } });
    });
    expect(await driver.perform(getNode)).toEqual({
      kind: 'applied',
      status: 200,
      body: { kind: 'Node', metadata: { name: 'n1' } },
    });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'applied' });
    expect(seen).toEqual(['GET /api/v1/nodes/n1 Bearer secret', 'DELETE /api/v1/nodes/n1 Bearer secret']);
  });

  test('connections are kept: fifty requests come over one', async () => {
    const ports = new Set<number | undefined>();
    const { driver } = await served((request, response) => {
      ports.add(request.socket.remotePort);
      sayHello(request, response);
    });
    for (let count = 0; count < 50; count += 1) await driver.perform(getNode);
    expect(ports.size).toBe(1);
  });

  test('a refusal of the API server keeps its reason, message and status', async () => {
    const details = { name: 'n1', kind: 'nodes' };
    const status = { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', message: 'no n1', details, code: 404 };
    const { driver } = await served((_request, response) => answerJson(response, 404, status));
    expect(await driver.perform(getNode)).toEqual({
      kind: 'refused',
      status: 404,
      reason: 'NotFound',
      message: 'no n1',
      body: status,
    });
  });

  test('a wrong token is refused as Unauthorized, and no message repeats the token', async () => {
    const status = { kind: 'Status', apiVersion: 'v1', reason: 'Unauthorized', message: 'Unauthorized', code: 401 };
    const { driver } = await served((_request, response) => answerJson(response, 401, status));
    const outcome = await driver.perform(getNode);
    expect(outcome).toMatchObject({ kind: 'refused', status: 401, reason: 'Unauthorized' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  test('a 404 page that is not of an API server never reads as "object absent"', async () => {
    const { driver } = await served((_request, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>no such host here</html>'),
    );
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'unknown', reason: 'server-error' });
  });

  test('HTML with status 200 (a login page) is no success', async () => {
    const { driver } = await served((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in</html>'),
    );
    const outcome = await driver.perform(deleteNode);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('text/html'));
  });

  test('a 500 leaves open whether the request was applied', async () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      reason: 'InternalError',
      message: 'start already underway',
      code: 500,
    };
    const { driver } = await served((_request, response) => answerJson(response, 500, status));
    expect(await driver.perform(deleteNode)).toEqual({
      kind: 'unknown',
      reason: 'server-error',
      message: 'Site "a" answered 500: start already underway',
    });
  });
});

describe('a site that fails after the request was sent', () => {
  test('silence ends at the time limit as a time-out', async () => {
    const { driver } = await served(() => {}, { kubeMs: 150 });
    const startedAt = Date.now();
    expect(await driver.perform(deleteNode)).toEqual({
      kind: 'unknown',
      reason: 'timeout',
      message: 'Site "a" gave no answer within 0.15 s',
    });
    expect(Date.now() - startedAt).toBeLessThan(1000);
  });

  test('a body that drips on for ever ends at the time limit too', async () => {
    const { driver } = await served(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { kubeMs: 200 },
    );
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'unknown', reason: 'timeout' });
  });

  test('a cut connection leaves a write open, and the write is not sent again', async () => {
    let requests = 0;
    const { driver } = await served((request) => {
      requests += 1;
      request.socket.destroy();
    });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'reset' });
    expect(requests).toBe(1);
  });

  test('a read over a kept connection that died is sent once more', async () => {
    let requests = 0;
    const { driver } = await served((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else sayHello(request, response);
    });
    await driver.perform(getNode);
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied' });
    expect(requests).toBe(3);
  });

  test('a success whose body was cut off is open: what it said is not known', async () => {
    const { driver } = await served((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"kind":"Node"', () => response.destroy());
    });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'reset' });
  });

  test('closing the driver ends calls under way', async () => {
    const { driver } = await served(() => {}, { kubeMs: 60_000 });
    const outcome = driver.perform(deleteNode);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await driver.close();
    expect(await outcome).toMatchObject({ kind: 'unknown', message: expect.stringContaining('closed') });
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  });
});

describe('a site that cannot be reached', () => {
  const unreachable = (message: string) => ({
    kind: 'unknown',
    reason: 'unreachable',
    message: expect.stringContaining(message),
  });

  test('nobody listens: unreachable, with the word for it', async () => {
    const { driver, server } = await served(sayHello);
    await new Promise((resolve) => server.close(resolve));
    expect(await driver.perform(deleteNode)).toEqual(
      unreachable('connection refused (ECONNREFUSED). Nothing was sent'),
    );
  });

  test('a host name that does not exist', async () => {
    const driver = driverOn(await writeKubeconfig({ server: 'https://no-such-host.invalid:6443' }));
    expect(await driver.perform(deleteNode)).toEqual(unreachable('(DNS)'));
  });

  test('a port that accepts but never speaks TLS: nothing was sent within the time', async () => {
    const silent = createTcpServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const driver = driverOn(await writeKubeconfig({ server: `https://127.0.0.1:${port}` }), { kubeMs: 150 });
    expect(await driver.perform(deleteNode)).toEqual(unreachable('no answer within 0.15 s. Nothing was sent'));
  });

  test('a certificate of an unknown authority', async () => {
    const other = await createAuthority('somebody else');
    const { driver } = await served(sayHello, { cluster: { 'certificate-authority-data': base64(other.certificate) } });
    expect(await driver.perform(deleteNode)).toEqual(unreachable('not signed by a CA that is trusted here'));
  });

  test('a certificate that has expired', async () => {
    const { driver } = await served(sayHello, {
      tls: serverSide(await authority.issue('CN=server', { expired: true })),
    });
    expect(await driver.perform(deleteNode)).toEqual(unreachable('its TLS certificate has expired'));
  });

  test('a certificate for another name, unless tls-server-name says that this is right', async () => {
    const tls = serverSide(await authority.issue('CN=server', { names: ['api.example'] }));
    const { driver, port } = await served(sayHello, { tls });
    expect(await driver.perform(deleteNode)).toEqual(unreachable('its TLS certificate is for another name'));
    const named = driverOn(
      await writeKubeconfig({
        server: `https://127.0.0.1:${port}`,
        'certificate-authority-data': base64(authority.certificate),
        'tls-server-name': 'api.example',
      }),
    );
    expect(await named.perform(getNode)).toMatchObject({ kind: 'applied' });
  });

  test('insecure-skip-tls-verify takes any certificate', async () => {
    const { port } = await serve(sayHello, serverSide(serverIdentity));
    const driver = driverOn(
      await writeKubeconfig({ server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }),
    );
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied' });
  });

  test('https spoken to a plain HTTP port', async () => {
    const { port } = await serve(sayHello);
    const driver = driverOn(await writeKubeconfig({ server: `https://127.0.0.1:${port}` }));
    expect(await driver.perform(deleteNode)).toEqual(unreachable('does not speak TLS'));
  });

  test('a site that is not configured', async () => {
    const driver = openLiveDriver({ sites: [], environment: {} });
    expect(await driver.perform(getNode)).toEqual(unreachable('Site "a" is not configured'));
  });

  test('a kubeconfig that is missing is named, and counts as soon as it is there', async () => {
    const { kubeconfig } = await served(sayHello);
    const later = join(await folder(), 'later.kubeconfig');
    const driver = driverOn(later);
    expect(await driver.perform(getNode)).toEqual(unreachable(`${later}: the kubeconfig file does not exist`));
    await writeFile(later, await readFile(kubeconfig, 'utf8'));
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied' });
  });
});

test('a kubeconfig that is replaced, as kubelet does it with a Secret, counts from the next request on', async () => {
  const seen: unknown[] = [];
  const { port } = await served((request, response) => {
    seen.push(request.headers.authorization);
    sayHello(request, response);
  });
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(authority.certificate),
  };
  const mount = await folder();
  const mounted = async (token: string): Promise<void> => {
    const version = join(mount, `..${token}`);
    await mkdir(version);
    await writeKubeconfig(cluster, { token }, version);
    await symlink(version, join(mount, '..new'));
    await rename(join(mount, '..new'), join(mount, '..data'));
  };
  await mounted('first');
  await symlink(join('..data', 'kubeconfig'), join(mount, 'kubeconfig'));
  const driver = driverOn(join(mount, 'kubeconfig'));
  await driver.perform(getNode);
  await mounted('other');
  await driver.perform(getNode);
  expect(seen).toEqual(['Bearer first', 'Bearer other']);
});
