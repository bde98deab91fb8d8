import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repeatedFields } from '../../../src/lab/kube-http/repeated-fields.ts';

test.each([
  ['{"a":1,"b":{"a":1}}', []],
  ['{"a":1, "a" : 2}', ['a']],
  ['{"data":{"a":"1","b":"{\\"a\\":1,\\"a\\":2}","a":"2"}}', ['data.a']],
  ['{"spec":{"items":[{"name":"x"},{"name":"y","name":"z"}]},"spec":{}}', ['spec.items[1].name', 'spec']],
  ['[ ]', []],
  ['"a"', []],
])('of %s the repeated fields are told with their places', (text, paths) => {
  expect(repeatedFields(text)).toEqual(paths);
});

test('what JSON.stringify writes repeats nothing', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(repeatedFields(JSON.stringify(JSON.parse(text), null, 2))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
