import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { marks } from '../../src/drills/marks/catalogue.ts';
import { operationMarks } from '../../src/drills/marks/operation-marks.ts';
import { requestMarks } from '../../src/drills/marks/request-marks.ts';
import { storageMarks } from '../../src/drills/marks/storage-marks.ts';
import { properties } from '../../src/drills/properties/catalogue.ts';
import { crashEquivalence } from '../../src/drills/sweep/crash-equivalence.ts';

const page = readFileSync(new URL('../../docs/drills.md', import.meta.url), 'utf8');

test('docs/drills.md lists every property, in the words of its code', () => {
  const rows = page.split('\n').filter((line) => /^\| [SL]\d/.test(line));
  const all = [...properties, crashEquivalence].toSorted((a, b) => place(a.id) - place(b.id));
  expect(rows).toEqual(all.map(({ id, name, says }) => `| ${id} ${name} | ${says} |`));
});

test('docs/drills.md lists every mark that is watched for by name', () => {
  const rows = page.split('\n').filter((line) => marks.some(({ id }) => line.startsWith(`| \`${id}\` |`)));
  const named = [requestMarks, operationMarks, storageMarks].flatMap((family) => family.marks);
  expect(rows).toEqual(named.map(({ id, says }) => `| \`${id}\` | ${says} |`));
});

/** Safety first, then by number. */
function place(id: string): number {
  return Number(id.slice(1)) + (id.startsWith('S') ? 0 : 100);
}
