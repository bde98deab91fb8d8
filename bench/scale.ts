import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeconfigText } from '../src/lab/kubeconfig-text.ts';
import { textAt } from '../src/model/json.ts';
import { ControllerProcess } from '../test/e2e/controllers/controller-lab.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from '../test/e2e/kube/control-plane.ts';
import type { ClusterUnderTest } from '../test/conformance/cluster-under-test.ts';
import { realCluster } from '../test/e2e/kube/real-cluster.ts';
import { InspectedProcess, inspectable } from './inspected-process.ts';
import { objectMemory } from '../tools/manifests/controller-deployment.ts';
import { type Bench, type Measurement, quantile } from './measurement.ts';
import { type EstateGroup, type EstateSize, groupsOf, installTypes, populate } from './scale/estate.ts';
import { timeOrder, timeStatus, until } from './scale/latencies.ts';
import { serveStorage } from './scale/storage-answers.ts';

const size: EstateSize = { groups: 1_000, namespaces: 50, machinesOfGroup: 5 };
const idleSeconds = 120;
/** Changes whose way to the VMs is timed, one after the other. */
const changes = 200;
const rounds = 3;
/** So long after orders everything about their groups has been looked at again. */
const restSeconds = 75;

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
  cluster: ClusterUnderTest,
  groups: readonly EstateGroup[],
): Promise<readonly Measurement[]> {
  const begin = performance.now();
  const place = { CLUSTER_NAME: 'cluster1', CLUSTER_ROLE: 'primary', CONFIG_DIR: folder, LISTEN: '127.0.0.1:0' };
  const controller = new ControllerProcess('protection-group-controller', { ...place, ...inspectable(objectMemory) });
  try {
    await controller.untilLogged('leader_elected');
    await until(async () => (await running(cluster)) === groups.length, 'every group is shown as running');
    const started = (performance.now() - begin) / 1_000;
    // A second look at the storage, and whatever the first minute brings, is not idleness.
    await sleep(restSeconds * 1_000);
    return [
      { name: '1,000 groups, 5,000 VMs: from start to all reported', value: started, unit: 'seconds' },
      ...(await measureIdle(controller)),
      // Each group is ordered about once. 37 and their number have no divisor in common, so that all namespaces have their turn.
      ...(await measureChanges(
        controller,
        cluster,
        groups.map((_group, index) => groups[(index * 37) % groups.length] as EstateGroup),
      )),
    ];
  } finally {
    await controller.end();
  }
}

async function measureIdle(controller: ControllerProcess): Promise<readonly Measurement[]> {
  const before = await meter(controller);
  await sleep(idleSeconds * 1_000);
  const after = await meter(controller);
  const minutes = idleSeconds / 60;
  const reads = (after.reads - before.reads) / minutes;
  return [
    { name: 'idle: memory of the process', value: after.rss / 2 ** 20, unit: 'MiB' },
    { name: 'idle: processor', value: (100 * (after.cpu - before.cpu)) / idleSeconds, unit: '% of one' },
    { name: 'idle: lists and gets of Kubernetes objects', value: reads, unit: 'per minute', goal: { atMost: 0 } },
    { name: 'idle: all API calls', value: (after.calls - before.calls) / minutes, unit: 'per minute' },
  ];
}

/** How long changes take on their way, and whether what the process holds for them is let go of. */
async function measureChanges(
  controller: ControllerProcess,
  cluster: ClusterUnderTest,
  groups: readonly EstateGroup[],
): Promise<readonly Measurement[]> {
  const inspected = await InspectedProcess.open(controller);
  const held: Measurement[] = [];
  let most = 0;
  const note = async (when: string): Promise<void> => {
    const { heap, peak } = await inspected.look();
    held.push({ name: `${when}: objects`, value: heap / 2 ** 20, unit: 'MiB' });
    most = Math.max(most, peak / 2 ** 20);
    process.stderr.write(
      `${when}: objects ${Math.round(heap / 2 ** 20)} MiB, memory at most ${Math.round(most)} MiB\n`,
    );
  };
  await note('before any change');
  const shown: number[] = [];
  for (const group of groups.slice(-changes / 2))
    for (const state of ['unknown', 'running'] as const) shown.push(await timeStatus(cluster, group, state));
  const orders: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const group of groups.slice(round * changes, (round + 1) * changes))
      orders.push(await timeOrder(cluster, group));
    await note(`after ${orders.length} orders`);
    await sleep(restSeconds * 1_000);
    await note(`${restSeconds} s after ${orders.length} orders`);
  }
  inspected.close();
  return [
    ...distribution('order to VM', orders),
    ...distribution('VM to status of its group', shown),
    ...held,
    atMost(most),
  ];
}

/** The limit is that of the pod. */
function atMost(value: number): Measurement {
  return { name: 'memory of the process, at most', value, unit: 'MiB', goal: { atMost: 1_536 } };
}

function distribution(name: string, values: readonly number[]): readonly Measurement[] {
  return [
    { name: `${name}, median`, value: quantile(values, 0.5), unit: 'ms' },
    { name: `${name}, p95`, value: quantile(values, 0.95), unit: 'ms' },
    { name: `${name}, p99`, value: quantile(values, 0.99), unit: 'ms' },
  ];
}

/** How many groups show that they run. */
async function running(cluster: ClusterUnderTest): Promise<number> {
  const { body } = await cluster.request({
    method: 'GET',
    path: '/apis/siterecovery.trilio.io/v1alpha1/protectiongroups',
  });
  const { items } = body as unknown as { readonly items: readonly object[] };
  return items.filter((group) => textAt(group as never, 'status', 'currentState') === 'running').length;
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
