// Runs the checks and test suites: `node tools/test.ts [--suite NAME]… [VITEST ARGUMENT…]`.
//
// Without --suite: what every change must pass (types, lint, format and the fast tests). `--suite slow` runs the slow
// suites, one per folder of test/e2e but for those that run only by their name, `--suite all` both; `--suite NAME` runs one of them. The last line counts over all that ran.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const checks: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['types', ['tsc', '-p', '.']],
  ['lint', ['oxlint', '--deny-warnings', 'src', 'test', 'tools', 'bench']],
  ['format', ['biome', 'format']],
];
const slowSuites = readdirSync(join(import.meta.dirname, '..', 'test', 'e2e'));
/** Suites that run only when they are named: what they show takes more time than each change has. */
const onlyByName: ReadonlySet<string> = new Set(['disasters']);
/** Suites against programs that run in real time: two of their files at once hardly disturb each other. */
const mostlyWaiting: ReadonlySet<string> = new Set(['lab', 'controllers']);

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
    tallies.push(await runSuite('fast', rest));
  }
  const withEach = slowSuites.filter((name) => !onlyByName.has(name));
  for (const name of everything || suites.includes('slow') ? withEach : suites)
    tallies.push(await runSuite(name, rest));
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

async function runSuite(name: string, rest: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'site-recovery-tests-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const workers = mostlyWaiting.has(name) ? ['--maxWorkers=2'] : [];
    const { status } = await run(['vitest', 'run', '--project', name, ...workers, ...reporters, ...rest], 'show');
    return tallyOf(report, status);
  } finally {
    rmSync(folder, { recursive: true });
  }
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
  output: 'show' | 'collect',
): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', ...(output === 'show' ? (['inherit', 'inherit'] as const) : (['pipe', 'pipe'] as const))],
    });
    let text = '';
    const collect = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output: text }));
  });
}
