import { chmod, readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
import { base64, folder, serve, writeKubeconfig } from './loopback.ts';
import {
  answerJson,
  authority,
  clientIdentity,
  deleteNode,
  driverOn,
  getNode,
  sayHello,
  served,
  serverIdentity,
  serverSide,
} from './tls-site.ts';

const withClientCertificates = (): ServerOptions => ({
  ...serverSide(serverIdentity),
  ca: authority.certificate,
  requestCert: true,
  rejectUnauthorized: true,
});

test('a client certificate out of files beside the kubeconfig is shown to the server', async () => {
  const { port } = await serve((request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    answerJson(response, 200, { user: subject['CN'] ?? null });
  }, withClientCertificates());
  const into = await folder();
  await Promise.all([
    writeFile(join(into, 'ca.crt'), authority.certificate),
    writeFile(join(into, 'client.crt'), clientIdentity.certificate),
    writeFile(join(into, 'client.key'), clientIdentity.key),
  ]);
  const kubeconfig = await writeKubeconfig(
    { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' },
    { 'client-certificate': 'client.crt', 'client-key': 'client.key' },
    into,
  );
  expect(await driverOn(kubeconfig).perform(getNode)).toMatchObject({ kind: 'applied', body: { user: 'admin' } });
});

test('a server that wants a client certificate and gets none has seen no request', async () => {
  let requests = 0;
  const { driver } = await served(() => (requests += 1), { tls: withClientCertificates() });
  expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  expect(requests).toBe(0);
});

const tokenEcho: RequestListener = (request, response) =>
  answerJson(response, 200, {
    token: request.headers.authorization ?? null,
    as: request.headers['impersonate-user'] ?? null,
  });

test('a token file is read anew for each request, so that a rotated token counts', async () => {
  const into = await folder();
  await writeFile(join(into, 'token'), 'first\n');
  const { driver } = await served(tokenEcho, { user: { tokenFile: join(into, 'token') } });
  expect(await driver.perform(getNode)).toMatchObject({ body: { token: 'Bearer first' } });
  await writeFile(join(into, 'token'), 'second\n');
  expect(await driver.perform(getNode)).toMatchObject({ body: { token: 'Bearer second' } });
});

test('user name and password, and impersonation', async () => {
  const { driver } = await served(tokenEcho, { user: { username: 'u', password: 'p', as: 'somebody' } });
  expect(await driver.perform(getNode)).toMatchObject({ body: { token: `Basic ${base64('u:p')}`, as: 'somebody' } });
});

test('a kubeconfig whose token was refused is read again for the next request', async () => {
  const { driver, kubeconfig } = await served(
    (request, response) => {
      const good = request.headers.authorization === 'Bearer new';
      answerJson(response, good ? 200 : 401, good ? {} : { kind: 'Status', apiVersion: 'v1', reason: 'Unauthorized' });
    },
    { user: { token: 'old' } },
  );
  expect(await driver.perform(getNode)).toMatchObject({ kind: 'refused', status: 401 });
  await writeFile(kubeconfig, (await readFile(kubeconfig, 'utf8')).replace('"old"', '"new"'));
  expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied' });
});

test('a client certificate that changes on disk is used from then on, and cuts no call under way', async () => {
  const into = await folder();
  const write = (identity: { certificate: string; key: string }) =>
    Promise.all([writeFile(join(into, 'crt'), identity.certificate), writeFile(join(into, 'key'), identity.key)]);
  await write(clientIdentity);
  const { driver } = await served(
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      setTimeout(() => answerJson(response, 200, { cn: subject['CN'] ?? null }), request.method === 'DELETE' ? 200 : 0);
    },
    {
      tls: withClientCertificates(),
      user: { 'client-certificate': join(into, 'crt'), 'client-key': join(into, 'key') },
    },
  );
  const slow = driver.perform(deleteNode);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await write(await authority.issue('CN=renewed'));
  expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied', body: { cn: 'renewed' } });
  expect(await slow).toMatchObject({ kind: 'applied', body: { cn: 'admin' } });
});

test('certificate data that is no certificate is told, not thrown', async () => {
  const { driver } = await served(sayHello, { user: { 'client-certificate-data': base64('nonsense') } });
  expect(await driver.perform(getNode)).toMatchObject({
    kind: 'unknown',
    reason: 'unreachable',
    message: expect.stringContaining('the client certificate is not in PEM form'),
  });
});

test('a broken PEM block and a key of another certificate are told, not thrown', async () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const { driver } = await served(sayHello, { cluster: { 'certificate-authority-data': base64(broken) } });
  expect(await driver.perform(getNode)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  const { driver: mixed } = await served(sayHello, {
    user: {
      'client-certificate-data': base64(clientIdentity.certificate),
      'client-key-data': base64(serverIdentity.key),
    },
  });
  expect(await mixed.perform(getNode)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
});

describe('an exec plugin', () => {
  const apiVersion = 'client.authentication.k8s.io/v1';

  /** Writes a shell script and answers the user entry that runs it. */
  async function plugin(script: string, more: object = {}) {
    const into = await folder();
    const command = join(into, 'plugin.sh');
    await writeFile(command, `#!/bin/sh\n${script}`);
    await chmod(command, 0o755);
    return { into, command, user: { exec: { command, apiVersion, ...more } } };
  }

  const unusable = (message: string) => ({
    kind: 'unknown',
    reason: 'unreachable',
    message: expect.stringContaining(message),
  });

  test('gives the token; it runs once for many requests, and again after a 401', async () => {
    // Counts its runs in a file and hands out token-1, token-2, …
    const { into, user } = await plugin(
      `cd "$(dirname "$0")" && echo run >> runs
       echo "{\\"apiVersion\\":\\"${apiVersion}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"token-$(grep -c run runs)\\"}}"`,
    );
    const accepted = new Set(['Bearer token-1']);
    const { driver } = await served(
      (request, response) => {
        const { authorization = '' } = request.headers;
        if (accepted.has(authorization)) answerJson(response, 200, { token: authorization });
        else answerJson(response, 401, { kind: 'Status', apiVersion: 'v1', reason: 'Unauthorized', message: 'no' });
      },
      { user },
    );
    const outcomes = await Promise.all([driver.perform(getNode), driver.perform(getNode), driver.perform(getNode)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied']);
    accepted.clear();
    accepted.add('Bearer token-2');
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'applied', body: { token: 'Bearer token-2' } });
    expect(await readFile(join(into, 'runs'), 'utf8')).toBe('run\nrun\n');
  });

  test('is run again once its credential has expired', async () => {
    const { into, user } = await plugin(
      `echo run >> "$(dirname "$0")/runs"
       echo '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"}}'`,
    );
    const { driver } = await served(sayHello, { user });
    await driver.perform(getNode);
    await driver.perform(getNode);
    expect(await readFile(join(into, 'runs'), 'utf8')).toBe('run\nrun\n');
  });

  test('gives a client certificate', async () => {
    const status = { clientCertificateData: clientIdentity.certificate, clientKeyData: clientIdentity.key };
    const { user } = await plugin(
      `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\nEND\n`,
    );
    const { driver } = await served(
      (request, response) =>
        answerJson(response, 200, { cn: (request.socket as TLSSocket).getPeerCertificate().subject['CN'] ?? null }),
      { tls: withClientCertificates(), user },
    );
    expect(await driver.perform(getNode)).toMatchObject({ kind: 'applied', body: { cn: 'admin' } });
  });

  test('is told about the cluster when it asks for it, and gets its own variables', async () => {
    const { into, user } = await plugin(
      `printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"
       echo '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":{"token":"'"$GREETING"'"}}'`,
      { provideClusterInfo: true, env: [{ name: 'GREETING', value: 'hello' }] },
    );
    const { driver, port } = await served(tokenEcho, { user });
    expect(await driver.perform(getNode)).toMatchObject({ body: { token: 'Bearer hello' } });
    expect(JSON.parse(await readFile(join(into, 'info'), 'utf8'))).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: `https://127.0.0.1:${port}` } },
    });
  });

  test('that is not installed is named, with the hint of the kubeconfig', async () => {
    const exec = { command: 'no-such-plugin', apiVersion, installHint: 'Get it from your platform team' };
    const { driver } = await served(sayHello, { user: { exec } });
    const outcome = await driver.perform(getNode);
    expect(outcome).toEqual(unusable('the exec plugin "no-such-plugin" was not found. Get it from your platform team'));
  });

  test('that fails is told with the last line it said', async () => {
    const { user } = await plugin('echo working >&2; echo "session expired" >&2; exit 3');
    const { driver } = await served(sayHello, { user });
    expect(await driver.perform(getNode)).toEqual(unusable('failed (3): session expired'));
  });

  test('that hangs is ended together with what it has started', async () => {
    const { into, user } = await plugin('sleep 60 & echo $! > "$(dirname "$0")/pid"; wait');
    // Long enough for a shell to start on a busy machine.
    const { driver } = await served(sayHello, { user, execPluginMs: 2_000 });
    expect(await driver.perform(getNode)).toEqual(unusable('was ended: no answer within 2 s'));
    const sleeper = Number(await readFile(join(into, 'pid'), 'utf8'));
    // Gone, or a zombie that nobody has waited for yet.
    await vi.waitFor(async () => {
      const state = await readFile(`/proc/${sleeper}/stat`, 'utf8').catch(() => 'gone');
      expect(state).toMatch(/^gone|\) Z /);
    });
  });

  test('that runs when the driver is closed is ended too', async () => {
    const { user } = await plugin('sleep 60');
    const { driver } = await served(sayHello, { user });
    const outcome = driver.perform(getNode);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await driver.close();
    expect(await outcome).toEqual(unusable('was ended: the driver was closed'));
    expect(await driver.perform(getNode)).toEqual(unusable('the driver was closed'));
  });

  test.each([
    ['something that is not JSON', 'token=abcdef', 'did not print an ExecCredential in JSON'],
    ['another object', '{"kind":"Pod"}', 'printed JSON that is no ExecCredential'],
    [
      'another version',
      '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"}',
      'instead of client.authentication.k8s.io/v1',
    ],
    [
      'no credential',
      `{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{}}`,
      'gave neither a token nor a client certificate',
    ],
  ])('that prints %s is told, and its output is not repeated', async (_what, printed, message) => {
    const { user } = await plugin(`echo '${printed}'`);
    const { driver } = await served(sayHello, { user });
    const outcome = await driver.perform(getNode);
    expect(outcome).toEqual(unusable(message));
    expect(JSON.stringify(outcome)).not.toContain('abcdef');
  });
});
