import { describe, expect, test } from 'vitest';
import { base64Fault } from '../../../../src/drivers/sim/api-server/base64.ts';
import { decodeTime } from '../../../../src/drivers/sim/api-server/go-time.ts';
import { labelSelector } from '../../../../src/drivers/sim/api-server/label-selector.ts';
import type { KubeObject } from '../../../../src/model/kube.ts';

describe('a time', () => {
  test.each([
    ['2026-01-02T03:04:05Z', false, '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.9Z', false, '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05+02:00', false, '2026-01-02T01:04:05Z'],
    ['2026-01-02T03:04:05.678901Z', true, '2026-01-02T03:04:05.678901Z'],
    ['2024-02-29T03:04:05.678901-01:00', true, '2024-02-29T04:04:05.678901Z'],
  ])('%s is written back in UTC', (text, isMicro, time) => {
    expect(decodeTime(text, isMicro)).toEqual({ time });
  });

  test.each([
    ['now', true, 'parsing time "now" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "now" as "2006"'],
    [
      '2026-01-02T03:04:05Z',
      true,
      'parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
    ['2026-13-02T03:04:05Z', false, 'parsing time "2026-13-02T03:04:05Z": month out of range'],
    ['2026-02-29T03:04:05Z', false, 'parsing time "2026-02-29T03:04:05Z": day out of range'],
    ['2026-01-02T03:04:05Zulu', false, 'parsing time "2026-01-02T03:04:05Zulu": extra text: "ulu"'],
  ])('%s is refused in the words of Go', (text, isMicro, problem) => {
    expect(decodeTime(text, isMicro)).toEqual({ problem });
  });
});

test.each([
  ['', undefined],
  ['MQ==', undefined],
  ['MTI=', undefined],
  ['MTIz\nMTIz', undefined],
  ['%', 0],
  ['M', 0],
  ['MQ', 0],
  ['MQ=', 3],
  ['MQ==x', 4],
  ['MT!z', 2],
])('%j stops being base64 at byte %s', (text, at) => {
  expect(base64Fault(text)).toBe(at);
});

describe('a label selector', () => {
  const chosenBy = (text: string): readonly string[] => {
    const holds = labelSelector(text);
    const objects = { none: {}, web: { app: 'web' }, db: { app: 'db', rank: '7' } };
    return Object.entries(objects)
      .filter(([, labels]) => holds({ metadata: { labels } } as unknown as KubeObject))
      .map(([name]) => name);
  };

  test.each([
    ['', ['none', 'web', 'db']],
    ['app', ['web', 'db']],
    ['!app', ['none']],
    ['app=web', ['web']],
    ['app!=web', ['none', 'db']],
    ['app in (web, db),rank', ['db']],
    ['app notin (web)', ['none', 'db']],
    ['rank>6', ['db']],
    ['rank<7', []],
    ['app in ()', []],
  ])('%j chooses', (text, names) => {
    expect(chosenBy(text)).toEqual(names);
  });

  test.each([
    ['a,', "found '', expected: identifier after ','"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b)c', "found 'c', expected: ',' or 'end of string'"],
    ['!!a', "unable to parse requirement: found '!', expected: identifier"],
    ['a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
    ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
  ])('%j is refused with the place', (text, why) => {
    expect(() => labelSelector(text)).toThrow(why);
  });
});
