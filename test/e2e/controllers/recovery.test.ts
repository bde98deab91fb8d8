import { afterAll, beforeAll, expect, test } from 'vitest';
import { conditionOf } from '../../../src/model/condition-of.ts';
import { textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { accepted, lookBeforeRecovery, recordRecovery } from '../../../src/twin/recovery-order.ts';
import { resolveRequest } from '../../twin/parted-group.ts';
import { ControllerLab } from './controller-lab.ts';

let lab: ControllerLab;
beforeAll(async () => {
  lab = await ControllerLab.open();
  lab.protect('pg');
});
afterAll(() => lab.close());

test('a recovery whose pgctl has died is carried out in the satellites of both sites', {
  timeout: 120_000,
}, async () => {
  const { twin } = lab.lab;
  const condition = (site: string, type: string): string | undefined => {
    const group = lab.group(site, 'pg');
    return group && conditionOf(group, type)?.status;
  };
  for (const site of ['cluster1', 'cluster2']) lab.start('protection-group-controller', site);
  await expect.poll(() => condition('cluster1', 'Ready'), { timeout: 30_000 }).toBe('True');
  lab.lab.injectFault({ kind: 'split-brain', vm: 'prod-vm-1' });
  // While whoever parts them has the standby open there is one thing more to accept.
  const needs = (): readonly string[] =>
    lookBeforeRecovery(twin, resolveRequest).evidence.needs.map(({ kind }) => kind);
  await expect.poll(needs, { timeout: 30_000 }).toEqual(['DiscardCopy', 'ReplaceBlocks']);

  expect(recordRecovery(twin, accepted(twin, resolveRequest)).kind).toBe('applied');
  const drivers = ['cluster1', 'cluster2'].map((site) => lab.start('failover-controller', site));
  const recovery = () => twin.world.cluster('cluster1').api.get(resources.recovery, 'default', 'mend');
  await expect.poll(() => textAt(recovery(), 'status', 'phase'), { timeout: 90_000 }).toBe('Succeeded');
  expect(textAt(recovery(), 'status', 'holder')).toMatch(/^failover-controller\/cluster1\/default\/recovery\/mend/);
  await drivers[0]?.untilLogged('recovery_step', ({ state }) => state === 'succeeded');
  const states = drivers[0]?.logged('recovery_step').map(({ state }) => state);
  expect(states).toEqual(expect.arrayContaining(['snapshotting', 'reuniting', 'comparing', 'succeeded']));
  for (const site of ['cluster1', 'cluster2'])
    await expect.poll(() => condition(site, 'Ready'), { timeout: 90_000 }).toBe('True');
});
