import { describe, expect, test } from 'vitest';
import type { HttpAnswer, HttpFailure } from '../../../src/drivers/real/http-call.ts';
import { kubeOutcome } from '../../../src/drivers/real/outcome-of-answer.ts';
import { TimedOut } from '../../../src/drivers/real/system-clock.ts';

const answer = (status: number, text: string, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'answered',
  status,
  text,
  headers,
  complete: true,
});
const statusObject = (code: number, reason: string, more: object = {}) =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `it is ${reason}`,
    ...more,
  });
const plain = { 'content-type': 'text/plain; charset=utf-8' };
const sorted = (given: HttpAnswer | HttpFailure) => {
  const outcome = kubeOutcome(given, 'Site "a"');
  return outcome.kind === 'applied' ? `applied ${outcome.status}` : `${outcome.kind} ${outcome.reason}`;
};

describe('answers', () => {
  test.each([
    [200, '{"kind":"Pod"}', 'applied 200'],
    [201, '{"kind":"Pod"}', 'applied 201'],
    [202, '', 'applied 202'],
    [200, 'ok', 'unknown server-error'],
    [301, '', 'unknown server-error'],
    [400, statusObject(400, 'BadRequest'), 'refused BadRequest'],
    [401, statusObject(401, 'Unauthorized'), 'refused Unauthorized'],
    [401, '', 'refused Unauthorized'],
    [403, statusObject(403, 'Forbidden'), 'refused Forbidden'],
    [404, statusObject(404, 'NotFound', { details: { name: 'x' } }), 'refused NotFound'],
    [408, statusObject(408, 'Timeout'), 'unknown timeout'],
    [409, statusObject(409, 'Conflict'), 'refused Conflict'],
    [409, statusObject(409, 'AlreadyExists'), 'refused AlreadyExists'],
    [410, statusObject(410, 'Expired'), 'refused Expired'],
    [415, statusObject(415, 'UnsupportedMediaType'), 'refused UnsupportedMediaType'],
    [422, statusObject(422, 'Invalid'), 'refused Invalid'],
    [422, statusObject(422, ''), 'refused Invalid'],
    [429, statusObject(429, 'TooManyRequests'), 'refused TooManyRequests'],
    [500, statusObject(500, 'InternalError'), 'unknown server-error'],
    [503, statusObject(503, 'ServiceUnavailable'), 'unknown server-error'],
    [504, statusObject(504, 'Timeout'), 'unknown timeout'],
  ])('%i %s is %s', (status, text, expected) => {
    expect(sorted(answer(status, text, { 'content-type': 'application/json' }))).toBe(expected);
  });

  test('a path that the server does not serve is told apart from an object that is absent', () => {
    expect(sorted(answer(404, '404 page not found\n', plain))).toBe('refused NotServed');
    const unknownType = statusObject(404, 'NotFound', {
      message: 'the server could not find the requested resource',
      details: {},
    });
    expect(sorted(answer(404, unknownType))).toBe('refused NotServed');
    expect(sorted(answer(404, 'not here', plain))).toBe('unknown server-error');
    expect(sorted(answer(404, '{"error":"no route"}', { 'content-type': 'application/json' }))).toBe(
      'unknown server-error',
    );
  });

  test('too many requests, said in plain text, is a refusal that tells when to come back', () => {
    const given = answer(429, 'Too many requests, please try again later.\n', { ...plain, 'retry-after': '7' });
    expect(kubeOutcome(given, 'Site "a"')).toEqual({
      kind: 'refused',
      status: 429,
      reason: 'TooManyRequests',
      message: 'Too many requests, please try again later. (try again in 7 s)',
    });
  });

  test('a refusal that was cut off counts for nothing', () => {
    expect(sorted({ ...answer(404, '{"kind":"Sta'), complete: false })).toBe('unknown server-error');
  });

  test('the whole Status travels as the body of a refusal', () => {
    const text = statusObject(409, 'Conflict', { details: { name: 'x' } });
    expect(kubeOutcome(answer(409, text), 's')).toHaveProperty('body.details.name', 'x');
  });
});

describe('no answer', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  test.each<[string, HttpFailure, string]>([
    ['refused connection', { kind: 'failed', sent: false, cause: 'connection', error: refused }, 'unknown unreachable'],
    [
      'time-out while connecting',
      { kind: 'failed', sent: false, cause: 'timeout', error: new TimedOut(5000) },
      'unknown unreachable',
    ],
    [
      'time-out after sending',
      { kind: 'failed', sent: true, cause: 'timeout', error: new TimedOut(5000) },
      'unknown timeout',
    ],
    ['reset after sending', { kind: 'failed', sent: true, cause: 'connection', error: reset }, 'unknown reset'],
    [
      'close after sending',
      { kind: 'failed', sent: true, cause: 'closed', error: new Error('closed') },
      'unknown reset',
    ],
  ])('%s', (_what, failure, expected) => {
    expect(sorted(failure)).toBe(expected);
  });
});
