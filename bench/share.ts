import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { conditionOf } from '../src/model/condition-of.ts';
import { textAt } from '../src/model/json.ts';
import { type KubeObject, resources } from '../src/model/kube.ts';
import type { SiteName } from '../src/model/site.ts';
import { ControllerLab } from '../test/e2e/controllers/controller-lab.ts';
import { root } from './in-turns.ts';
import { type Bench, quantile } from './measurement.ts';

const group = 'app';
const failovers = 20;
/** World seconds per real second: what the product waits for is not to be shorter than what it does. */
const speed = 2;
const sites = ['cluster1', 'cluster2'] as const;

/**
 * What of a planned failover is the product's own time, by the clock on the wall: all that is not between the order to the last VM to stop
 * and the release of its volumes, nor between the order to the last VM to run and its being ready. What the product does within
 * these two spans is not in it: the figure is a lower bound.
 */
export const share: Bench = {
  name: 'share',
  isSlow: true,
  measure: async () => {
    await using lab = await ControllerLab.open(speed);
    lab.protect(group);
    for (const site of sites) {
      lab.start('protection-group-controller', site);
      lab.start('failover-controller', site);
    }
    while (sites.some((site) => lab.stateOf(site, group) === undefined)) await pause();
    const moments = watchMoments(lab);
    const own: number[] = [];
    const whole: number[] = [];
    for (let index = 0; index < failovers; index++) {
      const [source, target] =
        index % 2 === 0 ? (['cluster1', 'cluster2'] as const) : (['cluster2', 'cluster1'] as const);
      while (!isReady(lab, source) || !isReady(lab, target)) await pause();
      const begin = performance.now();
      await failOver(lab, target);
      const end = performance.now();
      const at = moments.since(begin, source, target);
      whole.push(end - begin);
      own.push(at.stopOrdered - begin + (at.startOrdered - at.released) + (end - at.ready));
    }
    const seconds = (values: readonly number[], part: number): number => quantile(values, part) / 1_000;
    return [
      { name: "the product's own share of a failover of 2 VMs, median", value: seconds(own, 0.5), unit: 'seconds' },
      {
        name: "the product's own share of a failover of 2 VMs, p95",
        value: seconds(own, 0.95),
        unit: 'seconds',
        goal: { atMost: 2 },
      },
      {
        name: `the whole of it, in a world at ${speed} times the speed of life, median`,
        value: seconds(whole, 0.5),
        unit: 'seconds',
      },
    ];
  },
};

/** Real time of what decides about a failover, in milliseconds: of each the last time. */
interface Moments {
  /** The last VM on the source was told to stop. */
  readonly stopOrdered: number;
  /** The last attachment on the source was gone, and DRBD was Secondary there: instances that have ended may be shown for longer. */
  readonly released: number;
  /** The last VM on the target was told to run. */
  readonly startOrdered: number;
  /** The last instance on the target was ready. */
  readonly ready: number;
}

function watchMoments({ lab: { twin } }: ControllerLab) {
  const last = new Map<string, number>();
  const note = (what: string, site: SiteName): unknown => last.set(`${what} ${site}`, performance.now());
  for (const site of sites) {
    twin.world.cluster(site).api.onChange(({ resource, type, object, old }) => {
      if (resource.plural === resources.virtualMachine.plural && type === 'MODIFIED') {
        if (object.metadata.generation !== old?.metadata.generation) note('order', site);
      } else if (resource.plural === resources.virtualMachineInstance.plural) {
        if (type !== 'DELETED' && isReadyNow(object) && (old === undefined || !isReadyNow(old))) note('ready', site);
      } else if (resource.plural === resources.volumeAttachment.plural && type === 'DELETED') note('release', site);
    });
  }
  const roles = new Map<string, string | undefined>();
  twin.kernel.onChange((resource, node) => {
    const role = twin.kernel.replica(resource, node)?.role;
    const key = `${resource} ${node}`;
    const site = sites.find((each) => node.startsWith(each));
    if (roles.get(key) === 'Primary' && role === 'Secondary' && site !== undefined) note('release', site);
    roles.set(key, role);
  });
  return {
    since(begin: number, source: SiteName, target: SiteName): Moments {
      const at = (what: string, site: SiteName): number => {
        const moment = last.get(`${what} ${site}`);
        if (moment === undefined || moment < begin) throw new Error(`A failover was over without ${what} on ${site}`);
        return moment;
      };
      const moments = {
        stopOrdered: at('order', source),
        released: at('release', source),
        startOrdered: at('order', target),
        ready: at('ready', target),
      };
      const order = Object.values(moments);
      if (order.some((moment, place) => place > 0 && moment < (order[place - 1] ?? 0)))
        throw new Error(`A failover was not in its order: ${JSON.stringify(moments)}`);
      return moments;
    },
  };
}

function isReadyNow(instance: KubeObject): boolean {
  return conditionOf(instance, 'Ready')?.status === 'True';
}

function isReady(lab: ControllerLab, site: SiteName): boolean {
  const shown = lab.group(site, group);
  return (
    shown !== undefined && conditionOf(shown, 'Ready')?.status === 'True' && textAt(shown, 'status', 'role') !== 'Both'
  );
}

async function failOver(lab: ControllerLab, target: SiteName): Promise<void> {
  const words = ['failover', group, '--to', target, '--yes', '--config-dir', lab.config];
  await promisify(execFile)(join(root, 'bin', 'pgctl'), words);
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 20));
}
