import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { properties } from '../../src/drills/properties/catalogue.ts';
import { crashEquivalence } from '../../src/drills/sweep/crash-equivalence.ts';

test('docs/drills.md lists every property, in the words of its code', () => {
  const page = readFileSync(new URL('../../docs/drills.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| [SL]\d/.test(line));
  expect(rows).toEqual([...properties, crashEquivalence].map(({ id, name, says }) => `| ${id} ${name} | ${says} |`));
});
