import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import { VerdictTally } from '../../src/drills/verdict-tally.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { productMachines } from '../../src/twin/machines.ts';
import { calm } from './calm.ts';
import { definitions } from './definitions.ts';

/** The failover with a bug in it: its Leases are never renewed. */
const deaf = {
  ...failoverDefinition,
  machine: failoverDefinition.machine.provide({ guards: { leaseRenewalIsDue: () => false } } as never),
};

test('a property that breaks has the verdict fail, and those that hold pass beside it', () => {
  const { properties, verdict } = runTape(calm, definitions, { ...productMachines, failover: deaf });
  expect(verdict).toBe('fail');
  expect(properties.S16).toBe('fail');
  expect(properties.S1).toBe('pass');
});

test('verdicts add up, whoever counted them', () => {
  const [all, left, right] = [new VerdictTally(), new VerdictTally(), new VerdictTally()];
  for (const tally of [all, left]) tally.add({ S1: 'pass', S2: 'unknown' });
  for (const tally of [all, right]) tally.add({ S1: 'fail', S2: 'unknown' });
  left.merge(right.counts());
  expect(left.counts()).toEqual(all.counts());
  expect(left.counts()).toEqual({
    S1: { pass: 1, fail: 1, unknown: 0 },
    S2: { pass: 0, fail: 0, unknown: 2 },
  });
});
