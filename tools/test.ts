// Runs the checks and test suites: `node tools/test.ts [--suite NAME]… [VITEST ARGUMENT…]`.
//
// Without --suite: what every change must pass (types, lint, format and the fast tests). `--suite slow` runs the slow suites,
// one per folder of test/e2e but for those that run only by their name, `--suite all` both; `--suite NAME` runs one of them.
// Several slow suites run side by side, and what each of them prints comes when it has ended. The last line counts over all
// that ran.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

type Output = 'show' | 'collect';

const checks: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['types', ['tsc', '-p', '.']],
  ['lint', ['oxlint', '--deny-warnings', 'src', 'test', 'tools', 'bench']],
  ['format', ['biome', 'format']],
];
const slowSuites = readdirSync(join(import.meta.dirname, '..', 'test', 'e2e'));
/** Suites that run only when they are named: what they show takes more time than each change has. */
const onlyByName: ReadonlySet<string> = new Set(['disasters']);
/** Suites that compute all the time: beside the others, with what those leave of the processors. */
const computing: ReadonlySet<string> = new Set(['drills']);
/** Suites against programs that run in real time: two of their files at once hardly disturb each other. */
const mostlyWaiting: ReadonlySet<string> = new Set(['lab', 'controllers', 'kube']);
/** The longest begin. API servers answer within seconds in `lab`, so the six real ones of `kube` come when it is about to end. */
const begins: readonly string[] = ['lab', 'controllers'];
const comesLast = 'kube';

await main();

async function main(): Promise<void> {
  const { suites, rest } = parse(process.argv.slice(2));
  const everything = suites.includes('all');
  const unknown = suites.filter((name) => name !== 'all' && name !== 'slow' && !slowSuites.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`No suite ${unknown.join(', ')} in test/e2e; there are: ${slowSuites.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const tallies: Tally[] = [];
  if (everything || suites.length === 0) {
    tallies.push(...(await Promise.all(checks.map(([name, command]) => runCheck(name, command)))));
    tallies.push(await runSuite('fast', rest, 'show'));
  }
  const withEach = slowSuites.filter((name) => !onlyByName.has(name));
  const slow = everything || suites.includes('slow') ? withEach : suites;
  if (slow.length === 1) tallies.push(await runSuite(slow[0] ?? '', rest, 'show'));
  else tallies.push(...(await runSideBySide(slow, rest)));
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
}

function parse(args: readonly string[]): { suites: readonly string[]; rest: readonly string[] } {
  const suites: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    if (argument === '--suite') suites.push(args[++index] ?? '');
    else rest.push(argument);
  }
  return { suites, rest };
}

/** A check counts as one; its output is shown when it fails. */
async function runCheck(name: string, command: readonly string[]): Promise<Tally> {
  const { status, output } = await run(command, 'collect');
  process.stdout.write(status === 0 ? `✓ ${name}\n` : `✗ ${name}: ${command.join(' ')}\n${output}\n`);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Three at a time: two suites that wait for what happens in real time, and one that computes meanwhile. */
async function runSideBySide(suites: readonly string[], rest: readonly string[]): Promise<readonly Tally[]> {
  const isComputing = (name: string): boolean => computing.has(name);
  const background = suites.filter(isComputing);
  const others = suites.filter((name) => !isComputing(name));
  const place = (name: string): number => (begins.includes(name) ? 0 : name === comesLast ? 2 : 1);
  const foreground = others.toSorted((a, b) => place(a) - place(b));
  const tallies: Tally[] = [];
  // Who shares an iterator takes the next suite that nobody has taken.
  const lane = async (names: Iterable<string>): Promise<void> => {
    for (const name of names) tallies.push(await runAndTell(name, rest));
  };
  const shared = foreground.values();
  await Promise.all([lane(background), lane(shared), lane(shared)]);
  return tallies;
}

async function runAndTell(name: string, rest: readonly string[]): Promise<Tally> {
  process.stdout.write(`▶ ${name}\n`);
  const began = performance.now();
  const tally = await runSuite(name, rest, 'collect');
  const seconds = Math.round((performance.now() - began) / 1_000);
  const mark = tally.failed === 0 ? '✓' : '✗';
  process.stdout.write(`${mark} ${name}: ${tally.passed} passed, ${tally.failed} failed in ${seconds} s\n`);
  return tally;
}

async function runSuite(name: string, rest: readonly string[], output: Output): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'site-recovery-tests-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = ['vitest', 'run', '--project', name, ...workers(name), ...reporters, ...rest];
    const isBackground = output === 'collect' && computing.has(name);
    const told = await run(isBackground ? ['nice', '-n', '19', ...vitest] : vitest, output);
    process.stdout.write(told.output);
    return tallyOf(report, told.status);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How many files of a suite run at once, where Vitest's own choice (all processors but one) is not the best. */
function workers(name: string): readonly string[] {
  if (name === 'fast') return [`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`];
  return mostlyWaiting.has(name) ? ['--maxWorkers=2'] : [];
}

/** Counts tests; a file that does not load, or an error outside any test, counts as one failure. */
function tallyOf(report: string, status: number): Tally {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const failed = numFailedTests ?? 0;
    return { passed: numPassedTests ?? 0, failed: status !== 0 && failed === 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function run(
  [command = '', ...args]: readonly string[],
  output: Output,
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const told = output === 'show' ? 'inherit' : 'pipe';
    const child = spawn(command, args, { stdio: ['ignore', told, told] });
    let text = '';
    const collect = (chunk: string): void => {
      text += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output: text }));
  });
}
