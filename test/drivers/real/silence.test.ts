import { expect, test } from 'vitest';
import { Silence } from '../../../src/drivers/real/silence.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest, Outcome } from '../../../src/model/request.ts';

const read: KubeRequest = { api: 'kube', site: 'cluster1', verb: 'list', resource: resources.node };
const change: KubeRequest = { ...read, verb: 'patch', name: 'node-1' };
const nothing: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer within 5 s' };
const answer: Outcome = { kind: 'applied', status: 200, body: {} };

/** A silence whose clock stands where it is put. */
function at(): { silence: Silence; time: { now: number } } {
  const time = { now: 100_000 };
  return { silence: new Silence(5_000, () => time.now), time };
}

test('a site that did not answer is read in a second for a while, and changed in the whole time', () => {
  const { silence, time } = at();
  expect(silence.limitOf(read)).toBe(5_000);
  silence.note(nothing, time.now - 5_000);
  expect([silence.limitOf(read), silence.limitOf(change)]).toEqual([1_000, 5_000]);
});

test('one that is slow, and not silent, is heard again: every fifteen seconds it has the whole time', () => {
  const { silence, time } = at();
  silence.note(nothing, time.now - 5_000);
  time.now += 10_000;
  silence.note(nothing, time.now - 1_000);
  expect(silence.limitOf(read)).toBe(1_000);
  time.now += 5_000;
  expect(silence.limitOf(read)).toBe(5_000);
});

test('any answer ends it, a refusal too', () => {
  for (const heard of [answer, { kind: 'refused', status: 403, reason: 'Forbidden', message: 'no' } as const]) {
    const { silence, time } = at();
    silence.note(nothing, time.now - 5_000);
    silence.note(heard, time.now);
    expect(silence.limitOf(read)).toBe(5_000);
  }
});

test('a site that refuses the connection is not silent', () => {
  const { silence, time } = at();
  silence.note({ kind: 'unknown', reason: 'unreachable', message: 'connection refused' }, time.now - 3);
  expect(silence.limitOf(read)).toBe(5_000);
});
