import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { properties } from '../../src/drills/properties/catalogue.ts';
import { crashEquivalence } from '../../src/drills/sweep/crash-equivalence.ts';

test('docs/drills.md lists every property, in the words of its code', () => {
  const page = readFileSync(new URL('../../docs/drills.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| [SL]\d/.test(line));
  const all = [...properties, crashEquivalence].toSorted((a, b) => place(a.id) - place(b.id));
  expect(rows).toEqual(all.map(({ id, name, says }) => `| ${id} ${name} | ${says} |`));
});

/** Safety first, then by number. */
function place(id: string): number {
  return Number(id.slice(1)) + (id.startsWith('S') ? 0 : 100);
}
