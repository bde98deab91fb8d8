import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../src/model/json.ts';
import { resources } from '../src/model/kube.ts';
import { watchGroundTruth } from '../src/twin/ground-truth.ts';
import { runPlanned } from '../src/twin/planned-run.ts';
import { buildRehearsalTwin, rehearsalGroup } from '../src/twin/rehearsal.ts';
import { root } from './in-turns.ts';
import type { Bench } from './measurement.ts';

const virtualMachines = ['vm-1', 'vm-2', 'vm-3', 'vm-4'];
const warmUp = 3_000;
const measured = 6_000;

/** Planned failovers and failbacks of four VMs in the simulated world, on one core, judged by what really happened in it. */
export const failovers: Bench = {
  name: 'failovers',
  measure: async () => {
    failOverFor(warmUp);
    const { count, events, simulated, seconds } = failOverFor(measured);
    return [
      {
        name: 'simulated failovers of 4 VMs',
        value: count / seconds,
        unit: 'per second',
        goal: { atLeast: 1_000 },
      },
      { name: 'events of the simulated world', value: events / seconds, unit: 'per second' },
      {
        name: 'simulated time to real time',
        value: simulated / 1_000 / seconds,
        unit: 'ratio',
        goal: { atLeast: 50_000 },
      },
    ];
  },
};

interface Tally {
  readonly count: number;
  /** Events of the world that were handled. */
  readonly events: number;
  /** World time, in milliseconds. */
  readonly simulated: number;
  /** Real time. */
  readonly seconds: number;
}

/** Failovers there and back for this many milliseconds. Throws when one does not succeed, or was not safe. */
function failOverFor(time: number): Tally {
  const definitions = parseAllDocuments(readFileSync(join(root, 'crds', 'protection-group-crd.yaml'), 'utf8')).map(
    (document) => document.toJS() as JsonObject,
  );
  const twin = buildRehearsalTwin(1, new Map(virtualMachines.map((name) => [name, undefined])), definitions);
  const { world } = twin;
  const truth = watchGroundTruth(twin);
  const { source, target } = rehearsalGroup;
  const before = { events: world.handled, simulated: world.now };
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < time) {
    const there = count % 2 === 0 ? { source, target } : { source: target, target: source };
    const name = `bench-${count}`;
    const { record } = runPlanned(twin, { ...rehearsalGroup, ...there }, name);
    if (record.state !== 'succeeded') throw new Error(`failover ${count} ended as ${record.state}`);
    count += 1;
    // Ended operations are cleared away, as a person does: a failover is measured, not a history of thousands.
    const { namespace } = rehearsalGroup;
    world.cluster(there.target).api.request({ verb: 'delete', resource: resources.failover, namespace, name });
    if (truth.starts.length < count * virtualMachines.length)
      throw new Error(`after failover ${count} only ${truth.starts.length} guests have started`);
  }
  if (truth.breaches.length > 0) throw new Error(truth.breaches.join('; '));
  const seconds = (performance.now() - start) / 1_000;
  return { count, events: world.handled - before.events, simulated: world.now - before.simulated, seconds };
}
