import { homedir, hostname, userInfo } from 'node:os';
import { systemClock } from '../drivers/real/system-clock.ts';
import { type ProcessContext, runProgram } from './program.ts';
import { openTextSource } from './text-source.ts';

/** The only place of pgctl that knows the real process: its words, environment, streams, signals and exit code. */
async function main(): Promise<void> {
  const interruption = listenForInterruption();
  // A reader that goes away, such as `| head`, is no reason to stop: what is under way is brought to its end.
  process.stdout.on('error', () => undefined);
  const stdin = openTextSource(() => process.stdin, interruption.signal);
  const context: ProcessContext = {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    stdin,
    clock: systemClock,
    openDriver: async (settings) => (await import('../drivers/real/live-driver.ts')).openLiveDriver(settings),
    environment: process.env,
    identity: { user: userName(), host: hostname(), run: `${process.pid}-${Date.now().toString(36)}` },
    colour: (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    interrupted: interruption.signal,
    endsItself: interruption.leave,
    homeFolder: homedir(),
  };
  process.exitCode = await runProgram(process.argv.slice(2), context);
  stdin.close();
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

void main();
