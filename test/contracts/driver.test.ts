import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLiveDriver } from '../../src/drivers/real/live-driver.ts';
import { type BuiltWorld, buildWorld } from '../../src/drivers/sim/build-world.ts';
import { defaultOptions } from '../../src/drivers/sim/drbd/options.ts';
import { createAuthority } from '../../src/lab/certificates.ts';
import { KubeFace } from '../../src/lab/kube-http/kube-face.ts';
import { KubeServer } from '../../src/lab/kube-http/kube-server.ts';
import { noLogs } from '../../src/lab/kube-http/pod-log.ts';
import { describeDriver } from './driver.ts';
import type { DriverUnderTest } from './driver-under-test.ts';

const epoch = Date.UTC(2026, 0, 1);

function smallWorld(): BuiltWorld {
  const built = buildWorld({
    seed: 1,
    epoch,
    speed: 1,
    kubernetesVersion: 'v1.36.3',
    sites: [
      { name: 'cluster1', role: 'primary', nodes: ['n1'] },
      { name: 'cluster2', role: 'dr', nodes: ['n2'] },
    ],
    linstorUrl: 'http://127.0.0.1:3370',
  });
  const replicas = { n1: 'diskful', n2: 'diskful' } as const;
  built.kernel.createResource('vol', { sizeKib: 65_484, replicas, options: defaultOptions });
  return built;
}

const freezing = ({ containers }: BuiltWorld): DriverUnderTest['freezeSatellite'] => {
  return async (isFrozen) => (isFrozen ? containers.freeze('n1') : containers.thaw('n1'));
};

describeDriver('simulated', async (): Promise<DriverUnderTest> => {
  const built = smallWorld();
  const { world } = built;
  return {
    freezeSatellite: freezing(built),
    async perform(request) {
      world.runUntil(world.now + 1);
      const outcome = world.perform(request, 'operator');
      return outcome.kind === 'hang' ? { kind: 'unknown', reason: 'timeout', message: 'no answer' } : outcome;
    },
    async setReachability(reachability) {
      if (reachability === 'open') world.network.endOutage('cluster1');
      else world.network.startOutage('cluster1', reachability);
    },
    close: async () => {},
  };
});

describeDriver('live', async (): Promise<DriverUnderTest> => {
  const built = smallWorld();
  const { world } = built;
  const { api } = world.cluster('cluster1');
  const authority = await createAuthority('contract');
  const server = await KubeServer.open(
    await authority.issueServer('cluster1'),
    authority.certificate,
    (serverAddress) =>
      new KubeFace({
        api,
        kubernetesVersion: 'v1.36.3',
        tokens: new Map([['token', { name: 'admin', groups: ['system:masters'] }]]),
        serverAddress,
        services: [],
        logs: noLogs,
        exec: (command) => built.containers.perform({ api: 'exec', site: 'cluster1', ...command }),
        wallNow: () => world.wall(),
        now: (act) => act(),
        onFault: (cause) => {
          throw cause;
        },
      }),
  );
  const into = await mkdtemp(join(tmpdir(), 'site-recovery-'));
  const kubeconfigPath = join(into, 'kubeconfig');
  const cluster = {
    server: server.url,
    'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
  };
  const kubeconfig = {
    'current-context': 'admin',
    clusters: [{ name: 'cluster1', cluster }],
    users: [{ name: 'admin', user: { token: 'token' } }],
    contexts: [{ name: 'admin', context: { cluster: 'cluster1', user: 'admin' } }],
  };
  await writeFile(kubeconfigPath, JSON.stringify(kubeconfig));
  const driver = openLiveDriver({
    sites: [{ name: 'cluster1', kubeconfigPath }],
    environment: {},
    timeouts: { kubeMs: 1500, execMs: 1500 },
  });
  return {
    perform: (request) => driver.perform(request),
    freezeSatellite: freezing(built),
    setReachability: (reachability) => server.setReachability(reachability),
    async close() {
      await driver.close();
      await server.close();
      await rm(into, { recursive: true, force: true });
    },
  };
});
