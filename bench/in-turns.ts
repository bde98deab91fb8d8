import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './measurement.ts';

export const root = join(import.meta.dirname, '..');
const rounds = 15;

/** The real kubectl to compare with: the pinned one where it is built or can be, else the one in PATH; with its version. */
export function findKubectl(): { readonly path: string; readonly version: string } {
  const built = spawnSync('sh', [join(root, 'tools', 'kubectl', 'build.sh')], { encoding: 'utf8' });
  const path = built.status === 0 ? built.stdout.trim() : 'kubectl';
  const { status, stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('There is no kubectl to compare with: install it, or Go to build it');
  const { clientVersion } = JSON.parse(stdout) as { readonly clientVersion: { readonly gitVersion: string } };
  return { path, version: clientVersion.gitVersion };
}

/** Median wall time of each command in milliseconds, run in turns so that a busy machine slows all of them alike. */
export function inTurns<Name extends string>(
  commands: Readonly<Record<Name, readonly string[]>>,
): Record<Name, number> {
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

/** Runs a command to its end; throws with what it said when it fails. */
export function run([command = '', ...args]: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} could not be started`, { cause: error });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}: ${stderr}`);
}
