import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1 } from '../../../src/model/definition-copy/sha1.ts';

test('agrees with the platform for messages of every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
      expect(Buffer.from(sha1(message)).toString('hex')).toBe(createHash('sha1').update(message).digest('hex'));
    }),
  );
  for (const length of [55, 56, 63, 64, 119, 120, 1000]) {
    const message = new Uint8Array(length).fill(length);
    expect(Buffer.from(sha1(message)).toString('hex')).toBe(createHash('sha1').update(message).digest('hex'));
  }
});
