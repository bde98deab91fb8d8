import type { Instant } from '../model/instant.ts';
import type { CommandContext } from './context.ts';

/** The moving last line of a terminal: what is going on, and for how long. It writes nothing where no terminal is. */
export interface LiveLine {
  /** Says what goes on, and what it waits for; the seconds count from the first time that this went on. */
  show(doing: string, detail?: string): void;
  /** Prints lines above the moving line. */
  print(lines: readonly string[]): void;
  /** Takes the moving line away; it may be shown again. */
  end(): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameTime = 100;
const clearLine = '\r\u001B[2K';

/** A moving line on stderr; `printStaying` takes the lines that stay. */
export function openLiveLine(
  { stderr, clock }: Pick<CommandContext, 'stderr' | 'clock'>,
  printStaying: (lines: readonly string[]) => void,
): LiveLine {
  if (!stderr.isTerminal) return { show: () => undefined, print: printStaying, end: () => undefined };
  let shown: { readonly doing: string; readonly detail: string | undefined; readonly since: Instant } | undefined;
  let ticking: AbortController | undefined;
  let frame = 0;
  const draw = (): void => {
    if (shown === undefined) return;
    const seconds = Math.floor((clock.now() - shown.since) / 1000);
    const detail = shown.detail === undefined ? '' : `: ${shown.detail}`;
    const line = `${frames[frame % frames.length]} ${shown.doing} (${seconds}s)${detail}`;
    // A line that wraps could not be taken away again.
    stderr.write(`${clearLine}${line.slice(0, Math.max(20, stderr.columns - 1))}`);
  };
  const tick = async (stopped: AbortSignal): Promise<void> => {
    while (!stopped.aborted) {
      await clock.sleepUntil(clock.now() + frameTime, stopped);
      if (stopped.aborted) return;
      frame += 1;
      draw();
    }
  };
  return {
    show: (doing, detail) => {
      shown = { doing, detail, since: shown?.doing === doing ? shown.since : clock.now() };
      draw();
      if (ticking !== undefined) return;
      ticking = new AbortController();
      void tick(ticking.signal);
    },
    print: (lines) => {
      if (lines.length === 0) return;
      if (shown !== undefined) stderr.write(clearLine);
      printStaying(lines);
      draw();
    },
    end: () => {
      ticking?.abort();
      ticking = undefined;
      if (shown !== undefined) stderr.write(clearLine);
      shown = undefined;
    },
  };
}
