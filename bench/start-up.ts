import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKubectl, inTurns, keepCompiledIn, root, run } from './in-turns.ts';
import type { Bench } from './measurement.ts';

/** Start of pgctl beside kubectl. */
export const startUp: Bench = {
  name: 'start-up',
  measure: async () => {
    const kubectl = findKubectl();
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-bench-'));
    keepCompiledIn(folder);
    try {
      const times = inTurns({
        kubectl: [kubectl.path, '--help'],
        sources: [join(root, 'bin', 'pgctl'), '--help'],
        bundle: [installBundle(folder), '--help'],
        node: [process.execPath, '-e', '0'],
      });
      const { kubectl: theirs, bundle, sources } = times;
      const goal = { atMost: 1 };
      const ofProcessor = bundle.processor / theirs.processor;
      return [
        { name: 'pgctl --help, installed, to kubectl --help', value: bundle.wall / theirs.wall, unit: 'ratio', goal },
        { name: 'pgctl --help, installed, to kubectl --help, processor time', value: ofProcessor, unit: 'ratio' },
        {
          name: 'pgctl --help, from a checkout, to kubectl --help',
          value: sources.wall / theirs.wall,
          unit: 'ratio',
          goal,
        },
        { name: 'pgctl --help, installed', value: bundle.wall, unit: 'ms' },
        { name: 'pgctl --help, from a checkout', value: sources.wall, unit: 'ms' },
        { name: `kubectl ${kubectl.version} --help`, value: theirs.wall, unit: 'ms' },
        { name: 'an empty Node script', value: times.node.wall, unit: 'ms' },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Lays the bundle out as an installed package has it, without sources; answers the path of its pgctl. */
export function installBundle(folder: string): string {
  run([process.execPath, join(root, 'tools', 'build.ts')]);
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'bin', 'pgctl');
}
