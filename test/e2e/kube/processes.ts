import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const startLimitMs = 120_000;

/** Child processes that do not outlive their parent. */
export class Processes {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #flags = new Map<string, readonly string[]>();
  readonly #running = new Map<string, ChildProcess>();
  readonly #killAll = (): void => {
    for (const child of this.#running.values()) child.kill('SIGKILL');
  };

  constructor(binaries: string, folder: string) {
    this.#binaries = binaries;
    this.#folder = folder;
    mkdirSync(join(folder, 'logs'));
    process.on('exit', this.#killAll);
  }

  start(name: string, flags: readonly string[]): void {
    const log = openSync(join(this.#folder, 'logs', name), 'a');
    const child = spawn(join(this.#binaries, name), flags, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#flags.set(name, flags);
    this.#running.set(name, child);
  }

  /** Starts one again that was killed, as it was started before. */
  startAgain(name: string): void {
    this.start(name, this.#flags.get(name) ?? []);
  }

  /** Ends one at once, as `kill -9` does. Resolves when it has ended. */
  async kill(name: string): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined) throw new Error(`${name} does not run`);
    this.#running.delete(name);
    child.kill('SIGKILL');
    await ended(child);
  }

  /** Asks until it is so; throws with the end of the log when a process ended or time is up. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + startLimitMs;
    while (!(await isSo().catch(() => false))) {
      for (const [name, child] of this.#running) {
        if (child.exitCode !== null) throw new Error(`${name} ended:\n${this.#endOfLog(name)}`);
      }
      if (Date.now() > end) throw new Error(`Not in ${startLimitMs / 1000} s: ${what}`);
      await sleep(50);
    }
  }

  /** The state is thrown away, so nothing needs to end in order. */
  async stop(): Promise<void> {
    const ends = [...this.#running.values()].map((child) => ended(child));
    this.#killAll();
    await Promise.all(ends);
    process.off('exit', this.#killAll);
  }

  #endOfLog(name: string): string {
    return readFileSync(join(this.#folder, 'logs', name), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-5)
      .join('\n');
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
