import { expect, test } from 'vitest';
import { runTape } from '../../../src/drills/run.ts';
import { soakTape } from '../../../src/drills/soak/soak-tape.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

const settings = { seed: 1, topology: { ...calm.topology, virtualMachines: 1 } };

test('a group goes there and back through troubles, and nothing grows', () => {
  const { marks, violations, properties } = runTape(soakTape({ ...settings, operations: 10 }), definitions);
  expect(violations).toEqual([]);
  expect([...marks]).toEqual(expect.arrayContaining(['move-10 succeeded', 'fault crash after', 'fault taint-flap']));
  expect(properties['L16']).toBe('pass');
});

test('every second operation leads back, and waits for the one before', () => {
  const orders = soakTape({ ...settings, operations: 3 }).items.filter(({ kind }) => kind === 'failover');
  expect(orders).toMatchObject([
    { to: 'cluster2', when: { at: 5_000 } },
    { to: 'cluster1', when: { operation: 'move-1', state: 'succeeded' } },
    { to: 'cluster2', when: { operation: 'move-2', state: 'succeeded' } },
  ]);
});
