import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { properties } from '../../../src/drills/properties/catalogue.ts';
import { mutants } from './catalogue.ts';
import { changed } from './planting.ts';

const root = new URL('../../../', import.meta.url);

describe('every planted bug', () => {
  test('has an id of its own', () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  test('names a property that drills judge', () => {
    const ids = properties.map(({ id }) => id);
    expect(mutants.filter(({ property }) => !ids.includes(property)).map(({ id }) => id)).toEqual([]);
  });

  test.each(mutants)('has its place in the sources: $id', ({ changes }) => {
    for (const change of changes) {
      const file = new URL(change.file, root);
      expect(existsSync(file)).toBe(true);
      const text = readFileSync(file, 'utf8');
      expect(changed(text, change)).not.toBe(text);
    }
  });
});

test('a bug whose place is gone, or is not the only one, is refused', () => {
  const change = { file: 'src/a.ts', from: 'one', to: 'two' };
  expect(changed('is one', change)).toBe('is two');
  expect(() => changed('is gone', { ...change, from: 'three' })).toThrow(/src\/a.ts holds this 0 times/);
  expect(() => changed('one, one', change)).toThrow(/2 times/);
});
