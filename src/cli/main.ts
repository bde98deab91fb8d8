#!/usr/bin/env node
import { homedir } from 'node:os';
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
    environment: process.env,
    colour: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    interrupted: interrupted.signal,
    homeFolder: homedir(),
  };
  process.exitCode = await runProgram(process.argv.slice(2), context);
  stdin.close();
}

function sinkOf(stream: NodeJS.WriteStream): ProcessContext['stdout'] {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}

await main();
