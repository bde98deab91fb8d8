import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { healFaults, injectFault, listFaults } from '../../../src/lab/process/control-client.ts';
import { labStatus } from '../../../src/lab/process/lab-status.ts';
import { type LabOrder, startLab } from '../../../src/lab/process/start-lab.ts';
import { stopLab } from '../../../src/lab/process/stop-lab.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'site-recovery-lab-'));
});
afterEach(async () => {
  for (const name of readdirSync(home)) {
    const folder = join(home, name);
    if ((await labStatus(folder)).state !== 'absent') await stopLab(folder);
  }
  rmSync(home, { recursive: true });
});

const order = (name: string, changed: Partial<LabOrder> = {}): LabOrder => ({
  folder: join(home, name),
  clusters: 2,
  speed: 10,
  ...changed,
});

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('up, up again, down: nothing is left, and the folder that it made is gone', async () => {
  const { file, alreadyUp } = await startLab(order('a', { clusters: 3 }));
  expect(alreadyUp).toBe(false);
  const files = ['cluster1.kubeconfig', 'cluster2.kubeconfig', 'cluster3.kubeconfig', 'lab.json', 'lab.log'];
  expect(readdirSync(join(home, 'a')).toSorted()).toEqual(files);
  expect(await startLab(order('a'))).toEqual({ file, alreadyUp: true });
  expect(await labStatus(join(home, 'a'))).toMatchObject({ state: 'running', file, faults: [] });
  expect(await stopLab(join(home, 'a'))).toEqual({ wasRunning: true });
  expect(isAlive(file.pid)).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

test('files of others stay, and are never overwritten', async () => {
  const folder = join(home, 'b');
  mkdirSync(folder);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  await startLab(order('b'));
  await stopLab(folder);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  writeFileSync(join(folder, 'cluster1.kubeconfig'), 'mine too');
  await expect(startLab(order('b'))).rejects.toThrow('cluster1.kubeconfig exists and does not belong to a lab');
  expect(readFileSync(join(folder, 'cluster1.kubeconfig'), 'utf8')).toBe('mine too');
});

test('a folder that is no lab is refused', async () => {
  await expect(stopLab(home)).rejects.toThrow(`There is no lab in ${home}`);
  writeFileSync(join(home, 'lab.json'), '{"kind":"something else"}');
  await expect(stopLab(home)).rejects.toThrow('does not describe a lab');
  await expect(startLab({ ...order(''), folder: home })).rejects.toThrow('does not describe a lab');
  rmSync(join(home, 'lab.json'));
});

test('two labs live side by side', async () => {
  const [first, second] = await Promise.all([startLab(order('c')), startLab(order('d'))]);
  expect(first.file.linstorUrl).not.toBe(second.file.linstorUrl);
  await injectFault(join(home, 'c'), { kind: 'api-outage', site: 'cluster1' });
  expect(await listFaults(join(home, 'c'))).toHaveLength(1);
  expect(await listFaults(join(home, 'd'))).toEqual([]);
  expect(await healFaults(join(home, 'c'), undefined)).toHaveLength(1);
  await expect(injectFault(join(home, 'c'), { kind: 'earthquake' })).rejects.toThrow('There is no fault "earthquake"');
});

test('a lab whose process was killed is told, cleared away, and brought up anew', async () => {
  const { file } = await startLab(order('e'));
  process.kill(file.pid, 'SIGKILL');
  await expect.poll(async () => (await labStatus(join(home, 'e'))).state).toBe('died');
  await expect(listFaults(join(home, 'e'))).rejects.toThrow('has ended by itself');
  const again = await startLab(order('e'));
  expect(again.alreadyUp).toBe(false);
  expect(again.file.id).not.toBe(file.id);
  process.kill(again.file.pid, 'SIGKILL');
  expect(await stopLab(join(home, 'e'))).toEqual({ wasRunning: false });
  expect(readdirSync(home)).toEqual([]);
});

test('a process of that number that is another program is left alone', async () => {
  const { file } = await startLab(order('f'));
  await stopLab(join(home, 'f'));
  const folder = join(home, 'f');
  mkdirSync(folder);
  writeFileSync(join(folder, 'lab.json'), JSON.stringify({ ...file, pid: process.pid }));
  expect(await stopLab(folder)).toEqual({ wasRunning: false });
  expect(isAlive(process.pid)).toBe(true);
});

test('a lab that cannot come up says why, and leaves nothing', async () => {
  await expect(startLab(order('g', { seed: Number.NaN, speed: -1 }))).rejects.toThrow(
    /does not come up \(.+\); its log ends with/s,
  );
  expect(readdirSync(home)).toEqual([]);
});
