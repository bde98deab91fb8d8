import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { firstDifference } from './difference.ts';
import { isListed, listedDifferences } from './listed-differences.ts';
import { playRecordings } from './play-recordings.ts';
import { readJson } from './recorded-json.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likeness-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['drbd/a/cut.json', '{"steps":'],
  ['drbd/other.json', '{}'],
  ['linstor/recordings/list.json', '{"a":1}'],
  ['linstor/recordings/entries.json', '[{"request":{}}]'],
  ['csi/recordings/calls.json', '[3]'],
  ['kubevirt/traces/life.json', '{"steps":[]}'],
  ['kubevirt/admission-more.json', '[]'],
])('%s that is none is a miss which says why, and what to do', (file, text) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  const [report, ...others] = playRecordings(folder, []);
  expect(others).toEqual([]);
  expect(report).toMatchObject({ file, explained: 0, total: 1, listed: false });
  expect(report?.firstMiss?.world).toMatch(new RegExp(`${file.split('/').at(-1)}: .+; look at the file`));
});

test('a row of the page lists a difference by file and rule, and no other', () => {
  const listed = listedDifferences('| `linstor/*` `GET /v1/files*` | an unknown path | … |\n| not `listed` | so |\n');
  const miss = (rule: string) => ({ step: '', rule, recorded: '', world: '' });
  expect(isListed('linstor/recordings/a.json', miss('GET /v1/files/{}'), listed)).toBe(true);
  expect(isListed('linstor/recordings/a.json', miss('PUT /v1/files/{}'), listed)).toBe(false);
  expect(isListed('csi/recordings/a.json', miss('GET /v1/files/{}'), listed)).toBe(false);
});

test('a number of 64 bits is read to its last bit', () => {
  expect(readJson('[-4611686018427386906, 20447233, 0.5]')).toEqual(['-4611686018427386906', 20_447_233, 0.5]);
});

test('the first difference has its place; absent and null are two things', () => {
  const same = (_key: string, value: unknown): unknown => value;
  expect(firstDifference({ a: [1, { b: null }] }, { a: [1, {}] }, same)).toEqual({
    path: '/a/1/b',
    recorded: 'null',
    world: 'absent',
  });
  expect(firstDifference({ a: 1, b: 2 }, { b: 2, a: 1 }, same)).toBeUndefined();
});
