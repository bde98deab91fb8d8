import { setTimeout as sleep } from 'node:timers/promises';
import { textAt } from '../../src/model/json.ts';
import type { ClusterUnderTest } from '../../test/conformance/cluster-under-test.ts';
import { type EstateGroup, patch } from './estate.ts';

const patience = 600_000;

/** From a person's order to stop a group until the last of its VMs is told, in milliseconds. */
export async function timeOrder(
  cluster: ClusterUnderTest,
  { namespace, name, machines }: EstateGroup,
): Promise<number> {
  const begin = performance.now();
  await patch(cluster, groupPath(namespace, name), { spec: { desiredState: 'stopped' } });
  for (const machine of machines) {
    const path = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${machine}`;
    await until(async () => (await fieldAt(cluster, path, 'spec', 'runStrategy')) === 'Halted', `${machine} is told`);
  }
  return performance.now() - begin;
}

/** From a VM whose node falls silent, or speaks again, until the status of its group says so, in milliseconds. */
export async function timeStatus(
  cluster: ClusterUnderTest,
  { namespace, name, machines: [machine] }: EstateGroup,
  state: 'unknown' | 'running',
): Promise<number> {
  const path = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${machine}`;
  const begin = performance.now();
  await patch(cluster, path, { status: { phase: state === 'unknown' ? 'Unknown' : 'Running' } });
  const shown = (): Promise<string | undefined> =>
    fieldAt(cluster, groupPath(namespace, name), 'status', 'currentState');
  await until(async () => (await shown()) === state, `${name} is shown as ${state}`);
  return performance.now() - begin;
}

export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Not in ${patience / 1_000} s: ${what}`);
    await sleep(2);
  }
}

function groupPath(namespace: string, name: string): string {
  return `/apis/siterecovery.trilio.io/v1alpha1/namespaces/${namespace}/protectiongroups/${name}`;
}

async function fieldAt(
  cluster: ClusterUnderTest,
  path: string,
  ...fields: readonly string[]
): Promise<string | undefined> {
  const { body } = await cluster.request({ method: 'GET', path });
  return textAt(body, ...fields);
}
