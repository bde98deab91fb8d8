import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { conforms } from '../../../../src/drivers/sim/api-server/schema-conformance.ts';
import { applyDefaults } from '../../../../src/drivers/sim/api-server/schema-defaulting.ts';
import { prune } from '../../../../src/drivers/sim/api-server/schema-pruning.ts';
import { validateBySchema } from '../../../../src/drivers/sim/api-server/schema-validation.ts';
import { readSchema } from '../../../../src/drivers/sim/api-server/structural-schema.ts';

const schema = readSchema({
  type: 'object',
  properties: {
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 2, maxLength: 5, pattern: '^[a-z]*$' },
        mode: { type: 'string', enum: ['Planned', 'Test'], default: 'Planned' },
        since: { type: 'string', format: 'date-time', nullable: true },
        count: { type: 'integer', minimum: 0, maximum: 9 },
        port: { 'x-kubernetes-int-or-string': true },
        share: { type: 'number' },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        items: {
          type: 'array',
          maxItems: 3,
          items: {
            type: 'object',
            required: ['key'],
            properties: { key: { type: 'string' }, on: { type: 'boolean' } },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['key'],
        },
        either: { type: 'object', anyOf: [{ required: ['a'] }, { required: ['b'] }], additionalProperties: true },
      },
    },
  },
});

const text = fc.constantFrom('', 'a', 'ab', 'abcde', 'abcdef', 'A1', 'Planned', '2026-01-01T00:00:00Z', 'later');
const scalar = fc.oneof(text, fc.integer({ min: -1, max: 10 }), fc.constantFrom(1.5, true, false, null));
const item = fc.oneof(
  { weight: 9, arbitrary: fc.record({ key: text, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ key: scalar, on: scalar, more: scalar }, { requiredKeys: [] }) },
);
/** Mostly the right thing. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: scalar });
const spec = fc.record(
  {
    name: mostly(fc.constantFrom('ab', 'abcde')),
    mode: mostly(fc.constantFrom('Planned', 'Test')),
    since: mostly(fc.constantFrom('2026-01-01T00:00:00Z', null)),
    count: mostly(fc.nat(9)),
    port: mostly(fc.constant(undefined)),
    share: mostly(fc.double({ noNaN: true })),
    open: fc.record({ anything: scalar }),
    labels: fc.oneof(fc.record({ a: text }), fc.record({ a: scalar })),
    items: fc.uniqueArray(item, { maxLength: 4, selector: ({ key }) => key }),
    either: mostly(fc.constant(undefined)),
    unknown: mostly(fc.constant(undefined)),
  },
  { requiredKeys: ['name', 'mode'] },
);
const metadata = { name: 'a' };
const old = { metadata };

test('what plainly conforms has nothing to prune, no default to fill in, and nothing to refuse', () => {
  let plain = 0;
  const holds = (given: object): void => {
    const object = { metadata, spec: given as JsonObject };
    if (!conforms(object, schema, old)) return;
    plain++;
    expect(prune(object, schema, undefined, undefined)).toBe(object);
    expect(applyDefaults(object, schema, undefined)).toBe(object);
    expect(validateBySchema(object, schema, undefined)).toEqual([]);
  };
  fc.assert(fc.property(spec, holds), { numRuns: 20_000, seed: 1 });
  expect(plain).toBeGreaterThan(1_000);
});

test('a part that is the old one is taken as it is, and what is new beside it is not', () => {
  const before = { metadata, spec: { name: 'ab', mode: 'Test', items: [{ key: 'a', on: 1 }] } };
  const after = (change: JsonObject): JsonObject => ({ metadata, spec: { ...before.spec, ...change } });
  expect(conforms(after({ count: 1 }), schema, before)).toBe(true);
  expect(conforms(after({ count: 'one' }), schema, before)).toBe(false);
  expect(conforms(after({ items: [...before.spec.items, { key: 'b' }] }), schema, before)).toBe(true);
  expect(conforms(after({ items: [{ key: 'a', on: 2 }] }), schema, before)).toBe(false);
});
