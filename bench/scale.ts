import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeconfigText } from '../src/lab/kubeconfig-text.ts';
import { textAt } from '../src/model/json.ts';
import { ControllerProcess } from '../test/e2e/controllers/controller-lab.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from '../test/e2e/kube/control-plane.ts';
import { realCluster } from '../test/e2e/kube/real-cluster.ts';
import { type Bench, type Measurement, quantile } from './measurement.ts';
import { type EstateGroup, type EstateSize, groupsOf, installTypes, patch, populate } from './scale/estate.ts';
import { serveStorage } from './scale/storage-answers.ts';

const size: EstateSize = { groups: 1_000, namespaces: 50, machinesOfGroup: 5 };
const idleSeconds = 120;
/** Changes whose way to the VMs is timed, one after the other. */
const changes = 200;
const patience = 600_000;

/** One Protection Group Controller with a thousand groups of five VMs each, on real API servers. Only when it is asked for by name. */
export const scale: Bench = {
  name: 'scale',
  isSlow: true,
  measure: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-scale-'));
    const binaries = controlPlaneBinaries();
    const controllers = ['serviceaccount-controller'];
    const planes = await Promise.all([1, 2].map(() => startControlPlane(binaries, { controllers, schedules: false })));
    const groups = groupsOf(size);
    const storage = await serveStorage(groups.flatMap(({ machines }) => machines));
    try {
      const [own, other] = planes.map(realCluster) as [ReturnType<typeof realCluster>, ReturnType<typeof realCluster>];
      await Promise.all([installTypes(own), installTypes(other)]);
      await populate(own, groups);
      writeConfiguration(folder, planes, storage.url);
      return await measureController(folder, own, groups);
    } finally {
      storage.close();
      await Promise.all(planes.map((plane) => plane.stop()));
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function writeConfiguration(folder: string, planes: readonly ControlPlane[], linstor: string): void {
  const names = ['cluster1', 'cluster2'] as const;
  writeFileSync(
    join(folder, 'config'),
    `PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\nLINSTOR_CONTROLLERS=${linstor}\n`,
  );
  for (const [place, { server, authority, tokens }] of planes.entries()) {
    const name = names[place] ?? '';
    const text = kubeconfigText({ cluster: name, server, authority, user: 'admin', token: tokens.admin });
    writeFileSync(join(folder, `${name}.kubeconfig`), text, { mode: 0o600 });
  }
}

async function measureController(
  folder: string,
  cluster: ReturnType<typeof realCluster>,
  groups: readonly EstateGroup[],
): Promise<readonly Measurement[]> {
  const begin = performance.now();
  const environment = { CLUSTER_NAME: 'cluster1', CLUSTER_ROLE: 'primary', CONFIG_DIR: folder, LISTEN: '127.0.0.1:0' };
  const controller = new ControllerProcess('protection-group-controller', environment);
  try {
    await controller.untilLogged('leader_elected');
    await until(async () => (await running(cluster)) === groups.length, 'every group is shown as running');
    const started = (performance.now() - begin) / 1_000;
    // A second look at the storage, and whatever the first minute brings, is not idleness.
    await sleep(75_000);
    const before = await meter(controller);
    await sleep(idleSeconds * 1_000);
    const after = await meter(controller);
    const minutes = idleSeconds / 60;
    const latencies: number[] = [];
    for (let index = 0; index < changes; index++) {
      latencies.push(await timeOrder(cluster, groups[(index * 37) % groups.length] as EstateGroup));
    }
    const loaded = await meter(controller);
    return [
      { name: '1,000 groups, 5,000 VMs: from start to all reported', value: started, unit: 'seconds' },
      { name: 'idle: memory of the process', value: after.rss / 2 ** 20, unit: 'MiB' },
      { name: 'idle: processor', value: (100 * (after.cpu - before.cpu)) / idleSeconds, unit: '% of one' },
      {
        name: 'idle: lists and gets of Kubernetes objects',
        value: (after.reads - before.reads) / minutes,
        unit: 'per minute',
        goal: { atMost: 0 },
      },
      { name: 'idle: all API calls', value: (after.calls - before.calls) / minutes, unit: 'per minute' },
      { name: 'order to VM, median', value: quantile(latencies, 0.5), unit: 'ms' },
      { name: 'order to VM, p95', value: quantile(latencies, 0.95), unit: 'ms' },
      { name: 'order to VM, p99', value: quantile(latencies, 0.99), unit: 'ms' },
      { name: 'memory of the process after the orders', value: loaded.rss / 2 ** 20, unit: 'MiB' },
    ];
  } finally {
    await controller.end();
  }
}

/** From a person's order for a group until the last of its VMs is told. */
async function timeOrder(cluster: ReturnType<typeof realCluster>, group: EstateGroup): Promise<number> {
  const { namespace, name, machines } = group;
  const begin = performance.now();
  const path = `/apis/siterecovery.trilio.io/v1alpha1/namespaces/${namespace}/protectiongroups/${name}`;
  await patch(cluster, path, { spec: { desiredState: 'stopped' } });
  for (const machine of machines) {
    const machinePath = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${machine}`;
    await until(async () => {
      const { body } = await cluster.request({ method: 'GET', path: machinePath });
      return textAt(body, 'spec', 'runStrategy') === 'Halted';
    }, `${machine} is told to stop`);
  }
  return performance.now() - begin;
}

/** How many groups show that they run. */
async function running(cluster: ReturnType<typeof realCluster>): Promise<number> {
  const { body } = await cluster.request({
    method: 'GET',
    path: '/apis/siterecovery.trilio.io/v1alpha1/protectiongroups',
  });
  const { items } = body as unknown as { readonly items: readonly object[] };
  return items.filter((group) => textAt(group as never, 'status', 'currentState') === 'running').length;
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Not in ${patience / 1_000} s: ${what}`);
    await sleep(2);
  }
}

interface Meter {
  /** Bytes. */
  readonly rss: number;
  /** Seconds of a processor. */
  readonly cpu: number;
  readonly calls: number;
  /** Lists and gets of Kubernetes objects. */
  readonly reads: number;
}

async function meter({ url }: ControllerProcess): Promise<Meter> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const sum = (isWanted: (line: string) => boolean): number =>
    lines.filter(isWanted).reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  const isCall = (line: string): boolean => line.startsWith('site_recovery_api_requests_total');
  return {
    rss: sum((line) => line.startsWith('process_resident_memory_bytes')),
    cpu: sum((line) => line.startsWith('process_cpu_seconds_total')),
    calls: sum(isCall),
    reads: sum((line) => isCall(line) && /verb="(get|list)"/.test(line) && !line.includes('linstor')),
  };
}
