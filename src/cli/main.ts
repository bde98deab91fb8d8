import { homedir, hostname, userInfo } from 'node:os';
import { systemClock } from '../drivers/real/system-clock.ts';
import type { ProcessContext } from './process-context.ts';
import { runProgram } from './program.ts';
import { openTextSink } from './text-sink.ts';
import { openTextSource } from './text-source.ts';

/** The only place of pgctl that knows the real process: its words, environment, streams, signals and exit code. */
async function main(): Promise<void> {
  const interruption = listenForInterruption();
  const stdout = openTextSink(() => process.stdout);
  const stderr = openTextSink(() => process.stderr);
  const stdin = openTextSource(() => process.stdin, interruption.signal);
  const run = `${process.pid}-${Date.now().toString(36)}`;
  const context: ProcessContext = {
    stdout,
    stderr,
    stdin,
    clock: systemClock,
    openDriver: async (settings) => (await import('../drivers/real/live-driver.ts')).openLiveDriver(settings),
    environment: process.env,
    identify: () => ({ user: userName(), host: hostname(), run }),
    colour: (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    interrupted: interruption.signal,
    endsItself: interruption.leave,
    homeFolder: homedir(),
  };
  process.exitCode = await runProgram(process.argv.slice(2), context);
  stdin.close();
  await Promise.all([stdout.flushed(), stderr.flushed()]);
  // At once, without taking down what ends with the process anyway: a millisecond of a `get`.
  process.exit();
}

// Time to decline an open question, and to take a half-drawn line away.
const graceTime = 300;
const interruptedExit = 130;

/** Ctrl-C and a request to end: the first one aborts the signal, the second one ends the program wherever it is. */
function listenForInterruption(): { readonly signal: AbortSignal; readonly leave: () => void } {
  const interruption = new AbortController();
  let isLeftToCommand = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(interruptedExit);
      interruption.abort();
      if (!isLeftToCommand) setTimeout(() => process.exit(interruptedExit), graceTime).unref();
    });
  }
  return {
    signal: interruption.signal,
    leave: () => {
      isLeftToCommand = true;
    },
  };
}

/** A user without an entry in the user database, as in a container, has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

void main();
