import type { TextSource } from './context.ts';

/** What a line reader needs of standard input. */
export type InputStream = AsyncIterable<Buffer | string> & {
  readonly isTTY?: boolean;
  destroy(): unknown;
};

/**
 * Reads lines from a stream, only when one is asked for: a command that asks nothing does not even open standard input.
 * An interruption ends the waiting as the end of the input does.
 */
export function openTextSource(open: () => InputStream, interrupted: AbortSignal): TextSource & { close(): void } {
  let chunks: AsyncIterator<Buffer | string> | undefined;
  let pending: Promise<IteratorResult<Buffer | string>> | undefined;
  let buffered = '';
  const nextChunk = async (): Promise<string | undefined> => {
    chunks ??= open()[Symbol.asyncIterator]();
    // Only an interruption while waiting ends it: after one, questions may be asked about what is to become of the work.
    const ended = new Promise<undefined>((resolve) => {
      interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    pending ??= chunks.next();
    const result = await Promise.race([pending, ended]);
    if (result !== undefined) pending = undefined;
    return result === undefined || result.done === true ? undefined : String(result.value);
  };
  return {
    get isTerminal() {
      return open().isTTY === true;
    },
    readLine: async () => {
      while (!buffered.includes('\n')) {
        const chunk = await nextChunk();
        if (chunk === undefined) break;
        buffered += chunk;
      }
      if (buffered === '') return undefined;
      const end = buffered.indexOf('\n');
      const line = end < 0 ? buffered : buffered.slice(0, end);
      buffered = end < 0 ? '' : buffered.slice(end + 1);
      return line.replace(/\r$/, '');
    },
    close: () => {
      if (chunks !== undefined) open().destroy();
    },
  };
}
