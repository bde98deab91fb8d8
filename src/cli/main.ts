#!/usr/bin/env node
import { homedir, hostname, userInfo } from 'node:os';
import { systemClock } from '../drivers/real/system-clock.ts';
import { type ProcessContext, runProgram } from './program.ts';
import { openTextSource } from './text-source.ts';

/** The only place of pgctl that knows the real process: its words, environment, streams, signals and exit code. */
async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second one ends the program at once; what it was doing is in the journal.
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort();
    });
  }
  // A reader that goes away, such as `| head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const stdin = openTextSource(process.stdin, interrupted.signal);
  const context: ProcessContext = {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin,
    clock: systemClock,
    openDriver: async (settings) => (await import('../drivers/real/live-driver.ts')).openLiveDriver(settings),
    environment: process.env,
    identity: { user: userName(), host: hostname(), run: `${process.pid}-${Date.now().toString(36)}` },
    colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    interrupted: interrupted.signal,
    homeFolder: homedir(),
  };
  process.exitCode = await runProgram(process.argv.slice(2), context);
  stdin.close();
}

function sinkOf(stream: NodeJS.WriteStream): ProcessContext['stdout'] {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    // A terminal that does not tell its width says 0.
    columns: stream.columns || 80,
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

await main();
