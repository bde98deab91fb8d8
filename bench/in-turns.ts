import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './measurement.ts';

export const root = join(import.meta.dirname, '..');
const rounds = 41;

/** The real kubectl to compare with: the pinned one where it is built or can be, else the one in PATH; with its version. */
export function findKubectl(): { readonly path: string; readonly version: string } {
  const built = spawnSync('sh', [join(root, 'tools', 'kubectl', 'build.sh')], { encoding: 'utf8' });
  const path = built.status === 0 ? built.stdout.trim() : 'kubectl';
  const { status, stdout } = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('There is no kubectl to compare with: install it, or Go to build it');
  const { clientVersion } = JSON.parse(stdout) as { readonly clientVersion: { readonly gitVersion: string } };
  return { path, version: clientVersion.gitVersion };
}

/** Another pgctl of this user that runs meanwhile keeps its compiled code elsewhere. */
export function keepCompiledIn(folder: string): void {
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
}

/** What a command took, in milliseconds: on the clock, and of processors. */
export interface Spent {
  readonly wall: number;
  /** Its own only: neither what a server does for it nor what else the machine does is in it. */
  readonly processor: number;
}

/** Median of what each command took, run in turns so that a busy machine slows all of them alike. */
export function inTurns<Name extends string>(commands: Readonly<Record<Name, readonly string[]>>): Record<Name, Spent> {
  const names = Object.keys(commands) as Name[];
  const spent = Object.fromEntries(names.map((name) => [name, [] as Spent[]])) as Record<Name, Spent[]>;
  for (const name of names) run(commands[name]);
  for (let round = 0; round < rounds; round++) {
    for (const name of names) spent[name].push(timed(commands[name]));
  }
  const medians = names.map((name) => {
    const wall = median(spent[name].map((one) => one.wall));
    return [name, { wall, processor: median(spent[name].map((one) => one.processor)) }] as const;
  });
  return Object.fromEntries(medians) as Record<Name, Spent>;
}

/** Node does not tell what its children took; bash does: of processors in milliseconds, on the clock in microseconds. */
function timed(command: readonly string[]): Spent {
  const script = 'TIMEFORMAT="%3U %3S"; begin=$EPOCHREALTIME; time "$@"; echo "$begin $EPOCHREALTIME" >&2';
  const [processors = '', clock = ''] = run(['bash', '-c', script, 'bash', ...command])
    .trimEnd()
    .split('\n')
    .slice(-2);
  const [user = 0, system = 0] = processors.split(' ').map(Number);
  const [begin = 0, end = 0] = clock.split(' ').map(Number);
  return { wall: 1000 * (end - begin), processor: 1000 * (user + system) };
}

/** Runs a command to its end and answers what it said on stderr; throws with that when it fails. */
export function run([command = '', ...args]: readonly string[]): string {
  const { status, error, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} could not be started`, { cause: error });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${status}: ${stderr}`);
  return stderr;
}
