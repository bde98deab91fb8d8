import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Scene } from '../machines/scene.ts';
import { FailoverScript } from './failover-script.ts';
import { GroupScript } from './group-script.ts';
import { LockScript } from './lock-script.ts';
import { RecoveryScript } from './recovery-script.ts';
import { replay, type Script } from './transcript.ts';

/** Each folder of transcripts is of one machine. `UPDATE_TRANSCRIPTS=1` writes what the machines do now. */
const machines: Readonly<Record<string, (scene: Scene) => Script>> = {
  failover: (scene) => new FailoverScript(scene),
  recovery: (scene) => new RecoveryScript(scene),
  'protection-group': (scene) => new GroupScript(scene),
  'drbd-lock': (scene) => new LockScript(scene),
};

for (const [machine, open] of Object.entries(machines)) {
  const folder = join(import.meta.dirname, machine);
  describe(`the ${machine} machine keeps to its transcript`, () => {
    test.each(readdirSync(folder).toSorted())('%s', (file) => {
      const path = join(folder, file);
      const stored = readFileSync(path, 'utf8');
      const replayed = replay(stored, open);
      if (process.env.UPDATE_TRANSCRIPTS === '1') writeFileSync(path, replayed);
      else expect(replayed, `${file} has changed; see the diff, then UPDATE_TRANSCRIPTS=1`).toBe(stored);
    });
  });
}
