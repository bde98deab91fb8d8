import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openTextSink, type OutputStream } from '../../src/cli/text-sink.ts';

/** A stream whose reader takes a text only when told to, or goes away. */
function heldBack() {
  const taken: string[] = [];
  let take: (error?: Error) => void = () => undefined;
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, written) => {
      take = (error) => {
        if (error === undefined) taken.push(text);
        written(error);
      };
    },
  });
  return { stream: stream as unknown as OutputStream, taken, take: (error?: Error) => take(error) };
}

describe('a sink over a stream of the process', () => {
  test('opens the stream when it is first needed', async () => {
    let opened = 0;
    const sink = openTextSink(() => {
      opened += 1;
      return heldBack().stream;
    });
    await sink.flushed();
    expect(opened).toBe(0);
    expect([sink.isTerminal, sink.columns, opened]).toEqual([false, 80, 1]);
  });

  test('is flushed when the reader has taken everything', async () => {
    const { stream, taken, take } = heldBack();
    const sink = openTextSink(() => stream);
    sink.write('one\n');
    let isFlushed = false;
    const flushed = (async () => {
      await sink.flushed();
      isFlushed = true;
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isFlushed).toBe(false);
    take();
    await new Promise((resolve) => setImmediate(resolve));
    take();
    await flushed;
    expect(taken.join('')).toBe('one\n');
  });

  test('is flushed when the reader has gone away', async () => {
    const { stream, take } = heldBack();
    const sink = openTextSink(() => stream);
    sink.write('one\n');
    const flushed = sink.flushed();
    take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await flushed;
  });
});
