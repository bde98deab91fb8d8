import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue, drawnFaults, faultFamilies, reachedFaults } from '../../../src/drills/faults/catalogue.ts';
import { markOf, scenarioFileOf } from '../../../src/drills/faults/fault.ts';
import { matches } from '../../../src/drills/faults/knob.ts';
import type { Scenario } from '../../../src/drills/scenario.ts';
import { parseScenario } from '../../../src/drills/scenario-file.ts';
import { tapes } from '../../../src/drills/swarm.ts';
import { faultPage } from '../../../tools/fault-page.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('docs/faults.md lists the catalogue as it is (npm run fault-page writes it)', () => {
  expect(read('docs/faults.md')).toBe(faultPage());
});

test('each fault has an id of its family, and no other has it', () => {
  const ids = catalogue.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { letter, faults } of faultFamilies)
    for (const { id } of faults) expect(id).toMatch(new RegExp(`^${letter}\\d+$`));
});

test('every file of scenarios/faults belongs to a fault', () => {
  const expected = reachedFaults.map((fault) => scenarioFileOf(fault));
  const files = readdirSync(join(root, 'scenarios/faults')).map((file) => `scenarios/faults/${file}`);
  expect(files.filter((file) => !expected.includes(file))).toEqual([]);
});

describe('a fault that a run can meet', () => {
  test.each(reachedFaults.map((fault) => [fault.id, fault] as const))(
    '%s has a scenario in which it is to fire, with items of its knob',
    (_id, fault) => {
      const file = scenarioFileOf(fault);
      expect(existsSync(join(root, file)), file).toBe(true);
      const { items, expect: expected } = parse(read(file)) as Scenario;
      expect(expected.marks).toContain(markOf(fault));
      for (const fields of fault.reach.knob.items)
        expect(
          items.some((item) => matches(fields, item)),
          JSON.stringify(items),
        ).toBe(true);
    },
  );
});

test('whatever the swarm draws is a valid scenario', () => {
  fc.assert(
    fc.property(tapes, ({ seed, topology, timeouts, items }) => {
      const document = { about: 'drawn', seed, topology, timeouts, items, expect: { verdict: 'pass' } };
      expect(parseScenario(document)).toMatchObject({ kind: 'scenario' });
    }),
    { seed: 1, numRuns: 1_000 },
  );
});

test('what is drawn for a fault is within its knob', () => {
  const storage = { tiebreaker: 'cluster3', onNoQuorum: 'io-error' } as const;
  const topology = { nodes: 2, quorumSite: true, virtualMachines: 3, storage };
  for (const { reach } of drawnFaults) {
    fc.assert(
      fc.property(reach.knob.draw(topology), (items) => {
        reach.knob.items.forEach((fields, index) => expect(matches(fields, items[index])).toBe(true));
      }),
      { seed: 1, numRuns: 50 },
    );
  }
});

test('half of the runs meet two kinds at most, and one in eight is calm', () => {
  const kinds = fc.sample(tapes, { seed: 1, numRuns: 2_000 }).map(({ items }) => {
    const troubles = items.filter(({ kind }) => kind !== 'failover');
    return drawnFaults.filter(({ reach }) =>
      reach.knob.items.every((fields) => troubles.some((item) => matches(fields, item))),
    ).length;
  });
  const share = (atMost: number): number => kinds.filter((count) => count <= atMost).length / kinds.length;
  expect(share(0)).toBeGreaterThan(0.1);
  expect(share(0)).toBeLessThan(0.16);
  expect(share(2)).toBeGreaterThan(0.5);
});
