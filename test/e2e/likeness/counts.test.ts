import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withCounts } from '../../likeness/counts.ts';
import { definitionsOf } from '../../likeness/kubevirt/definitions.ts';
import { listedDifferences } from '../../likeness/listed-differences.ts';
import { playRecordings } from '../../likeness/play-recordings.ts';

const root = join(import.meta.dirname, '../../..');
/** Folder with what is not ours to carry: KubeVirt's CustomResourceDefinitions. */
const foreign = process.env.LIKENESS_DATA ?? '';

if (foreign === '' && process.env.CI !== undefined) {
  test('LIKENESS_DATA names the folder with KubeVirt’s definitions', () => {
    expect.fail('it is not set: export it, so that the admission recording is played with the real definitions');
  });
}

describe.skipIf(foreign === '')('every recording, with KubeVirt’s own definitions (LIKENESS_DATA)', () => {
  const page = readFileSync(join(root, 'docs/fidelity.md'), 'utf8');
  const reports = playRecordings(join(root, 'test/recordings'), listedDifferences(page), definitionsOf(foreign));

  test('is explained as far as docs/fidelity.md says: `npm run likeness -- --write` when it has become more', () => {
    expect(withCounts(page, reports)).toBe(page);
  });

  test('differs in nothing that docs/fidelity.md does not list', () => {
    expect(reports.filter(({ firstMiss, listed }) => firstMiss !== null && !listed)).toEqual([]);
  });
});
