import type { Instant } from '../model/instant.ts';
import type { CommandContext } from './context.ts';

/** The moving last line of a terminal: what is going on, and for how long. It writes nothing where no terminal is. */
export interface LiveLine {
  /** Says what goes on; the seconds count from the last time that the text was another one. */
  show(text: string): void;
  /** Prints lines above the moving line. */
  print(lines: readonly string[]): void;
  /** Takes the moving line away. */
  end(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const clearLine = '\r\u001B[2K';

/** A moving line on stderr; `print` gives the lines that stay, each with its line end, to the caller's stream. */
export function openLiveLine(context: CommandContext, printStaying: (lines: readonly string[]) => void): LiveLine {
  const { stderr, clock } = context;
  if (!stderr.isTerminal) return { show: () => undefined, print: printStaying, end: () => undefined };
  let text: string | undefined;
  let since: Instant = clock.now();
  let frame = 0;
  const draw = (): void => {
    if (text === undefined) return;
    const seconds = Math.floor((clock.now() - since) / 1000);
    const line = `${frames[frame % frames.length]} ${text} (${seconds}s)`;
    // A line that wraps could not be taken away again.
    stderr.write(`${clearLine}${line.slice(0, Math.max(10, stderr.columns - 1))}`);
  };
  const ticking = new AbortController();
  void tick(context, ticking.signal, () => {
    frame += 1;
    draw();
  });
  return {
    show: (next) => {
      if (next.split(':')[0] !== text?.split(':')[0]) since = clock.now();
      text = next;
      draw();
    },
    print: (lines) => {
      if (lines.length === 0) return;
      if (text !== undefined) stderr.write(clearLine);
      printStaying(lines);
      draw();
    },
    end: () => {
      ticking.abort();
      if (text !== undefined) stderr.write(clearLine);
      text = undefined;
    },
  };
}

async function tick(context: CommandContext, stopped: AbortSignal, draw: () => void): Promise<void> {
  while (!stopped.aborted) {
    await context.clock.sleepUntil(context.clock.now() + 100, stopped);
    if (!stopped.aborted) draw();
  }
}
