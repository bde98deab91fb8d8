import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DrbdKernel } from '../../src/drivers/sim/drbd/kernel.ts';
import { withCounts } from './counts.ts';
import { drbdPlayer } from './drbd/player.ts';
import { definitionsOf } from './kubevirt/definitions.ts';
import { listedDifferences } from './listed-differences.ts';
import { playRecordings, readRecording, recordingsIn } from './play-recordings.ts';

const root = join(import.meta.dirname, '../..');
const recordings = join(root, 'test/recordings');
const page = readFileSync(join(root, 'docs/fidelity.md'), 'utf8');
/** Folder with what is not ours to carry: KubeVirt's CustomResourceDefinitions. */
const foreign = process.env.LIKENESS_DATA ?? '';

if (foreign === '' && process.env.CI !== undefined) {
  test('LIKENESS_DATA names the folder with KubeVirt’s definitions', () => {
    expect.fail('it is not set: export it, so that the admission recording is played with the real definitions');
  });
}

describe.skipIf(foreign === '')('what the world explains, with KubeVirt’s own definitions (LIKENESS_DATA)', () => {
  test('is what docs/fidelity.md says: run `npm run likeness -- --write` when it has become more', {
    timeout: 120_000,
  }, () => {
    const reports = playRecordings(recordings, listedDifferences(page), definitionsOf(foreign));
    expect(withCounts(page, reports)).toBe(page);
  });
});

describe('a DRBD recording', () => {
  const file = recordingsIn(recordings).find(({ path }) => path.includes('majority-cut-b-forced'))!;
  const play = () =>
    drbdPlayer.play(readRecording(join(recordings, file.path)), { siblings: () => [], definitions: () => [] });

  test('is explained whole', () => {
    expect(play().misses).toEqual([]);
  });

  test('is not, once a rule is broken: the first difference names the step', () => {
    const demote = DrbdKernel.prototype.promote;
    DrbdKernel.prototype.promote = () => ({ exit: 0, text: '' });
    try {
      expect(play().misses[0]?.step).toMatch(/^\d+\.\d s \S+: /);
    } finally {
      DrbdKernel.prototype.promote = demote;
    }
  });
});
