import { createServer, request } from 'node:http';
import { duplexPair } from 'node:stream';
import { ApiServer } from '../../src/drivers/sim/api-server/api-server.ts';
import { installCoreApi } from '../../src/drivers/sim/behaviours/install-core-api.ts';
import { createScheduler } from '../../src/drivers/sim/behaviours/scheduling/scheduler.ts';
import { createPvBinder } from '../../src/drivers/sim/behaviours/storage/pv-binder.ts';
import { createStorageProtection } from '../../src/drivers/sim/behaviours/storage/storage-protection.ts';
import { Cluster } from '../../src/drivers/sim/cluster.ts';
import { EventQueue } from '../../src/drivers/sim/event-queue.ts';
import { Randomness } from '../../src/drivers/sim/random.ts';
import { createAuthority } from '../../src/lab/certificates.ts';
import { KubeFace } from '../../src/lab/kube-http/kube-face.ts';
import { KubeServer } from '../../src/lab/kube-http/kube-server.ts';
import { nothingRuns } from '../../src/lab/kube-http/pod-exec.ts';
import { noLogs } from '../../src/lab/kube-http/pod-log.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';
import { type Begin, httpCall, httpWatch } from './http-client.ts';
import { beginOver } from './https-call.ts';

const version = 'v1.36.3';
const stepMs = 100;

export interface TwinCluster extends ClusterUnderTest {
  readonly api: ApiServer;
  /** Faults of the face: there must be none. */
  readonly faults: readonly unknown[];
}

/**
 * The simulated API server behind the lab's HTTP face, over pipes in memory instead of sockets. With `controllers` it
 * has the scheduler, the volume binder and the storage protection of the simulation; time passes in `pass` only.
 */
export function openTwinCluster(options: { readonly controllers: boolean }): TwinCluster {
  const { api, faults, faceAt, pass } = simulate(options);
  const face = faceAt('127.0.0.1:6443');
  const server = createServer((incoming, response) => void face.handle(incoming, response));
  const begin: Begin = (options, onResponse) => {
    const connect = () => {
      const [client, far] = duplexPair();
      server.emit('connection', far);
      return client;
    };
    return request({ ...options, createConnection: connect }, onResponse);
  };
  return { api, faults, pass, ...askedOver(begin) };
}

/** The same behind the lab's HTTPS endpoint on loopback. */
export async function openTwinOverHttps(options: {
  readonly controllers: boolean;
}): Promise<TwinCluster & { close(): Promise<void> }> {
  const { api, faults, faceAt, pass } = simulate(options);
  const authority = await createAuthority('twin');
  const certificate = await authority.issueServer('kube-apiserver');
  const server = await KubeServer.open(certificate, authority.certificate, faceAt);
  const begin = beginOver({ port: server.port, ca: authority.certificate });
  return { api, faults, pass, ...askedOver(begin), close: () => server.close() };
}

interface Simulation extends Pick<TwinCluster, 'api' | 'faults' | 'pass'> {
  /** The HTTP face at an address. */
  faceAt(serverAddress: string): KubeFace;
}

function simulate({ controllers }: { readonly controllers: boolean }): Simulation {
  const queue = new EventQueue();
  const epoch = Date.now();
  const clock = { now: 0 };
  const randomness = new Randomness(1);
  const wall = (): number => epoch + clock.now;
  const api = new ApiServer({
    cluster: 'twin',
    kubernetesVersion: version,
    wallNow: wall,
    random: randomness.stream('api'),
  });
  installCoreApi(api);
  // As a server that was started anew, which has nothing to tell of before.
  api.compact();
  const faults: unknown[] = [];
  const faceAt = (serverAddress: string): KubeFace => openFace(api, serverAddress, wall, faults);
  if (!controllers) {
    const pass = (): void => {
      clock.now += stepMs;
    };
    return { api, faults, faceAt, pass: () => Promise.resolve(pass()) };
  }
  const scheduler = {
    get now() {
      return clock.now;
    },
    schedule: (delay: number, kind: string, key: string, payload?: unknown) =>
      queue.schedule(clock.now + delay, kind, key, payload),
    cancel: (id: number) => queue.cancel(id),
  };
  const cluster = new Cluster('twin', api, { scheduler, randomness, wall, nodeIsUp: () => true });
  for (const behaviour of [createScheduler(), createPvBinder(), createStorageProtection()]) {
    cluster.addBehaviour(behaviour);
  }
  const pass = (): void => {
    const end = clock.now + stepMs;
    for (let at = queue.nextAt(); at !== undefined && at <= end; at = queue.nextAt()) {
      clock.now = Math.max(clock.now, at);
      const event = queue.pop();
      if (event !== undefined) cluster.handle(event);
    }
    clock.now = end;
  };
  return { api, faults, faceAt, pass: () => Promise.resolve(pass()) };
}

function openFace(api: ApiServer, serverAddress: string, wallNow: () => number, faults: unknown[]): KubeFace {
  return new KubeFace({
    api,
    kubernetesVersion: version,
    serverAddress,
    services: [],
    logs: noLogs,
    exec: nothingRuns,
    tokens: new Map([
      ['admin', { name: 'admin', groups: ['system:masters'] }],
      ['nobody', { name: 'nobody', groups: [] }],
    ]),
    wallNow,
    now: (act) => act(),
    onFault: (cause) => faults.push(cause),
  });
}

function askedOver(begin: Begin): Pick<ClusterUnderTest, 'request' | 'watch'> {
  return {
    request: (call) => httpCall(begin, call, call.as ?? 'admin'),
    watch: (call) => httpWatch(begin, call, call.as ?? 'admin'),
  };
}
