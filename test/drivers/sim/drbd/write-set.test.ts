import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addWrite,
  countWrites,
  differenceOf,
  firstWrites,
  hasWrite,
  unionOf,
  type WriteSet,
} from '../../../../src/drivers/sim/drbd/write-set.ts';

const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });

function setOf(values: readonly number[]): WriteSet {
  const set: WriteSet = [];
  for (const value of values) addWrite(set, value);
  return set;
}

function listOf(set: WriteSet): number[] {
  const list: number[] = [];
  for (let index = 0; index < set.length; index += 2) {
    for (let value = set[index]!; value <= set[index + 1]!; value++) list.push(value);
  }
  return list;
}

const inOrder = (values: Iterable<number>): number[] => [...new Set(values)].sort((x, y) => x - y);

test('a write set holds what a plain set holds, in whatever order it came', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const set = setOf(values);
      expect(listOf(set)).toEqual(inOrder(values));
      expect(countWrites(set)).toBe(new Set(values).size);
      for (let value = 0; value <= 61; value++) expect(hasWrite(set, value)).toBe(values.includes(value));
    }),
  );
});

test('union, difference and the first few are those of plain sets', () => {
  fc.assert(
    fc.property(numbers, numbers, fc.nat(50), (left, right, count) => {
      const a = setOf(left);
      const b = setOf(right);
      expect(listOf(unionOf(a, b))).toEqual(inOrder([...left, ...right]));
      expect(listOf(differenceOf(a, b))).toEqual(inOrder(left.filter((value) => !right.includes(value))));
      expect(listOf(firstWrites(a, count))).toEqual(inOrder(left).slice(0, count));
    }),
  );
});

test('ranges never touch each other, so that rising writes stay one range', () => {
  const set: WriteSet = [];
  for (let seq = 1; seq <= 1000; seq++) addWrite(set, seq);
  expect(set).toEqual([1, 1000]);
});
