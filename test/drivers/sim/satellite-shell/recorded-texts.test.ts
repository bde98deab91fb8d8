import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generationLegend } from '../../../../src/drivers/sim/satellite-shell/generation-text.ts';
import { readRecording } from '../../../likeness/play-recordings.ts';

const recordings = join(import.meta.dirname, '../../../recordings/drbd');

describe('what the programs print for people is what was recorded', () => {
  test('show-gi: a generation with its legend', () => {
    const { steps } = readRecording(join(recordings, showGi)) as unknown as Recorded;
    const { stdout } = steps.find(({ command }) => command.startsWith('drbdsetup show-gi'))!;
    expect(generationLegend(/^\w{16}:.*$/m.exec(stdout)![0])).toBe(stdout);
  });
});

interface Recorded {
  readonly steps: readonly { readonly command: string; readonly stdout: string }[];
}
const showGi = 's01-initial-autopromote.json.gz';
