import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Miss } from '../played.ts';
import { readRecording } from '../play-recordings.ts';

const recordings = join(import.meta.dirname, '../../recordings/drbd');
const model = '../../../src/drivers/sim/drbd';

/** A module of the model with one rule broken, by its file name. */
type Module = Record<string, (...args: never[]) => unknown>;
type Break = readonly [file: string, broken: (whole: Module) => Module];

/** What differs when a recording is played with one module of the model replaced. */
async function missesOf(recording: string, broken?: Break): Promise<readonly Miss[]> {
  vi.resetModules();
  if (broken !== undefined) {
    const [file, change] = broken;
    vi.doMock(`${model}/${file}.ts`, async (original) => {
      const whole = await original<Module>();
      return { ...whole, ...change(whole) };
    });
  }
  const { drbdPlayer } = await import('./player.ts');
  const around = { siblings: () => [], definitions: () => [] };
  return drbdPlayer.play(readRecording(join(recordings, `${recording}.json.gz`)), around).misses;
}

afterEach(() => {
  vi.doUnmock(`${model}/quorum.ts`);
  vi.doUnmock(`${model}/generation.ts`);
  vi.doUnmock(`${model}/io.ts`);
  vi.doUnmock(`${model}/handshake.ts`);
  vi.doUnmock(`${model}/roles.ts`);
  vi.doUnmock(`${model}/refused-connection.ts`);
  vi.doUnmock(`${model}/resync.ts`);
  vi.doUnmock(`${model}/verify.ts`);
  vi.resetModules();
});

describe('one rule of DRBD broken on purpose: a recording finds it, and names the step', () => {
  const rules: readonly (readonly [rule: string, recording: string, broken: Break, step: string])[] = [
    [
      'the tiebreaker keeps quorum',
      's08-2d-tb-in-b-site-a-lost-then-tb',
      [
        'quorum',
        ({ quorumOf }) => ({
          quorumOf: (...args) => {
            const verdict = quorumOf!(...args) as { readonly quorum: boolean; readonly byTiebreaker: boolean };
            return { ...verdict, quorum: verdict.quorum && !verdict.byTiebreaker };
          },
        }),
      ],
      '"A powered off, B and TB noticed"',
    ],
    [
      'the first I/O as Primary makes a new generation',
      's04a-cut-idle',
      ['generation', () => ({ makeDueGeneration: () => false })],
      's site-a: "A wrote 256 KiB during the cut"',
    ],
    [
      'a read is I/O',
      's06f-b-promoted-and-only-read',
      ['io', () => ({ readOnce: () => 'ok' })],
      's site-b: "B Primary, read 40 KiB"',
    ],
    [
      'a split brain ends in StandAlone',
      's05a-split-brain-disconnect',
      ['handshake', () => ({ decideHandshake: () => ({ kind: 'none', rule: 'broken', isLevel: false }) })],
      's site-',
    ],
    [
      'whom the Primary does not reach is Outdated',
      's19a-2d-tb-third-site-only-ab-cut',
      ['roles', () => ({ outdateFarAway: () => undefined })],
      's site-',
    ],
    [
      'a suspended Primary that meets newer data is demoted by force',
      's07d-2d-majority-cut-b-forced-piraeus',
      ['refused-connection', ({ giveUp }) => ({ refuseConnection: giveUp! })],
      's site-',
    ],
    [
      'a target takes its source’s generation over',
      's06a-b-promoted-without-write',
      ['resync', () => ({ finishResync: () => undefined })],
      's site-',
    ],
    [
      'a verify marks what differs',
      'recovery/r1c-verify-invalidate-no-reset-on-victim',
      ['verify', () => ({ verifyCommand: () => ({ exit: 0, text: '' }) })],
      's site-',
    ],
  ];

  test.each(rules)('%s: %s', async (_rule, recording, broken, step) => {
    expect(await missesOf(recording)).toEqual([]);
    const [first] = await missesOf(recording, broken);
    expect(first?.step).toContain(step);
    expect(first?.step).toMatch(/^\d+\.\d s /);
    expect(first?.recorded).not.toBe(first?.world);
  });
});
