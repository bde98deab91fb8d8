import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import type { ExecRequest, Outcome } from '../../../src/model/request.ts';
import { createAuthority } from './certificates.ts';
import { commandSeenThrough } from './command-site.ts';
import { base64, serve, writeKubeconfig } from './loopback.ts';
import { authority, clientIdentity, serverIdentity, serverSide } from './tls-site.ts';

const request: ExecRequest = {
  api: 'exec',
  site: 'cluster1',
  namespace: 'piraeus-datastore',
  pod: 'satellite',
  container: 'linstor-satellite',
  command: ['drbdsetup', 'status'],
};

interface Site {
  run(asked?: ExecRequest): Promise<Outcome>;
  close(): Promise<void>;
  readonly seen: IncomingMessage[];
}

interface SiteOptions {
  /** In place of taking connections. */
  readonly answer?: RequestListener;
  /** In place of answering a request for a connection. */
  readonly upgraded?: (socket: Duplex) => void;
  readonly limit?: number;
}

/** A site whose server does this with a connection for a command, or answers instead of opening one. */
async function site(
  talk: (client: WebSocket) => void,
  { answer, upgraded, limit = 60_000 }: SiteOptions = {},
): Promise<Site> {
  const { port, server } = await serve(answer ?? ((_request, response) => response.writeHead(404).end()));
  const sockets = new WebSocketServer({ noServer: true });
  const seen: IncomingMessage[] = [];
  if (answer === undefined) {
    server.on('upgrade', (incoming, socket, head) => {
      seen.push(incoming);
      upgraded?.(socket);
      if (upgraded === undefined) sockets.handleUpgrade(incoming, socket, head, talk);
      onTestFinished(() => void socket.destroy());
    });
  }
  const kubeconfigPath = await writeKubeconfig({ server: `http://127.0.0.1:${port}` }, { token: 'secret' });
  const driver = openLiveDriver({
    sites: [{ name: 'cluster1', kubeconfigPath }],
    environment: {},
    timeouts: { kubeMs: limit, execMs: limit },
  });
  onTestFinished(() => driver.close());
  return { run: (asked = request) => driver.perform(asked), close: () => driver.close(), seen };
}

function say(client: WebSocket, channel: number, text: string | Buffer): void {
  client.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
}

const success = JSON.stringify({ metadata: {}, status: 'Success' });

describe('a command in a pod', () => {
  test('is asked for with its words, the site’s credentials, and both protocols', async () => {
    const { run, seen } = await site((client) => {
      say(client, 3, success);
      client.close();
    });
    await run({ ...request, command: ['sh', '-c', 'a & b\n"$@"', ''] });
    const url = new URL(seen[0]?.url ?? '', 'http://localhost');
    expect(url.pathname).toBe('/api/v1/namespaces/piraeus-datastore/pods/satellite/exec');
    expect(url.searchParams.getAll('command')).toEqual(['sh', '-c', 'a & b\n"$@"', '']);
    expect(url.searchParams.get('container')).toBe('linstor-satellite');
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io',
    });
  });

  test('is applied with everything that it printed, characters that were cut in two included', async () => {
    const umlaut = Buffer.from('ä\n');
    const { run } = await site((client) => {
      say(client, 1, '');
      say(client, 1, umlaut.subarray(0, 1));
      say(client, 2, 'warned\n');
      say(client, 1, umlaut.subarray(1));
      say(client, 3, success);
      client.close();
    });
    expect(await run()).toEqual({
      kind: 'applied',
      status: 200,
      body: { exitCode: 0, stdout: 'ä\n', stderr: 'warned\n' },
    });
  });

  test('has run to its end when its status was told, whatever becomes of the connection then', async () => {
    const { run } = await site((client) => {
      say(client, 3, success);
      setTimeout(() => client.terminate(), 20);
    });
    expect(await run()).toMatchObject({ kind: 'applied', body: { exitCode: 0 } });
    const open = await site((client) => say(client, 3, success), { limit: 1000 });
    expect(await open.run()).toMatchObject({ kind: 'applied', body: { exitCode: 0 } });
  });

  test('is unknown when the connection ends without a status, broken or in order', async () => {
    const broken = await site((client) => {
      say(client, 1, 'half');
      client.terminate();
    });
    expect(await broken.run()).toMatchObject({ kind: 'unknown', reason: 'reset' });
    const closed = await site((client) => client.close(1000));
    expect(await closed.run()).toMatchObject({ kind: 'unknown', reason: 'reset' });
  });

  test('is unknown when the node says that it failed to run it', async () => {
    const { run } = await site((client) => {
      const status = { status: 'Failure', reason: 'InternalError', message: 'container not found', code: 500 };
      say(client, 3, JSON.stringify(status));
      client.close();
    });
    expect(await run()).toMatchObject({
      kind: 'unknown',
      reason: 'server-error',
      message: expect.stringContaining('container not found'),
    });
  });

  test('is given up after its time, and may have run', async () => {
    const { run } = await site(() => {}, { limit: 200 });
    expect(await run()).toMatchObject({ kind: 'unknown', reason: 'timeout' });
  });

  test('is given up when no connection comes of it in time', async () => {
    const { run } = await site(() => {}, { upgraded: () => {}, limit: 200 });
    expect(await run()).toMatchObject({ kind: 'unknown', reason: 'timeout' });
  });

  test('ends with the driver', async () => {
    let opened = (): void => {};
    const connected = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const { run, close } = await site(() => opened());
    const running = run();
    await connected;
    await close();
    expect(await running).toMatchObject({ kind: 'unknown', reason: 'reset' });
  });
});

