import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Lab, openLab } from '../../../src/lab/lab.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { groupLeaseName } from '../../../src/model/lease.ts';
import { watchGroundTruth } from '../../../src/twin/ground-truth.ts';
import { LabUser } from './lab-user.ts';
import { claim, machine } from './manifests.ts';

const crds = readFileSync(join(import.meta.dirname, '../../../crds/protection-group-crd.yaml'), 'utf8');
const definitions = parseAllDocuments(crds).map((document) => document.toJS() as JsonObject);

/** A lab in this process, so that its writes are seen as they are applied, with groups that run on cluster1. */
interface Arena {
  readonly me: LabUser;
  readonly lab: Lab;
  readonly truth: ReturnType<typeof watchGroundTruth>;
  readonly faults: readonly unknown[];
}

let arena: Arena | undefined;
afterEach(async () => {
  await arena?.lab.close();
  await arena?.me.end();
});

describe('a pgctl that is killed with any of its writes leaves a journal from which the next one arrives', () => {
  test('planned', async () => {
    // A group for each write; a Lease that is renewed in between is one more.
    const groups = Array.from({ length: 20 }, (_each, index) => `g${index + 1}`);
    arena = await openArena(groups);
    const killed = await killAndGoOn(arena, groups, 'failover');
    expect(killed).toEqual(expect.arrayContaining(Array.from({ length: 18 }, (_each, index) => index + 1)));
    expect(arena.truth.breaches).toEqual([]);
    expect(arena.faults).toEqual([]);
  }, 600_000);

  test('unplanned, without the source', async () => {
    const groups = Array.from({ length: 15 }, (_each, index) => `g${index + 1}`);
    arena = await openArena(groups);
    const { lab, truth, faults } = arena;
    lab.injectFault({ kind: 'site-loss', site: 'cluster1' });
    const killed = await killAndGoOn(arena, groups, 'failover --unplanned');
    expect(killed).toEqual(expect.arrayContaining(Array.from({ length: 12 }, (_each, index) => index + 1)));
    expect(truth.breaches).toEqual([]);
    expect(faults).toEqual([]);
  }, 600_000);
});

async function openArena(groups: readonly string[]): Promise<Arena> {
  const me = new LabUser();
  const faults: unknown[] = [];
  const lab = await openLab({ clusters: 3, speed: 10, seed: 1, definitions, onFault: (cause) => faults.push(cause) });
  mkdirSync(join(me.home, '.kube'));
  for (const { name, kubeconfig } of lab.clusters) writeFileSync(join(me.home, '.kube', `config-${name}`), kubeconfig);
  await me.configure();
  const manifests = groups.flatMap((name) => [claim(name, 'Block'), machine(name, 'Always', [name])]);
  await me.apply('cluster1', manifests.join('---\n'));
  await sideBySide(groups, async (name) => {
    await me.waitFor('cluster1', ['vmi', name], '.status.phase', 'Running');
    const created = await me.type(`pgctl create protectiongroup ${name} --vm ${name}`);
    expect(created.code, created.stderr).toBe(0);
  });
  return { me, lab, truth: watchGroundTruth(lab.twin), faults };
}

/** Kills the first pgctl of the n-th group with its n-th write, and has another go on. Answers with the writes that were met. */
async function killAndGoOn(
  { me, lab }: Arena,
  groups: readonly string[],
  command: 'failover' | 'failover --unplanned',
): Promise<readonly number[]> {
  const killed: number[] = [];
  await sideBySide(groups, async (name) => {
    const at = groups.indexOf(name) + 1;
    const line = `pgctl ${command} ${name} --to cluster2${command === 'failover' ? ' --yes' : ''}`;
    const input = `${name}\n`;
    const kill = new AbortController();
    const stopCounting = countWrites(lab, name, (count) => {
      if (count === at) kill.abort();
    });
    let first = await me.type(line, { input, kill: kill.signal });
    // Until DRBD on the target has noticed the source counts as alive.
    for (let again = 0; first.code === 3 && again < 5; again++)
      first = await me.type(line, { input, kill: kill.signal });
    stopCounting();
    if (first.code === null) killed.push(at);
    const next = await me.type(line, { input });
    expect(next.code, `killed at ${at}: ${next.stdout}${next.stderr}`).toBe(0);
    await me.waitFor('cluster2', ['protectiongroup', name], '.status.currentState', 'running', 60);
  });
  return killed;
}

/** Tells of each write of an operation on a group as it is applied, before it is answered. */
function countWrites(lab: Lab, group: string, onWrite: (count: number) => void): () => void {
  let count = 0;
  const stops = lab.clusters.map(({ name }) =>
    lab.twin.world.cluster(name).api.onChange(({ resource, object: { metadata }, old }) => {
      const isItsOwn =
        (resource.plural === 'leases' && metadata.name === groupLeaseName(group)) ||
        (resource.plural === 'failovers' && metadata.name.startsWith(`${group}-`)) ||
        (resource.plural === 'protectiongroups' &&
          metadata.name === group &&
          metadata.generation !== old?.metadata.generation);
      if (!isItsOwn) return;
      count += 1;
      onWrite(count);
    }),
  );
  return () => stops.forEach((stop) => stop());
}

/** Does the same for each of them, a few at a time: most of the time goes by in waiting. */
async function sideBySide(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  const left = [...names];
  const one = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await act(name);
  };
  await Promise.all(Array.from({ length: 10 }, one));
}
