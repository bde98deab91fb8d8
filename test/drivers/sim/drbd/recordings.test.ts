import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Recording } from './recording.ts';
import { RecordingPlayer } from './recording-player.ts';

/** Folder with the recordings of the real programs; without it there is nothing to compare with. */
const folder = join(process.env.LIKENESS_DATA ?? '', 'drbd');

describe.skipIf(!process.env.LIKENESS_DATA || !existsSync(folder))(
  'recordings of the real kernel module that the model explains whole',
  () => {
    test.each([
      's04a-cut-idle',
      's04b-cut-while-writing',
      's04c-cut-secondary-secondary',
      's05a-split-brain-disconnect',
      's05b-split-brain-retry-connect',
      's05c-split-brain-both-primary-disconnect',
      's05f-after-sb-0pri-discard-zero-changes',
      's06a-b-promoted-without-write',
      's06b-b-still-primary-without-write-disconnect',
      's06f-b-promoted-and-only-read',
      's07a-2d-majority-site-a-powered-off',
      's07b-2d-majority-cut-a-primary',
      's07c-2d-majority-cut-b-forced',
      's07d-2d-majority-cut-b-forced-piraeus',
      's07e-2d-majority-io-error',
      's07f-2d-majority-quorum-switched-off',
      's07i-2d-majority-write-after-cut-force-secondary',
      's07j-write-after-cut-io-error',
      's07k-write-after-cut-quorum-off',
      's08-2d-tb-in-b-site-a-lost-then-tb',
      's09a-2d-tb-in-a-site-a-lost',
      's10-2d-tb-in-a-site-planned-shutdown',
      's10b-2d-majority-planned-shutdown',
      's10c-2d-majority-planned-shutdown-then-reboot',
      's12a-primary-crash-idle',
      's12d-secondary-crash',
      's12e-both-crash',
      's14a-graceful-disconnect-quorum-off',
      's14b-graceful-disconnect-majority',
      's14c-graceful-disconnect-fencing-resource-only',
      's17-allow-two-primaries',
    ])('%s', (name) => {
      const recording = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Recording;
      expect(new RecordingPlayer(recording).play()).toEqual([]);
    });
  },
);
