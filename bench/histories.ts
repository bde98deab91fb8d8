import { setTimeout as sleep } from 'node:timers/promises';
import { copiedFromLabel } from '../src/model/definition-copy/marks.ts';
import { newFailover } from '../src/model/failover.ts';
import type { Json } from '../src/model/json.ts';
import { resources } from '../src/model/kube.ts';
import { historyLimit } from '../src/model/operation-copies.ts';
import { mustApply } from '../src/twin/protect.ts';
import { pageTimeouts } from '../src/twin/planned-run.ts';
import { ControllerLab, type ControllerProcess } from '../test/e2e/controllers/controller-lab.ts';
import type { Bench } from './measurement.ts';

const groups = 1_000;
/** How long a new leader is watched; it is at rest again long before that. */
const watchMs = 20_000;

/** A Failover Controller that becomes the leader where a thousand groups have all the operations that are kept. A pause of ten seconds would cost it its Lease. */
export const histories: Bench = {
  name: 'histories',
  isSlow: true,
  measure: async () => {
    await using lab = await ControllerLab.open(1);
    for (const site of ['cluster1', 'cluster2']) recordAll(lab, site);
    const controller = lab.start('failover-controller', 'cluster2');
    await controller.untilLogged('leader_elected');
    const longest = await longestSilence(controller);
    const page = await (await fetch(`${controller.url}/metrics`)).text();
    const metric = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(page)?.[1]);
    const among = `${groups * historyLimit} operations of ${groups} groups`;
    return [
      { name: `new leader among ${among}: longest silence`, value: longest, unit: 'ms', goal: { atMost: 2_000 } },
      { name: 'its processor time, start included', value: metric('process_cpu_seconds_total'), unit: 'seconds' },
      { name: 'its memory', value: metric('process_resident_memory_bytes') / 2 ** 20, unit: 'MiB' },
    ];
  },
};

/** Operations of the past, whose home is cluster2; cluster1 has copies of them. */
function recordAll({ lab: { twin } }: ControllerLab, site: string): void {
  const request = {
    namespace: 'default',
    source: 'cluster1',
    target: 'cluster2',
    mode: 'Planned',
    rollBack: true,
  } as const;
  const requestedBy = { user: 'operator', host: 'desk', client: 'pgctl' };
  const place = { api: 'kube', site, namespace: 'default', resource: resources.failover } as const;
  const status = { phase: 'Succeeded', completionTime: '2025-12-01T00:00:00Z' };
  for (let index = 0; index < groups * historyLimit; index++) {
    const name = `operation-${index}`;
    const group = `group-${index % groups}`;
    const operation = newFailover({ ...request, name, group, timeouts: pageTimeouts, requestedBy });
    const { metadata } = operation;
    const labels = { ...metadata.labels, ...(site === 'cluster1' ? { [copiedFromLabel]: 'cluster2' } : {}) };
    const body = { ...operation, metadata: { ...metadata, labels } } as unknown as Json;
    mustApply(twin, { ...place, verb: 'create', body });
    mustApply(twin, { ...place, name, verb: 'patch', patch: 'merge', subresource: 'status', body: { status } });
  }
}

/** The longest that it took to say that it is there, in milliseconds. */
async function longestSilence({ url }: ControllerProcess): Promise<number> {
  const end = performance.now() + watchMs;
  let longest = 0;
  while (performance.now() < end) {
    const asked = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    longest = Math.max(longest, performance.now() - asked);
    await sleep(50);
  }
  return longest;
}