describe('a command over TLS', () => {
  test('shows the client certificate of the kubeconfig', async () => {
    const { certificate, key } = clientIdentity;
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    const tls = { ...serverSide(serverIdentity), ca: authority.certificate, requestCert: true };
    const seen = await commandSeenThrough({ tls, user });
    expect(seen).toMatchObject({ outcome: { kind: 'applied' }, client: 'admin', authorization: undefined });
  });

  test('is not sent to a server that is not trusted', async () => {
    const other = await createAuthority('another authority');
    const tls = serverSide(await other.issue('CN=server'));
    const { outcome, authorization } = await commandSeenThrough({ tls });
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
    expect(authorization).toBeUndefined();
  });
});

describe('a command that the server does not take', () => {
  const status = (code: number, reason: string): RequestListener => {
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message: reason, code };
    const details = { name: 'satellite', kind: 'pods' };
    return (_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, details }));
    };
  };

  test.each([
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [400, 'BadRequest'],
  ])('is refused with the server’s own %i', async (code, reason) => {
    const { run } = await site(() => {}, { answer: status(code, reason) });
    expect(await run()).toMatchObject({ kind: 'refused', status: code, reason });
  });

  test('is unknown after a failure in the server, and after a page of something in between', async () => {
    const failing = await site(() => {}, { answer: status(500, 'InternalError') });
    expect(await failing.run()).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    const page: RequestListener = (_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    };
    expect(await (await site(() => {}, { answer: page })).run()).toMatchObject({
      kind: 'unknown',
      reason: 'server-error',
    });
    const login: RequestListener = (_request, response) => void response.end('<h1>Log in</h1>');
    expect(await (await site(() => {}, { answer: login })).run()).toMatchObject({
      kind: 'unknown',
      reason: 'server-error',
    });
  });

  test('was not sent where nobody listens, and where the site is not configured', async () => {
    const kubeconfigPath = await writeKubeconfig({ server: 'http://127.0.0.1:1' });
    const driver = openLiveDriver({ sites: [{ name: 'cluster1', kubeconfigPath }], environment: {} });
    onTestFinished(() => driver.close());
    const nothingSent = {
      kind: 'unknown',
      reason: 'unreachable',
      message: expect.stringContaining('Nothing was sent'),
    };
    expect(await driver.perform(request)).toMatchObject(nothingSent);
    expect(await driver.perform({ ...request, site: 'cluster9' })).toMatchObject(nothingSent);
  });

  test('was not sent with a credential that no header can carry', async () => {
    const kubeconfigPath = await writeKubeconfig({ server: 'http://127.0.0.1:1' }, { token: 'a\u0000b' });
    const driver = openLiveDriver({ sites: [{ name: 'cluster1', kubeconfigPath }], environment: {} });
    onTestFinished(() => driver.close());
    expect(await driver.perform(request)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  });
});
