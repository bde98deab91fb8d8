import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';
import { claim, machine } from './manifests.ts';

const me = new LabUser();
const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
/** Without their volume on the other cluster: they cannot go. */
const unready = ['pg-1', 'pg-2', 'pg-3'];
/** Their devices stay open: they turn back half-way. */
const stuck = ['pg-4', 'pg-5'];
/** They go when all others have arrived. */
const late = numbers.slice(40).map((number) => `pg-${number}`);

beforeAll(async () => {
  await me.labUp();
  await me.configure();
  const config = join(me.home, '.kube', 'pgctl', 'config');
  writeFileSync(config, readFileSync(config, 'utf8').replace('DRBD_WAIT_TIME=30', 'DRBD_WAIT_TIME=15'));
  const manifests = numbers.flatMap((number) => [
    claim(`vm-${number}-disk`, 'Block'),
    machine(`vm-${number}`, 'Always', [`vm-${number}-disk`]),
  ]);
  await me.apply('cluster1', manifests.join('---\n'));
  await me.waitFor('cluster1', ['vm', 'vm-50'], '.status.ready', 'true', 60);
  const waiting = numbers.values();
  const create = async (): Promise<void> => {
    for (const number of waiting) {
      const { code, stderr } = await me.type(`pgctl create protectiongroup pg-${number} --vm vm-${number}`);
      expect(code, stderr).toBe(0);
    }
  };
  await Promise.all([create(), create(), create()]);
  const annotated = await me.kubectl('cluster1', ['annotate', 'pg', ...late, 'siterecovery.trilio.io/wave=1']);
  expect(annotated.code, annotated.stderr).toBe(0);
});
afterAll(() => me.end());

interface Answer {
  readonly groups: readonly { readonly protectionGroup: string; readonly wave: number; readonly result: string }[];
}

/** Names of the groups by what became of them. */
function byResult(stdout: string): Readonly<Record<string, readonly string[]>> {
  const { groups } = JSON.parse(stdout) as Answer;
  return Object.fromEntries(
    Object.entries(Object.groupBy(groups, ({ result }) => result)).map(([result, some = []]) => [
      result,
      some.map(({ protectionGroup }) => protectionGroup).toSorted(byNumber),
    ]),
  );
}

const byNumber = (a: string, b: string): number => Number(a.slice(3)) - Number(b.slice(3));
const names = numbers.map((number) => `pg-${number}`);
const failoverAll = 'pgctl failover --all --yes --parallel 8 -o json';

test('a site with fifty groups moves: what cannot go and what turns back stays, and the same command moves the rest', async () => {
  for (const number of [1, 2, 3]) await me.fault('pv-missing', '--vm', `vm-${number}`);
  for (const number of [4, 5]) await me.fault('opener-stuck', '--vm', `vm-${number}`);
  const first = await me.type(failoverAll);
  expect(first.code, first.stderr).toBe(6);
  expect(byResult(first.stdout)).toEqual({
    notReady: unready,
    rolledBack: stuck,
    moved: names.slice(5, 40),
    notBegun: late,
  });
  expect(first.stderr).toContain('pg-1 is not ready for failover to cluster2');
  expect(first.stderr).toMatch(/✗ 35 of 50 protection groups run on cluster2/);

  await me.heal();
  for (const group of unready) expect((await me.type(`pgctl sync protectiongroup ${group}`)).code).toBe(0);
  for (const group of [...unready, ...stuck]) {
    await expect
      .poll(async () => (await me.type(`pgctl failover ${group} --dry-run`)).code, { timeout: 60_000 })
      .toBe(0);
  }
  const second = await me.type(failoverAll);
  expect(second.code, second.stderr).toBe(0);
  expect(byResult(second.stdout)).toEqual({
    alreadyThere: names.slice(5, 40),
    moved: [...unready, ...stuck, ...late],
  });
  const desired = ['get', 'pg', '-o', 'jsonpath={.items[*].spec.desiredState}'];
  expect(new Set((await me.kubectl('cluster2', desired)).stdout.split(' '))).toEqual(new Set(['running']));
  expect(new Set((await me.kubectl('cluster1', desired)).stdout.split(' '))).toEqual(new Set(['stopped']));
  const operations = (await me.names('cluster2', 'failover')).length;
  expect(operations).toBe(names.length + stuck.length);
});
