import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GuestRegistry } from '../../../src/drivers/sim/guests.ts';
import { kubevirtDefinitions } from '../../../src/drivers/sim/kubevirt-admission/kubevirt-definitions.ts';
import type { Json } from '../../../src/model/json.ts';
import { isListed, listedDifferences } from '../listed-differences.ts';
import type { Miss } from '../played.ts';
import { readRecording, recordingsIn } from '../play-recordings.ts';

const root = join(import.meta.dirname, '../../..');
const recordings = join(root, 'test/recordings');
const listed = listedDifferences(readFileSync(join(root, 'docs/fidelity.md'), 'utf8'));
const files = recordingsIn(recordings).filter(({ name }) => name.startsWith('kubevirt/'));

function missesOf(name: string, change = (recording: Json): Json => recording): readonly Miss[] {
  const { path, player } = files.find((each) => each.name === name)!;
  const around = { siblings: () => [], definitions: kubevirtDefinitions };
  return player.play(change(readRecording(join(recordings, path))), around).misses;
}

describe('KubeVirt as it was recorded', () => {
  test.each(files)('$name is explained, but for what docs/fidelity.md lists', ({ name }) => {
    expect(missesOf(name).filter((miss) => !isListed(name, miss, listed))).toEqual([]);
  });
});

describe('a life cycle that the world does not explain', () => {
  const name = 'kubevirt/traces/start_stop_runstrategy_grace180.json';
  const rewritten = (from: string, to: string) =>
    missesOf(name, (recording) => JSON.parse(JSON.stringify(recording).replaceAll(from, to)) as Json);

  test('names the first status that was another one', () => {
    expect(rewritten('"Stopping"', '"Paused"')[0]).toMatchObject({
      step: 'vm/vm1: Stopped > Starting > Running > Paused',
      rule: 'vm printableStatus',
      recorded: 'Paused',
    });
  });

  test('names each value of a condition that was not there, and no other', () => {
    expect(rewritten('False:GuestNotRunning', 'False:Elsewhere').map(({ rule }) => rule)).toEqual([
      'vm Ready False:Elsewhere',
      'vmi Ready False:Elsewhere',
    ]);
  });

  test('names a step that nobody here can do', () => {
    expect(
      rewritten('"user","action":"create VirtualMachine', '"user","action":"sing VirtualMachine')[0],
    ).toMatchObject({
      step: expect.stringContaining('sing VirtualMachine vm1') as string,
      world: 'the player has no such step',
    });
  });

  test('fails when a rule of the world is broken', () => {
    const shutdown = GuestRegistry.prototype.signalShutdown;
    GuestRegistry.prototype.signalShutdown = () => undefined;
    try {
      expect(missesOf(name)[0]).toMatchObject({ rule: 'vmi phase', recorded: 'Succeeded (deletionTimestamp)' });
    } finally {
      GuestRegistry.prototype.signalShutdown = shutdown;
    }
  });
});
