import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operationName } from '../../src/model/operation-name.ts';

const noon = Date.UTC(2026, 0, 1, 12);
const who = { user: 'alice', host: 'desk', run: '17-a' };

test('two who order within one second get two names', () => {
  const names = [who, { ...who, user: 'bob' }, { ...who, host: 'other' }, { ...who, run: '18-a' }].map((each) =>
    operationName('db', 'failover', noon, each),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('one who orders a failover and a recovery, or the next second again, gets another name', () => {
  const name = operationName('db', 'failover', noon, who);
  expect(operationName('db', 'recovery', noon, who)).not.toBe(name);
  expect(operationName('db', 'failover', noon + 1000, who)).not.toBe(name);
  expect(operationName('db', 'failover', noon + 999, who)).toBe(name);
});

test('the name of the longest group is a DNS label, for whoever orders and whenever', () => {
  const until2100 = fc.integer({ min: noon, max: Date.UTC(2100, 0, 1) });
  const anybody = fc.record({ user: fc.string(), host: fc.string(), run: fc.string() });
  fc.assert(
    fc.property(until2100, anybody, fc.constantFrom('failover' as const, 'recovery' as const), (now, each, kind) => {
      expect(operationName('g'.repeat(52), kind, now, each)).toMatch(/^[a-z0-9-]{63}$/);
    }),
  );
});
