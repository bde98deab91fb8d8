import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf } from '../../../src/model/definition-copy/merge-difference.ts';
import { isSameJson, type Json, type JsonObject } from '../../../src/model/json.ts';
import { mergePatched } from '../merge-patched.ts';

const key = fc.constantFrom('a', 'b', 'c');
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(0, 1, 'x', true),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const object = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

test('the patch of a difference turns one object into the other', () => {
  fc.assert(
    fc.property(object, object, (existing, wanted) => {
      const { patch, paths } = differenceOf(existing, wanted, '', () => false);
      expect(mergePatched(existing, patch)).toEqual(wanted);
      expect(paths.length === 0).toBe(isSameJson(existing, wanted));
    }),
  );
});

test('with everything kept it only adds and changes', () => {
  fc.assert(
    fc.property(object, object, (existing, wanted) => {
      const patched = mergePatched(existing, differenceOf(existing, wanted, '', () => true).patch) as JsonObject;
      expect(differenceOf(patched, wanted, '', () => true).paths).toEqual([]);
      for (const field of Object.keys(existing)) expect(patched).toHaveProperty([field]);
    }),
  );
});

test('paths name the deepest field, lists as wholes', () => {
  const before = { spec: { a: 1, list: [1, 2], gone: true } };
  const after = { spec: { a: 2, list: [1], b: { c: 1 } } };
  expect(differenceOf(before, after, '', () => false)).toEqual({
    patch: { spec: { a: 2, list: [1], b: { c: 1 }, gone: null } },
    paths: ['spec.a', 'spec.list', 'spec.gone', 'spec.b'],
  });
});
