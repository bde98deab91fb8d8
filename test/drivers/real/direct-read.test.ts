import type { RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import type { Outcome } from '../../../src/model/request.ts';
import { createAuthority } from './certificates.ts';
import { base64, writeKubeconfig } from './loopback.ts';
import { answerJson, authority, clientIdentity, getNode, served, serverIdentity, serverSide } from './tls-site.ts';

/** What a read comes to by the first read of a process that ends soon, and by Node's HTTP client. */
async function bothWays(kubeconfigPath: string, kubeMs = 2000): Promise<readonly [Outcome, Outcome]> {
  const outcomeOf = async (endsSoon: boolean): Promise<Outcome> => {
    const driver = openLiveDriver({
      sites: [{ name: 'a', kubeconfigPath }],
      environment: { PATH: '/usr/bin:/bin' },
      timeouts: { kubeMs },
      endsSoon,
    });
    onTestFinished(() => driver.close());
    return driver.perform(getNode);
  };
  return [await outcomeOf(true), await outcomeOf(false)];
}

async function expectSame(kubeconfigPath: string, kubeMs?: number): Promise<Outcome> {
  const [direct, usual] = await bothWays(kubeconfigPath, kubeMs);
  expect(direct).toEqual(usual);
  return direct;
}

const trusting = (port: number): object => ({
  server: `https://127.0.0.1:${port}`,
  'certificate-authority-data': base64(authority.certificate),
});

describe('the first read of a process that ends soon', () => {
  test('asks as other reads do, over a connection of its own; the next one over a kept one', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = ({ method, url, headers }, response) => {
      const { authorization, accept, host, connection } = headers;
      seen.push({ method, url, authorization, accept, host, connection });
      answerJson(response, 200, { kind: 'Node', metadata: { name: 'n1' } });
    };
    const { kubeconfig, port } = await served(listener);
    const driver = openLiveDriver({
      sites: [{ name: 'a', kubeconfigPath: kubeconfig }],
      environment: {},
      endsSoon: true,
    });
    onTestFinished(() => driver.close());
    const applied = { kind: 'applied', status: 200, body: { kind: 'Node', metadata: { name: 'n1' } } };
    expect([await driver.perform(getNode), await driver.perform(getNode)]).toEqual([applied, applied]);
    const asked = {
      method: 'GET',
      url: '/api/v1/nodes/n1',
      authorization: 'Bearer secret',
      accept: 'application/json',
      host: `127.0.0.1:${port}`,
    };
    expect(seen).toEqual([
      { ...asked, connection: 'close' },
      { ...asked, connection: 'keep-alive' },
    ]);
  });

  test('shows its client certificate, and impersonates with a header for each group', async () => {
    const seen: unknown[] = [];
    const tls = { ...serverSide(serverIdentity), ca: authority.certificate, requestCert: true };
    const user = {
      'client-certificate-data': base64(clientIdentity.certificate),
      'client-key-data': base64(clientIdentity.key),
      as: 'jane',
      'as-groups': ['admins', 'ops'],
    };
    const { kubeconfig } = await served(
      ({ rawHeaders }, response) => {
        seen.push(rawHeaders.filter((_, index, all) => /^impersonate/i.test(all[index - (index % 2)] ?? '')));
        answerJson(response, 200, { kind: 'Node' });
      },
      { tls, user },
    );
    expect(await expectSame(kubeconfig)).toMatchObject({ kind: 'applied' });
    expect(seen[0]).toEqual(['impersonate-user', 'jane', 'impersonate-group', 'admins', 'impersonate-group', 'ops']);
    expect((seen[1] as string[]).map((text) => text.toLowerCase())).toEqual(seen[0]);
  });

  test('a long answer in chunks of all sizes is read whole', async () => {
    const labels = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`label-${index}`, 'ä€😀']));
    const text = JSON.stringify({ kind: 'Node', metadata: { name: 'n1', labels } });
    const { kubeconfig } = await served((_request, response) => {
      const bytes = Buffer.from(text);
      for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 9973 || 1) {
        response.write(bytes.subarray(at, at + size));
      }
      response.end();
    });
    expect(await expectSame(kubeconfig)).toMatchObject({ kind: 'applied', body: { metadata: { labels } } });
  });

  test('a refusal keeps its reason, and a 404 page is none', async () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      reason: 'NotFound',
      message: 'no n1',
      details: { name: 'n1', kind: 'nodes' },
      code: 404,
    };
    const { kubeconfig } = await served((_request, response) => answerJson(response, 404, status));
    expect(await expectSame(kubeconfig)).toMatchObject({ kind: 'refused', reason: 'NotFound' });
    const page = await served((_request, response) => response.writeHead(404).end('<html>no such host here</html>'));
    expect(await expectSame(page.kubeconfig)).toMatchObject({ kind: 'unknown', reason: 'server-error' });
  });

  test('an answer that is no plain one is asked for again', async () => {
    let requests = 0;
    const { kubeconfig } = await served((_request, response) => {
      requests += 1;
      response.setHeader('warning', ['299 - "one"', '299 - "two"']);
      answerJson(response, 200, { kind: 'Node' });
    });
    expect(await expectSame(kubeconfig)).toMatchObject({ kind: 'applied' });
    expect(requests).toBe(3);
  });

  test('silence and a body that drips on end at the time limit', async () => {
    const silent = await served(() => undefined);
    expect(await expectSame(silent.kubeconfig, 150)).toMatchObject({ kind: 'unknown', reason: 'timeout' });
    const dripping = await served((_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await expectSame(dripping.kubeconfig, 150)).toMatchObject({ kind: 'unknown', reason: 'timeout' });
  });

  test('a port that never speaks TLS: nothing was sent', async () => {
    const server = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const kubeconfig = await writeKubeconfig(trusting((server.address() as AddressInfo).port), { token: 'secret' });
    const outcome = await expectSame(kubeconfig, 150);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('Nothing was sent'));
  });

  test('what cannot be reached or trusted is told as for other reads, and gets no secret', async () => {
    let requests = 0;
    const count: RequestListener = (_request, response) => {
      requests += 1;
      answerJson(response, 200, { kind: 'Node' });
    };
    const stranger = await (await createAuthority('a stranger')).issue('CN=server');
    const untrusted = await served(count, { tls: serverSide(stranger) });
    expect(await expectSame(untrusted.kubeconfig)).toHaveProperty('message', expect.stringContaining('not signed by'));
    const misnamed = await served(count, { cluster: { 'tls-server-name': 'elsewhere.example' } });
    expect(await expectSame(misnamed.kubeconfig)).toHaveProperty('message', expect.stringContaining('another name'));
    const refused = await writeKubeconfig(trusting(1), { token: 'secret' });
    expect(await expectSame(refused)).toHaveProperty('message', expect.stringContaining('ECONNREFUSED'));
    const mixed = {
      'client-certificate-data': base64(clientIdentity.certificate),
      'client-key-data': base64(serverIdentity.key),
    };
    const mismatched = await served(count, { user: mixed });
    expect(await expectSame(mismatched.kubeconfig)).toHaveProperty('message', expect.stringContaining('client key'));
    const unspeakable = await served(count, { user: { token: 'two\nlines' } });
    expect(await expectSame(unspeakable.kubeconfig)).toHaveProperty('message', expect.stringContaining('no header'));
    expect(requests).toBe(0);
  });
});
