import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Exploration } from '../src/drills/explore/exploration.ts';
import { defaultSettings, type ExploreSettings } from '../src/drills/explore/settings.ts';
import type { JsonObject } from '../src/model/json.ts';
import { root } from './in-turns.ts';
import type { Bench, Measurement } from './measurement.ts';

/** The search of the small world, to its end: as it is by default, and with two VMs and no crash. */
export const explore: Bench = {
  name: 'explore',
  measure: async () => [
    ...search('1 VM, 1 fault, 1 crash', defaultSettings),
    ...search('2 VMs, 1 fault', {
      ...defaultSettings,
      virtualMachines: 2,
      budgets: { ...defaultSettings.budgets, crashes: 0 },
    }),
  ],
};

/** Searches a small world whole. Throws when it is not searched to its end, or not everything holds in it. */
function search(what: string, settings: ExploreSettings): readonly Measurement[] {
  const definitions = parseAllDocuments(readFileSync(join(root, 'crds', 'protection-group-crd.yaml'), 'utf8')).map(
    (document) => document.toJS() as JsonObject,
  );
  const exploration = new Exploration(settings, definitions);
  const before = process.cpuUsage();
  const start = performance.now();
  while (exploration.advance(10_000));
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const { verdict, states, edges, bytes } = exploration.report();
  if (verdict !== 'pass') throw new Error(`the search of ${what} ended with ${verdict}`);
  return [
    { name: `states of the small world, ${what}`, value: states, unit: 'states' },
    { name: `edges, ${what}`, value: edges, unit: 'edges' },
    { name: `states searched, ${what}`, value: states / seconds, unit: 'per second' },
    { name: `states searched, ${what}, processor time`, value: states / ((user + system) / 1e6), unit: 'per second' },
    { name: `memory of a state, ${what}`, value: bytes / states, unit: 'bytes' },
  ];
}
