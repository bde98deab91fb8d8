import type { TextSink } from './context.ts';

/** What a sink needs of standard output or standard error. */
export interface OutputStream {
  readonly isTTY?: boolean;
  /** A terminal that does not tell its width says 0. */
  readonly columns?: number;
  readonly writableLength: number;
  write(text: string, written?: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** A sink that can tell when all of its text has left the process. */
export interface OpenTextSink extends TextSink {
  /** Resolves when nothing is left to write, also because nobody reads any more. */
  flushed(): Promise<void>;
}

/** Writes to a stream that is opened when it is first needed: most commands never touch standard error. */
export function openTextSink(open: () => OutputStream): OpenTextSink {
  let opened: OutputStream | undefined;
  const stream = (): OutputStream => {
    if (opened !== undefined) return opened;
    opened = open();
    // A reader that goes away, such as `| head`, is no reason to stop: what is under way is brought to its end.
    opened.on('error', () => undefined);
    return opened;
  };
  return {
    write: (text) => void stream().write(text),
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns || 80;
    },
    flushed: async () => {
      const written = opened;
      if (written === undefined || written.writableLength === 0) return;
      // The call is also made for a text that cannot be written.
      await new Promise<void>((resolve) => written.write('', resolve));
    },
  };
}
