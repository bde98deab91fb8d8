import { expect, test } from 'vitest';
import { bytesOf } from '../../src/model/quantity.ts';

test.each([
  ['10Gi', 10 * 2 ** 30],
  ['10G', 1e10],
  ['1e3', 1000],
  ['1.5Ti', 1.5 * 2 ** 40],
  ['512', 512],
  ['1000m', 1],
  ['1E', 1e18],
])('%s is %d bytes', (quantity, bytes) => {
  expect(bytesOf(quantity)).toBe(bytes);
});

test.each(['', 'Gi', '10 Gi', '10gi', '1KiB'])('%j is no quantity', (text) => {
  expect(bytesOf(text)).toBeUndefined();
});
