import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../src/model/json.ts';
import { checkRules } from '../../../../src/drivers/sim/api-server/rule-checking.ts';
import type { FieldError } from '../../../../src/drivers/sim/api-server/status-errors.ts';
import { readSchema } from '../../../../src/drivers/sim/api-server/structural-schema.ts';

function check(rule: JsonObject, value: Json, old?: Json, schema: JsonObject = {}): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkRules(value, readSchema({ ...schema, 'x-kubernetes-validations': [rule] }), old, errors);
  return errors;
}

const text = { type: 'string' };
const numbers = { type: 'array', items: { type: 'integer' } };

test.each<[string, Json, JsonObject]>([
  ["self.startsWith('/') && !self.contains('..')", '/a/b', text],
  ["self.replace('a', 'b') == 'bb' && self.find('[a-z]') == 'a'", 'aa', text],
  ['self.isSorted() && self.sum() == 6 && self.max() == 3 && self.min() == 1', [1, 2, 3], numbers],
  ["quantity(self).isLessThan(quantity('2Gi')) && isQuantity(self)", '1Gi', text],
  ['self.all(k, self[k] > 0)', { a: 1, b: 2 }, { type: 'object', additionalProperties: { type: 'integer' } }],
  [
    'self.a__dash__b == 1 && self.__namespace__ == 2',
    { 'a-b': 1, namespace: 2 },
    { type: 'object', properties: { 'a-b': { type: 'integer' }, namespace: { type: 'integer' } } },
  ],
  ['has(self.x) ? self.x == 1.5 : true', { x: 1.5 }, { type: 'object', properties: { x: { type: 'number' } } }],
])('rule %s holds for %j', (rule, value, schema) => {
  expect(check({ rule }, value, undefined, schema)).toEqual([]);
});

describe('a rule that fails', () => {
  test('shows a scalar, and leaves an object out', () => {
    expect(check({ rule: "self == 'b'", message: 'must be b' }, 'a', undefined, text)).toEqual([
      { type: 'Invalid', field: '<nil>', value: 'a', detail: 'must be b' },
    ]);
    const object = { type: 'object', properties: { a: text } };
    expect(check({ rule: 'self.b == 1', fieldPath: '.a' }, { a: 'x' }, undefined, object)).toEqual([
      { type: 'Invalid', field: '<nil>', value: 'object', detail: 'no such key: b evaluating rule: self.b == 1' },
    ]);
    expect(check({ rule: "self.a == 'y'", fieldPath: '.a' }, { a: 'x' }, undefined, object)).toEqual([
      { type: 'Invalid', field: 'a', detail: "failed rule: self.a == 'y'" },
    ]);
  });

  test('takes its words from the message expression, its kind from the reason', () => {
    const rule = {
      rule: 'self > 5',
      messageExpression: "'got ' + string(self)",
      message: 'plain',
      reason: 'FieldValueForbidden',
    };
    expect(check(rule, 3, undefined, { type: 'integer' })).toEqual([
      { type: 'Forbidden', field: '<nil>', value: 3, detail: 'got 3' },
    ]);
  });
});

describe('a rule about the old value', () => {
  const grows = { rule: 'self >= oldSelf' };
  const integer = { type: 'integer' };

  test('is asked only where there is one', () => {
    expect(check(grows, 1, undefined, integer)).toEqual([]);
    expect(check(grows, 1, 2, integer)).toHaveLength(1);
    expect(check(grows, 2, 1, integer)).toEqual([]);
  });

  test('is asked at creation too when the old value is optional', () => {
    const rule = { rule: 'oldSelf.hasValue() ? self >= oldSelf.value() : self == 0', optionalOldSelf: true };
    expect(check(rule, 0, undefined, integer)).toEqual([]);
    expect(check(rule, 1, undefined, integer)).toHaveLength(1);
    expect(check(rule, 1, 2, integer)).toHaveLength(1);
  });
});

describe('a rule about some fields of an object', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } };
  const broken = { rule: 'self.a > 5' };

  test('is not asked again while these fields stay as they are', () => {
    expect(check(broken, { a: 1, b: 1 }, { a: 1, b: 0 }, schema)).toEqual([]);
    expect(check(broken, { a: 1, b: 1 }, { a: 2, b: 1 }, schema)).toHaveLength(1);
    expect(check(broken, { a: 1, b: 1 }, undefined, schema)).toHaveLength(1);
  });

  test.each(['size(self) < 2', "self['b'] == 0", 'self.all(k, k != "b")', 'self == {"a": 1}'])(
    'is asked when it may read others too: %s',
    (rule) => {
      expect(check({ rule }, { a: 1, b: 1 }, { a: 1 }, schema)).toHaveLength(1);
    },
  );
});
