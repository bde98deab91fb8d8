import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpAnswer } from '../../../src/drivers/real/http-call.ts';
import { parseLinstorJson } from '../../../src/drivers/real/linstor-json.ts';
import { linstorCode, linstorOutcome } from '../../../src/drivers/real/linstor-outcome.ts';

const answer = (status: number, text: string, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'answered',
  status,
  text,
  headers,
  complete: true,
});
const entry = (retCode: string, message?: string) =>
  `{"ret_code":${retCode}${message === undefined ? '' : `,"message":"${message}"`},"created_at":"2026-01-01T00:00:00Z"}`;
const sorted = (status: number, text: string) => {
  const outcome = linstorOutcome(answer(status, text), 'LINSTOR');
  return outcome.kind === 'applied' ? `applied ${outcome.status}` : `${outcome.kind} ${outcome.reason}`;
};

// As a LINSTOR 1.34 controller writes them.
const inUse = '-4611686018373647387'; // error, delete, resource, 997
const noSuchNode = '-4611686018391473876'; // error, modify, connection, 300
const exists = '-4611686018406940171'; // error, create, resource definition, 501
const anyException = '-4611686018427386906'; // error, 998
const propertySet = '20447233'; // success, create, resource definition, 1
const noConnection = '-9223372036817550358'; // warning, 1002
const badToken = '-4611686018427387492'; // error, 412
const parseError = '-3458764513820540931'; // error, 32765

describe('parseLinstorJson', () => {
  test('every 64-bit ret_code keeps each of its digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (code) => {
        expect(parseLinstorJson(`[{"ret_code":${code}}]`)).toEqual([{ ret_code: String(code) }]);
      }),
    );
  });

  test('other numbers stay numbers as long as a double holds them', () => {
    const text = '{"create_timestamp":1750000000000,"size_kib":9007199254740993,"done":37.5,"n":[1,-2]}';
    expect(parseLinstorJson(text)).toEqual({
      create_timestamp: 1_750_000_000_000,
      size_kib: '9007199254740993',
      done: 37.5,
      n: [1, -2],
    });
  });

  test('what is not about numbers is read as any JSON', () => {
    const text = JSON.stringify({ message: 'a "ret_code": 5, \\ and 12345678901234567890', list: ['"', '\n'] });
    expect(parseLinstorJson(text)).toEqual(JSON.parse(text));
    fc.assert(
      fc.property(fc.json(), (any) => {
        fc.pre(!/\d{16}/.test(any));
        expect(parseLinstorJson(any)).toEqual(JSON.parse(any));
      }),
    );
  });

  test('an absent in_use stays absent, and false stays false', () => {
    const [offline, secondary] = parseLinstorJson(
      '[{"name":"a"},{"name":"b","state":{"in_use":false}}]',
    ) as readonly object[];
    expect(offline).toEqual({ name: 'a' });
    expect(secondary).toEqual({ name: 'b', state: { in_use: false } });
  });
});

describe('linstorOutcome', () => {
  test.each([
    ['a read', 200, '[{"name":"r"}]', 'applied 200'],
    ['an empty answer', 200, '', 'applied 200'],
    [
      'a write with a warning',
      200,
      `[${entry(propertySet, 'set')},${entry(noConnection, 'No active connection')}]`,
      'applied 200',
    ],
    ['a create', 201, `[${entry(propertySet, 'created')}]`, 'applied 201'],
    ['a delete of what is missing', 200, `[${entry('-9223372036800773142', 'not found')}]`, 'applied 200'],
    ['a refusal with 500: still in use', 500, `[${entry(inUse, 'still in use.')}]`, `refused ${inUse}`],
    ['a refusal with 500: exists', 500, `[${entry(exists, 'already exists')}]`, `refused ${exists}`],
    ['not found', 404, `[${entry(noSuchNode, 'not found.')}]`, `refused ${noSuchNode}`],
    ['an unknown path', 404, `[${entry(anyException, 'Path not found on server.')}]`, `refused ${anyException}`],
    ['a wrong method', 405, `[${entry(anyException, 'Method not allowed')}]`, `refused ${anyException}`],
    ['a wrong token', 401, `[${entry(badToken, 'Unauthorized')}]`, `refused ${badToken}`],
    [
      'a body that it cannot read',
      400,
      `[${entry(parseError, 'Unable to parse input json.')}]`,
      `refused ${parseError}`,
    ],
    ['a frozen satellite: 500 without a message', 500, `[${entry(anyException)}]`, 'unknown server-error'],
    ['any exception inside', 500, `[${entry(anyException, 'An unknown error occurred.')}]`, 'unknown server-error'],
    [
      'an error after something was stored',
      500,
      `[${entry(propertySet, 'set')},${entry(inUse, 'in use')}]`,
      'unknown server-error',
    ],
    ['400 without a body', 400, '', 'unknown server-error'],
    ['HTML', 200, '<html></html>', 'unknown server-error'],
    ['a gateway that gave up', 504, 'upstream', 'unknown timeout'],
    [
      'the proxy in front: service missing',
      404,
      '{"kind":"Status","message":"services \\"linstor-controller\\" not found"}',
      'unknown unreachable',
    ],
    ['the proxy in front: not allowed', 403, '{"kind":"Status","reason":"Forbidden"}', 'refused Forbidden'],
    [
      'the proxy in front: nothing behind it',
      503,
      '{"kind":"Status","message":"no endpoints available"}',
      'unknown server-error',
    ],
  ])('%s', (_what, status, text, expected) => {
    expect(sorted(status, text)).toBe(expected);
  });

  test('the message joins what LINSTOR says, why, and what it advises', () => {
    const text = `[{"ret_code":${inUse},"message":"Resource is in use.","cause":"It is mounted.","correction":"Un-mount it."}]`;
    expect(linstorOutcome(answer(500, text), 'LINSTOR')).toMatchObject({
      kind: 'refused',
      message: 'Resource is in use. It is mounted. Un-mount it.',
      body: { ret_code: inUse },
    });
  });

  test('a cut answer is open', () => {
    expect(linstorOutcome({ ...answer(200, '[{"na'), complete: false }, 'LINSTOR')).toMatchObject({
      kind: 'unknown',
      reason: 'reset',
    });
  });
});

test.each([
  [inUse, 997],
  [exists, 501],
  [anyException, 998],
  [parseError, 32765],
  [propertySet, 1],
])('the code in ret_code %s is %i', (retCode, code) => {
  expect(linstorCode(retCode)).toBe(code);
});
