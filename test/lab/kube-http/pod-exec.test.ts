import { PassThrough } from 'node:stream';
import { Exec, KubeConfig, type V1Status } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { PodCommand } from '../../../src/lab/kube-http/pod-exec.ts';
import { execOutcome } from '../../../src/model/exec-result.ts';
import { resources } from '../../../src/model/kube.ts';
import type { Outcome } from '../../../src/model/request.ts';
import { type HttpsCluster, openHttpsCluster } from './https-cluster.ts';

let cluster: HttpsCluster;
const asked: PodCommand[] = [];

/** Says back what it was told; `fail` ends with a code, `lost` without one. */
function answer(command: PodCommand): Outcome | { readonly kind: 'hang' } {
  asked.push(command);
  const [program = '', ...words] = command.command;
  if (program === 'hang') return { kind: 'hang' };
  if (program === 'lost') return { kind: 'unknown', reason: 'server-error', message: 'the container is lost' };
  const exitCode = program === 'fail' ? 11 : 0;
  return execOutcome({ exitCode, stdout: `${words.join(' ')}\n`, stderr: exitCode === 0 ? '' : 'refused\n' });
}

beforeAll(async () => {
  cluster = await openHttpsCluster({ exec: answer });
  for (const name of ['web', 'pair']) {
    const containers = (name === 'web' ? ['main'] : ['first', 'second']).map((each) => ({
      name: each,
      image: 'image',
    }));
    const body = { metadata: { name }, spec: { containers } };
    cluster.api.request({ verb: 'create', resource: resources.pod, namespace: 'default', body });
  }
  const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }];
  const role = { metadata: { name: 'opener' }, rules };
  const subjects = [{ kind: 'User', name: 'nobody', apiGroup: 'rbac.authorization.k8s.io' }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'opener' };
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true };
  const create = { verb: 'create', namespace: 'default' } as const;
  cluster.api.request({ ...create, resource: { ...rbac, plural: 'roles', kind: 'Role' }, body: role });
  const binding = { metadata: { name: 'opener' }, subjects, roleRef };
  cluster.api.request({ ...create, resource: { ...rbac, plural: 'rolebindings', kind: 'RoleBinding' }, body: binding });
});
afterAll(() => cluster.close());

const path = (query: string, pod = 'web'): string => `/api/v1/namespaces/default/pods/${pod}/exec?${query}`;

/** What came back: messages by their channel, or the status of the answer that was none. */
interface Heard {
  readonly status?: number;
  readonly protocol?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string;
}

function open(query: string, { token = 'admin', protocols = ['v4.channel.k8s.io'], pod = 'web' } = {}): Promise<Heard> {
  const socket = new WebSocket(`wss://${cluster.server.address}${path(query, pod)}`, protocols, {
    ca: cluster.authority.certificate,
    headers: { authorization: `Bearer ${token}` },
  });
  const streams = ['', '', '', ''];
  socket.on('message', (data: Buffer) => {
    streams[data[0] ?? 0] += data.subarray(1).toString();
  });
  return new Promise((resolve, reject) => {
    const heard = (): Heard => ({ stdout: streams[1]!, stderr: streams[2]!, error: streams[3]! });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, { statusCode }) => {
      resolve({ ...heard(), status: statusCode ?? 0 });
      socket.terminate();
    });
    socket.on('close', () => resolve({ ...heard(), protocol: socket.protocol }));
  });
}

describe('kubectl exec over WebSocket', () => {
  test('gives each stream its channel, and the exit code at the end', async () => {
    expect(await open('command=fail&command=a%20b&container=main&stdout=true&stderr=true')).toMatchObject({
      protocol: 'v4.channel.k8s.io',
      stdout: 'a b\n',
      stderr: 'refused\n',
    });
    expect(asked.at(-1)).toEqual({ namespace: 'default', pod: 'web', container: 'main', command: ['fail', 'a b'] });
    const { error } = await open('command=fail&stdout=true&stderr=true');
    expect(JSON.parse(error)).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '11' }] },
    });
    expect(JSON.parse((await open('command=say&stdout=true')).error)).toEqual({ metadata: {}, status: 'Success' });
  });

  test('leaves out the streams that nobody asked for; a terminal has one', async () => {
    expect(await open('command=fail&command=a&stderr=true')).toMatchObject({ stdout: '', stderr: 'refused\n' });
    const terminal = await open('command=fail&command=a&stdout=true&stderr=true&tty=true');
    expect(terminal).toMatchObject({ stdout: 'a\r\nrefused\r\n', stderr: '' });
  });

  test('takes the newest protocol that both know', async () => {
    const protocols = ['v4.channel.k8s.io', 'v5.channel.k8s.io'];
    expect((await open('command=say&stdout=true', { protocols })).protocol).toBe('v5.channel.k8s.io');
    expect((await open('command=say&stdout=true', { protocols: ['channel.k8s.io'] })).status).toBe(400);
  });

  test('tells of a command that was lost as an error of the server', async () => {
    const { error } = await open('command=lost&stdout=true');
    expect(JSON.parse(error)).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 });
    expect(error).toContain('the container is lost');
  });

  test('@kubernetes/client-node runs commands', async () => {
    const config = new KubeConfig();
    const caData = Buffer.from(cluster.authority.certificate).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'c', server: cluster.server.url, caData, skipTLSVerify: false },
      { name: 'admin', token: 'admin' },
    );
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const status = await new Promise<V1Status>((resolve, reject) => {
      const command = ['fail', 'now'];
      new Exec(config).exec('default', 'web', 'main', command, stdout, stderr, null, false, resolve).catch(reject);
    });
    expect(status).toMatchObject({ reason: 'NonZeroExitCode' });
    expect(String(stdout.read())).toBe('now\n');
    expect(String(stderr.read())).toBe('refused\n');
  });
});

describe('what is refused before anything runs', () => {
  const refused = async (query: string, given: Parameters<typeof open>[1] = {}): Promise<number | undefined> => {
    const before = asked.length;
    const { status } = await open(query, given);
    expect(asked).toHaveLength(before);
    return status;
  };

  test('whoever may open a connection and not create one, and strangers', async () => {
    expect(await refused('command=say', { token: 'nobody' })).toBe(403);
    expect(await refused('command=say', { token: 'wrong' })).toBe(401);
    const { json } = await cluster.call({ path: path('command=say'), token: 'nobody' });
    expect(json).toMatchObject({ message: expect.stringContaining('cannot create resource "pods/exec"') });
  });

  test('a pod that is not there, a container that is not there or not named among several, and no command', async () => {
    expect(await refused('command=say', { pod: 'absent' })).toBe(404);
    expect(await refused('command=say', { pod: 'pair' })).toBe(400);
    expect(await refused('command=say&container=absent')).toBe(400);
    expect(await refused('stdout=true')).toBe(400);
  });

  test('what does not ask for a connection, or for one that is not served', async () => {
    const plain = await cluster.call({ path: path('command=say') });
    expect(plain).toMatchObject({ status: 400, json: { message: 'Upgrade request required' } });
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
    const old = await cluster.call({ method: 'POST', path: path('command=say'), headers });
    expect(old.status).toBe(400);
    expect(old.json).toMatchObject({ message: expect.stringContaining('use kubectl 1.30 or newer') });
  });
});

test('no fault of the lab’s own came up', () => {
  expect(cluster.faults).toEqual([]);
});
