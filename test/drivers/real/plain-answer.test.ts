import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readPlainAnswer } from '../../../src/drivers/real/plain-answer.ts';

const body = fc.stringMatching(/^[ -~\r\nä€]{0,40}$/).map((text) => Buffer.from(text));
const lengthGiven = body.map((bytes) => Buffer.from(`content-length: ${bytes.length}\r\n\r\n${bytes.toString()}`));
const chunked = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 4 }).map((chunks) => {
  const lines = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([Buffer.from('transfer-encoding: chunked\r\n\r\n'), ...lines, Buffer.from('0\r\n\r\n')]);
});
const heads = fc.constantFrom(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n',
  'HTTP/1.1 404 Not Found\r\nWarning: 299 - "x"\r\n',
  'HTTP/1.1 503 \r\nretry-after:   3  \r\n',
);
const answers = fc
  .tuple(heads, fc.oneof(lengthGiven, chunked))
  .map(([head, rest]) => Buffer.concat([Buffer.from(head), rest]));

/** An answer with something in it taken away, put in, or replaced. */
const broken = fc
  .tuple(answers, fc.nat(), fc.constantFrom('', ' ', '\n', '\r\n', '0', 'x', ':', 'content-length: 1\r\n'), fc.nat(3))
  .map(([bytes, place, insertion, removed]) => {
    const at = place % bytes.length;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(insertion), bytes.subarray(at + removed)]);
  });

/** What Node's HTTP client makes of answers that come as these bytes. */
async function nodesClient() {
  let answer: Buffer = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return async (bytes: Buffer): Promise<unknown> => {
    answer = bytes;
    return new Promise((resolve) => {
      const call = request({ port, host: '127.0.0.1', agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', resolve);
        response.on('end', () => {
          const { statusCode: status, headers, complete } = response;
          resolve({ kind: 'answered', status, headers, text: Buffer.concat(chunks).toString(), complete });
        });
      });
      call.on('error', resolve);
      call.end();
    });
  };
}

describe('plain answers', () => {
  test('are read whole, and never before their end', () => {
    fc.assert(
      fc.property(answers, (bytes) => {
        expect(readPlainAnswer(bytes).kind).toBe('answered');
        for (let length = 0; length < bytes.length; length += 1) {
          const reading = readPlainAnswer(bytes.subarray(0, length));
          if (reading.kind !== 'partial') throw new Error(`${length} of ${bytes.length} bytes: ${reading.kind}`);
          expect(reading.needed).toBeGreaterThan(length);
          expect(reading.needed).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("are read as Node's client reads them, broken ones too if they are read at all", async () => {
    const askNode = await nodesClient();
    await fc.assert(
      fc.asyncProperty(fc.oneof(answers, broken), async (bytes) => {
        const reading = readPlainAnswer(bytes);
        if (reading.kind !== 'answered') return;
        expect(await askNode(bytes)).toEqual(reading);
      }),
      { numRuns: 200 },
    );
  });

  const plain = 'content-length: 1\r\n\r\nx';
  test.each([
    ['another protocol', `HTTP/1.0 200 OK\r\n${plain}`],
    ['news before the answer', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${plain}`],
    ['a status without a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'],
    ['a header twice', `HTTP/1.1 200 OK\r\nwarning: 1\r\nWarning: 2\r\n${plain}`],
    ['a header over two lines', `HTTP/1.1 200 OK\r\nwarning: 1\r\n 2\r\n${plain}`],
    ['lines that end otherwise', 'HTTP/1.1 200 OK\ncontent-length: 1\n\r\n\r\nx'],
    ['a body that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nx'],
    ['two lengths', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n${plain}`],
    ['another encoding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nx'],
    ['more than the body', `HTTP/1.1 200 OK\r\n${plain}x`],
    ['more than the chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx'],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxyz0\r\n\r\n'],
    ['a chunk with an extension', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n'],
    ['a trailer', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nchecksum: 1\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nwarning: ${'x'.repeat(20_000)}`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ])('are not: %s', (_what, text) => {
    expect(readPlainAnswer(Buffer.from(text))).toEqual({ kind: 'odd' });
  });
});
