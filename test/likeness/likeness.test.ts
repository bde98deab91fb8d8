import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DrbdKernel } from '../../src/drivers/sim/drbd/kernel.ts';
import { drbdPlayer } from './drbd/player.ts';
import { readRecording, recordingsIn } from './play-recordings.ts';

const root = join(import.meta.dirname, '../..');
const recordings = join(root, 'test/recordings');

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
