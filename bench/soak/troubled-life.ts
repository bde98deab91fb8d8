import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { conditionOf } from '../../src/model/condition-of.ts';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import type { SiteName } from '../../src/model/site.ts';
import { applyObjects, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import type { FaultOrder } from '../../src/twin/faults/fault.ts';
import { protectGroup } from '../../src/twin/protect.ts';
import type { ControllerLab } from '../../test/e2e/controllers/controller-lab.ts';
import { root } from '../in-turns.ts';

export const sites = ['cluster1', 'cluster2'] as const;
const groups = ['books', 'mail', 'shop', 'wiki'] as const;
/** Real time between two orders about a group, in milliseconds; the product's own times are real ones. */
const restOfGroup = 5_000;
/** A fault is on for this long, and the next one comes after as long again and half. */
const faultTime = 30_000;
const calmTime = 45_000;
/** How long an operation, or the way back to health, may take. */
const patience = 300_000;

const ended: readonly string[] = ['Succeeded', 'RolledBack', 'Cancelled', 'Failed', 'NeedsAttention'];

const faults: readonly FaultOrder[] = [
  { kind: 'api-outage', site: 'cluster1', how: 'hang' },
  { kind: 'link-cut', plane: 'drbd', site: 'cluster1', peer: 'cluster2' },
  { kind: 'node-crash', site: 'cluster2' },
  { kind: 'api-outage', site: 'cluster2', how: 'refuse' },
  { kind: 'vm-stuck', vm: 'mail-vm' },
  { kind: 'link-cut', site: 'cluster1', peer: 'cluster2' },
  { kind: 'api-outage', site: 'cluster3', how: 'hang' },
  { kind: 'node-crash', site: 'cluster1' },
  { kind: 'taint-flap', site: 'cluster2' },
];

/** What has happened in a life so far. */
export interface Tally {
  succeeded: number;
  /** Ended otherwise, or were not begun: there was a fault. */
  readonly failed: Map<string, number>;
  faults: number;
  /** Comparisons of the copies of a group that succeeded, after faults that have left them in doubt. */
  compared: number;
}

/** Four groups of a VM each on cluster1, whose copies are on cluster2. Resolves when they are ready to be moved. */
export async function settle(lab: ControllerLab): Promise<void> {
  const { twin } = lab.lab;
  const { api } = twin.world.cluster('cluster1');
  for (const group of groups) applyObjects(api, demoVirtualMachine(`${group}-vm`, 'default'));
  const runs = (group: string): boolean => {
    const machine = api.get(resources.virtualMachine, 'default', `${group}-vm`);
    return textAt(machine, 'status', 'printableStatus') === 'Running';
  };
  await until(() => groups.every(runs), 'the VMs run');
  for (const group of groups) {
    const place = { namespace: 'default', group, source: 'cluster1', target: 'cluster2' };
    protectGroup(twin, { ...place, virtualMachines: [`${group}-vm`] });
  }
  await until(() => isReady(lab), 'every group is ready');
}

/** Moves every group to and fro, under faults that come and go, until the signal. Resolves when everything is well again. */
export async function liveThrough(lab: ControllerLab, tally: Tally, signal: AbortSignal): Promise<void> {
  await Promise.all([
    ...groups.map((group, place) => moveToAndFro(lab, group, place, tally, signal)),
    breakAndMend(lab, tally, signal),
  ]);
  await until(async () => {
    await clearDoubts(lab, tally);
    return isReady(lab);
  }, 'every group is ready');
}

/** How many operations of one group there are on one site, at most. */
export function longestHistory(lab: ControllerLab): number {
  const lengths = sites.flatMap((site) => {
    const operations = lab.lab.twin.world.cluster(site).api.list(resources.failover, 'default');
    return groups.map((group) => operations.filter((one) => textAt(one, 'spec', 'protectionGroup') === group).length);
  });
  return Math.max(...lengths);
}

async function moveToAndFro(
  lab: ControllerLab,
  group: string,
  place: number,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  await rest((place * restOfGroup) / groups.length, signal);
  for (let turn = 0; !signal.aborted; turn++) {
    const source = sites.find((site) => textAt(lab.group(site, group), 'spec', 'desiredState') === 'running');
    const target = sites.find((site) => site !== source);
    // Of two orders one is a pgctl's, which drives it; the other is left to the Failover Controller.
    if (source !== undefined && target !== undefined) {
      const end =
        turn % 2 === 0
          ? await pgctl(lab, ['failover', group, '--to', target, '--yes'])
          : await byOrder(lab, group, source, target, turn);
      if (end === 'succeeded') tally.succeeded += 1;
      else tally.failed.set(end, (tally.failed.get(end) ?? 0) + 1);
    }
    await rest(restOfGroup, signal);
  }
}

/** A loss of quorum leaves copies in doubt, as an operator is told, until they have been compared. */
async function clearDoubts(lab: ControllerLab, tally: Tally): Promise<void> {
  for (const group of groups) {
    if (!sites.some((site) => statusOf(lab, site, group, 'Verified') === 'False')) continue;
    if ((await pgctl(lab, ['verify', 'protectiongroup', group])) === 'succeeded') tally.compared += 1;
  }
}

async function pgctl(lab: ControllerLab, words: readonly string[]): Promise<string> {
  const program = join(root, 'bin', 'pgctl');
  try {
    await promisify(execFile)(program, [...words, '--config-dir', lab.config], { timeout: patience });
    return 'succeeded';
  } catch (error) {
    return `pgctl exited with ${String((error as { readonly code?: unknown }).code)}`;
  }
}

async function byOrder(
  lab: ControllerLab,
  group: string,
  source: SiteName,
  target: SiteName,
  turn: number,
): Promise<string> {
  const name = `${group}-${turn}`;
  try {
    lab.orderFailover(name, group, source, target);
  } catch {
    return 'not ordered';
  }
  const phase = (): string => lab.progress(target, name).split('/')[0] ?? '';
  await until(() => ended.includes(phase()), `${name} ends`);
  return phase() === 'Succeeded' ? 'succeeded' : `operation ${phase()}`;
}

async function breakAndMend(lab: ControllerLab, tally: Tally, signal: AbortSignal): Promise<void> {
  await rest(calmTime, signal);
  for (let place = 0; !signal.aborted; place = (place + 1) % faults.length) {
    lab.lab.injectFault(faults[place] as FaultOrder);
    tally.faults += 1;
    await rest(faultTime, signal);
    lab.lab.healFaults(undefined);
    await rest(calmTime / 3, signal);
    await clearDoubts(lab, tally);
    await rest((2 * calmTime) / 3, signal);
  }
}

function isReady(lab: ControllerLab): boolean {
  return sites.every((site) => groups.every((group) => statusOf(lab, site, group, 'Ready') === 'True'));
}

function statusOf(lab: ControllerLab, site: SiteName, group: string, condition: string): string | undefined {
  const shown = lab.group(site, group);
  return shown && conditionOf(shown, condition)?.status;
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Not in ${patience / 1_000} s: ${what}`);
    await sleep(50);
  }
}

async function rest(time: number, signal: AbortSignal): Promise<void> {
  await sleep(time, undefined, { signal }).catch(() => undefined);
}
