import { setTimeout as sleep } from 'node:timers/promises';
import { watchGroundTruth } from '../src/twin/ground-truth.ts';
import { ControllerLab } from '../test/e2e/controllers/controller-lab.ts';
import { type Bench, type Flags, type Goal, type Measurement, numberIn } from './measurement.ts';
import { type Holdings, InspectedProcess, inspectable } from './inspected-process.ts';
import { liveThrough, longestHistory, settle, sites, type Tally } from './soak/troubled-life.ts';

const controllers = ['protection-group-controller', 'failover-controller'] as const;
/** Looks at the processes in the whole of it. */
const looks = 48;
const flat: Goal = { atMost: 1.1 };

/** A look at a process at a time of the world, in hours since the beginning. */
interface Look extends Holdings {
  readonly hours: number;
}

/**
 * A day of a lab in fast motion, with the product's four controllers as processes: groups move to and fro under faults, and at the end
 * the processes hold no more than at the beginning. `--hours` of the world, 24 unless given, at `--speed` times the speed of life, 60 unless
 * given. The world is in fast motion, the product is not: its own clocks are real.
 */
export const soak: Bench = {
  name: 'soak',
  isSlow: true,
  measure: async (flags: Flags) => {
    const [hours, speed] = [numberIn(flags, 'hours', 24), numberIn(flags, 'speed', 60)];
    await using lab = await ControllerLab.open(speed);
    const truth = watchGroundTruth(lab.lab.twin);
    const started = sites.flatMap((site) =>
      controllers.map((controller) => ({
        name: `${controller} of ${site}`,
        process: lab.start(controller, site, inspectable()),
      })),
    );
    await Promise.all(started.map(({ process }) => process.untilLogged('leader_elected')));
    await settle(lab);
    const inspected = await Promise.all(
      started.map(async ({ name, process }) => ({ name, process: await InspectedProcess.open(process) })),
    );
    const seen = new Map<string, Look[]>(inspected.map(({ name }) => [name, []]));
    const tally: Tally = { succeeded: 0, failed: new Map(), faults: 0, compared: 0 };
    const ending = new AbortController();
    const life = liveThrough(lab, tally, ending.signal);
    const watch = async (): Promise<void> => {
      for (let look = 1; look <= looks; look++) {
        await sleep((hours * 3_600_000) / speed / looks);
        for (const { name, process } of inspected)
          seen.get(name)?.push({ hours: (look * hours) / looks, ...(await process.look()) });
        process.stderr.write(`${lineOf(look, seen, tally)}\n`);
      }
      ending.abort();
    };
    await Promise.all([life, watch()]);
    for (const { process } of inspected) process.close();
    if (truth.breaches.length > 0) throw new Error(truth.breaches.join('; '));
    return [...measurementsOf(hours, speed, tally, lab), ...inspected.flatMap(({ name }) => growthOf(name, seen))];
  },
};

function measurementsOf(hours: number, speed: number, tally: Tally, lab: ControllerLab): readonly Measurement[] {
  const failed = [...tally.failed].map(([how, count]): Measurement => ({ name: how, value: count, unit: 'orders' }));
  return [
    { name: 'time of the world', value: hours, unit: 'hours' },
    { name: 'its speed', value: speed, unit: 'times life' },
    { name: 'failovers that succeeded', value: tally.succeeded, unit: '' },
    ...failed,
    { name: 'faults', value: tally.faults, unit: '' },
    { name: 'comparisons of copies', value: tally.compared, unit: '' },
    { name: 'operations kept of a group, at most', value: longestHistory(lab), unit: '', goal: { atMost: 20 } },
  ];
}

/**
 * What a process holds at rest is the least that it was seen to hold in a quarter. In the first one histories fill up: the second
 * is the measure of the last.
 */
function growthOf(name: string, seen: ReadonlyMap<string, readonly Look[]>): readonly Measurement[] {
  const all = seen.get(name) ?? [];
  const quarter = Math.floor(all.length / 4);
  const least = (place: number, of: keyof Holdings): number =>
    Math.min(...all.slice(quarter * place, quarter * (place + 1)).map((look) => look[of]));
  const ratio = (of: keyof Holdings, goal?: Goal): Measurement => {
    const unit = `of ${amount(of, least(1, of))}`;
    const value = least(3, of) / least(1, of);
    return { name: `${name}: ${of}, last quarter to second`, value, unit, ...(goal === undefined ? {} : { goal }) };
  };
  const hourly = slope(all.slice(quarter), 'heap') / 2 ** 10;
  return [
    { name: `${name}: heap, first quarter`, value: least(0, 'heap') / 2 ** 20, unit: 'MiB' },
    ratio('heap', flat),
    { name: `${name}: heap, per hour after the first quarter`, value: hourly, unit: 'KiB' },
    ratio('rss', flat),
    // What has been told of is remembered for an hour of the product's clock, which is not in fast motion.
    ratio('entries'),
    ...(['sockets', 'timers', 'files'] as const).map((of) => ratio(of, flat)),
  ];
}

function amount(of: keyof Holdings, value: number): string {
  return of === 'heap' || of === 'rss' ? `${(value / 2 ** 20).toFixed(1)} MiB` : value.toFixed(0);
}

/** Of the straight line that fits best, per hour of the world. */
function slope(all: readonly Look[], of: keyof Look): number {
  const middle = (key: keyof Look): number => all.reduce((sum, look) => sum + look[key], 0) / all.length;
  const [x, y] = [middle('hours'), middle(of)];
  const along = all.reduce((sum, look) => sum + (look.hours - x) * (look[of] - y), 0);
  return along / all.reduce((sum, look) => sum + (look.hours - x) ** 2, 0);
}

function lineOf(look: number, seen: ReadonlyMap<string, readonly Look[]>, { succeeded, failed }: Tally): string {
  const held = [...seen.values()].map((all) => {
    const { heap = 0, rss = 0, entries, sockets, timers, files } = all.at(-1) ?? {};
    return `${(heap / 2 ** 20).toFixed(1)}/${(rss / 2 ** 20).toFixed(0)} MiB ${entries} ${sockets} ${timers} ${files}`;
  });
  return `${look}: ${succeeded} succeeded, ${[...failed].map(([how, count]) => `${count} ${how}`).join(', ')}; ${held.join(' | ')}`;
}
