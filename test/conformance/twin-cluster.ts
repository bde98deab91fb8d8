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
import { KubeFace } from '../../src/lab/kube-http/kube-face.ts';
import { noLogs } from '../../src/lab/kube-http/pod-log.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';
import { type Begin, httpCall, httpWatch } from './http-client.ts';

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
export function openTwinCluster({ controllers }: { readonly controllers: boolean }): TwinCluster {
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
  if (controllers) {
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
    return serve(api, wall, () => {
      const end = clock.now + stepMs;
      for (let at = queue.nextAt(); at !== undefined && at <= end; at = queue.nextAt()) {
        clock.now = Math.max(clock.now, at);
        const event = queue.pop();
        if (event !== undefined) cluster.handle(event);
      }
      clock.now = end;
    });
  }
  return serve(api, wall, () => {
    clock.now += stepMs;
  });
}

function serve(api: ApiServer, wallNow: () => number, step: () => void): TwinCluster {
  const faults: unknown[] = [];
  const face = new KubeFace({
    api,
    kubernetesVersion: version,
    serverAddress: '127.0.0.1:6443',
    services: [],
    logs: noLogs,
    tokens: new Map([
      ['admin', { name: 'admin', groups: ['system:masters'] }],
      ['nobody', { name: 'nobody', groups: [] }],
    ]),
    wallNow,
    now: (act) => act(),
    onFault: (cause) => faults.push(cause),
  });
  const server = createServer((incoming, response) => void face.handle(incoming, response));
  const begin: Begin = (options, onResponse) => {
    const connect = () => {
      const [client, far] = duplexPair();
      server.emit('connection', far);
      return client;
    };
    return request({ ...options, createConnection: connect }, onResponse);
  };
  return {
    api,
    faults,
    request: (call) => httpCall(begin, call, call.as ?? 'admin'),
    watch: (call) => httpWatch(begin, call, call.as ?? 'admin'),
    pass: () => Promise.resolve(step()),
  };
}
