import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, type Measurement, median } from './measurement.ts';

const root = join(import.meta.dirname, '..');
const rounds = 15;

/** Start of pgctl beside kubectl, in turns: the ratio holds on a busy machine too. */
export const startUp: Bench = {
  name: 'start-up',
  measure: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-bench-'));
    try {
      const commands = {
        kubectl: ['kubectl', '--help'],
        sources: [join(root, 'bin', 'pgctl'), '--help'],
        bundle: [installBundle(folder), '--help'],
        node: [process.execPath, '-e', '0'],
      };
      return ratios(inTurns(commands));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Lays the bundle out as an installed package has it, without sources; answers the path of its pgctl. */
function installBundle(folder: string): string {
  if (!existsSync(join(root, 'dist'))) run(['npm', 'run', '--silent', 'build']);
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'bin', 'pgctl');
}

function inTurns<Name extends string>(commands: Record<Name, string[]>): Record<Name, number> {
  const names = Object.keys(commands) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (const name of names) run(commands[name]);
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      run(commands[name]);
      times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}

function run([command = '', ...args]: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} could not be started`, { cause: error });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}: ${stderr}`);
}

function ratios(times: Record<'kubectl' | 'sources' | 'bundle' | 'node', number>): Measurement[] {
  return [
    {
      name: 'pgctl --help, installed, to kubectl --help',
      value: times.bundle / times.kubectl,
      unit: 'ratio',
      goal: { atMost: 1 },
    },
    {
      name: 'pgctl --help, from a checkout, to kubectl --help',
      value: times.sources / times.kubectl,
      unit: 'ratio',
      goal: { atMost: 1 },
    },
    { name: 'pgctl --help, installed', value: times.bundle, unit: 'ms' },
    { name: 'pgctl --help, from a checkout', value: times.sources, unit: 'ms' },
    { name: 'kubectl --help', value: times.kubectl, unit: 'ms' },
    { name: 'an empty Node script', value: times.node, unit: 'ms' },
  ];
}
