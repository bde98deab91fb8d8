import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TextSink } from '../../src/cli/context.ts';
import type { ProcessContext } from '../../src/cli/process-context.ts';
import { runProgram } from '../../src/cli/program.ts';
import { openLiveDriver } from '../../src/drivers/real/live-driver.ts';
import type { Clock, Driver } from '../../src/runtime/ports.ts';

export interface CliRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  /** The folder given as PGCTL_HOME. */
  readonly folder?: string;
  /** Lines that standard input holds; then it ends. */
  readonly input?: readonly string[];
  readonly clock?: Clock;
  readonly terminal?: boolean;
  /** Instead of the live driver. */
  readonly driver?: Driver;
  readonly interrupted?: AbortSignal;
}

/** Runs pgctl in this process, with streams that are kept. */
export async function runCli(words: readonly string[], settings: CliSettings = {}): Promise<CliRun> {
  const process = processContext(settings);
  const exit = await runProgram(words, process);
  return { exit, stdout: process.stdout.text(), stderr: process.stderr.text() };
}

/** What the program sees of its process, with streams that are kept. */
export function processContext(settings: CliSettings = {}) {
  const lines = [...(settings.input ?? [])];
  return {
    stdout: sink(settings.terminal === true),
    stderr: sink(settings.terminal === true),
    stdin: { isTerminal: settings.terminal === true, readLine: async () => lines.shift() },
    clock: settings.clock ?? { now: () => 0, sleepUntil: async () => undefined },
    openDriver: async (access) =>
      settings.driver === undefined
        ? openLiveDriver(access)
        : { ...settings.driver, locateLinstor: async () => ({ kind: 'not-found', reasons: [] }) },
    environment: settings.folder === undefined ? {} : { PGCTL_HOME: settings.folder },
    identify: () => ({ user: 'tester', host: 'test-host', run: '1' }),
    colour: false,
    interrupted: settings.interrupted ?? new AbortController().signal,
    endsItself: () => undefined,
    homeFolder: '/nonexistent',
  } satisfies ProcessContext;
}

/** Runs with a fresh folder that is removed afterwards. */
export async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'pgctl-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sink(isTerminal: boolean): TextSink & { text(): string } {
  const parts: string[] = [];
  return { isTerminal, columns: 80, write: (text) => void parts.push(text), text: () => parts.join('') };
}
