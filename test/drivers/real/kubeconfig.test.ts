import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AccessError, type AccessProblem } from '../../../src/drivers/real/access-error.ts';
import { readKubeconfig } from '../../../src/drivers/real/kubeconfig.ts';
import { folder } from './loopback.ts';

async function fileOf(text: string): Promise<string> {
  const file = join(await folder(), 'config');
  await writeFile(file, text);
  return file;
}

const good = `
apiVersion: v1
kind: Config
current-context: two
clusters:
- name: c1
  cluster: {server: 'https://one:6443/', certificate-authority: certs/ca.crt, proxy-url: 'http://proxy:3128'}
- name: c2
  cluster: {server: 'https://two/k8s/clusters/c-1', insecure-skip-tls-verify: true, tls-server-name: two.example}
users:
- name: u1
  user: {token: t1, as: somebody, as-groups: [g1, g2]}
- name: u2
  user:
    client-certificate-data: YQ==
    client-certificate: ignored.crt
    client-key: /abs/client.key
    exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/login, args: [a, b], env: [{name: N, value: V}]}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: prod}
- name: two
  context: {cluster: c2, user: u2}
- name: anonymous
  context: {cluster: c1}
- {name: no-cluster, context: {user: u1}}
- {name: lost-cluster, context: {cluster: gone, user: u1}}
- {name: lost-user, context: {cluster: c1, user: gone}}
`;

describe('readKubeconfig', () => {
  test('reads the context that is named; relative paths start at the folder of the file', async () => {
    const file = await fileOf(good);
    expect(await readKubeconfig(file, 'one')).toEqual({
      file,
      context: 'one',
      contexts: ['one', 'two', 'anonymous', 'no-cluster', 'lost-cluster', 'lost-user'],
      namespace: 'prod',
      server: 'https://one:6443',
      certificateAuthority: { file: join(file, '../certs/ca.crt') },
      insecureSkipTlsVerify: false,
      proxyUrl: 'http://proxy:3128',
      user: { name: 'u1', token: 't1', impersonate: { user: 'somebody', groups: ['g1', 'g2'] } },
    });
  });

  test('reads the current context otherwise; data wins over a file, a plugin with a slash is a path', async () => {
    const file = await fileOf(good);
    expect(await readKubeconfig(file)).toMatchObject({
      context: 'two',
      server: 'https://two/k8s/clusters/c-1',
      insecureSkipTlsVerify: true,
      tlsServerName: 'two.example',
      user: {
        certificate: { data: 'YQ==' },
        key: { file: '/abs/client.key' },
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: join(file, '../bin/login'),
          args: ['a', 'b'],
          env: [{ name: 'N', value: 'V' }],
        },
      },
    });
  });

  test('a context without a user is anonymous', async () => {
    expect((await readKubeconfig(await fileOf(good), 'anonymous')).user).toEqual({ name: '' });
  });

  test('reads JSON too', async () => {
    const file = await fileOf(
      '{"clusters":[{"name":"c","cluster":{"server":"https://h"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}]}',
    );
    expect((await readKubeconfig(file, 'x')).server).toBe('https://h');
  });
});

describe('readKubeconfig says what is wrong, where, and what to do', () => {
  async function problemOf(file: string, context?: string): Promise<AccessProblem> {
    const thrown: unknown = await readKubeconfig(file, context).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof AccessError)) throw new Error(`expected an AccessError, got ${String(thrown)}`);
    expect(thrown.message).toContain(thrown.problem.reason);
    expect(thrown.problem.remedy).not.toBe('');
    return thrown.problem;
  }

  test('a file that is not there', async () => {
    const file = join(await folder(), 'nothing');
    expect(await problemOf(file)).toMatchObject({ id: 'kubeconfig.missing', file });
  });

  test('a folder', async () => {
    const file = await folder();
    expect(await problemOf(file)).toMatchObject({
      id: 'kubeconfig.unreadable',
      reason: expect.stringContaining('EISDIR'),
    });
  });

  test.skipIf(process.getuid?.() === 0)('a file that this user may not read', async () => {
    const file = await fileOf(good);
    await chmod(file, 0);
    expect(await problemOf(file)).toMatchObject({
      id: 'kubeconfig.unreadable',
      reason: expect.stringContaining('permission'),
    });
  });

  test('malformed YAML, with the line and without the text of the line', async () => {
    const file = await fileOf('clusters:\n- name: a\n  cluster: {server: "https://secret-host\nusers: []\n');
    const problem = await problemOf(file);
    expect(problem.id).toBe('kubeconfig.malformed');
    expect(problem.reason).toMatch(/^the file is not valid YAML at line \d+: /);
    expect(problem.reason).not.toContain('secret-host');
  });

  test.each([
    ['an empty file', '', 'the kubeconfig is empty'],
    ['a text', 'just words', 'the file is not a kubeconfig'],
    ['a list', '- a\n- b\n', 'the file is not a kubeconfig'],
  ])('%s', async (_what, text, reason) => {
    expect(await problemOf(await fileOf(text))).toMatchObject({
      id: 'kubeconfig.malformed',
      reason: expect.stringContaining(reason),
    });
  });

  test('no contexts', async () => {
    expect(await problemOf(await fileOf('clusters: []\n'))).toMatchObject({ id: 'kubeconfig.noContexts' });
  });

  test('no current context: lists what there is', async () => {
    const file = await fileOf(good.replace('current-context: two\n', ''));
    expect(await problemOf(file)).toMatchObject({
      id: 'kubeconfig.noCurrentContext',
      remedy: expect.stringContaining('one, two, anonymous'),
    });
  });

  test('an unknown context: lists what there is', async () => {
    expect(await problemOf(await fileOf(good), 'three')).toMatchObject({
      id: 'kubeconfig.unknownContext',
      reason: 'the kubeconfig has no context "three"',
      remedy: expect.stringContaining('one, two, anonymous'),
    });
  });

  test.each([
    ['no-cluster', 'kubeconfig.unknownCluster', 'context "no-cluster" names no cluster'],
    ['lost-cluster', 'kubeconfig.unknownCluster', 'names cluster "gone"'],
    ['lost-user', 'kubeconfig.unknownUser', 'names user "gone"'],
  ])('context %s', async (context, id, reason) => {
    expect(await problemOf(await fileOf(good), context)).toMatchObject({ id, reason: expect.stringContaining(reason) });
  });

  test.each([
    ['{}', 'kubeconfig.noServer', 'cluster "c" has no server'],
    ['{server: "cluster.example:6443"}', 'kubeconfig.badServer', 'not an http(s) URL: cluster.example:6443'],
    ['{server: "ftp://cluster.example"}', 'kubeconfig.badServer', 'not an http(s) URL'],
  ])('a cluster of %s', async (cluster, id, reason) => {
    const text = `clusters:\n- {name: c, cluster: ${cluster}}\ncontexts:\n- {name: x, context: {cluster: c}}\n`;
    expect(await problemOf(await fileOf(text), 'x')).toMatchObject({ id, reason: expect.stringContaining(reason) });
  });
});
