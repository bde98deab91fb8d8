import { describe, expect, test } from 'vitest';
import type { MachineRecord } from '../../src/machines/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import type { Json } from '../../src/model/json.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { failoverJournal } from '../../src/runtime/failover-journal.ts';
import { begin } from '../../src/runtime/step.ts';
import { plannedRequest } from '../twin/protected-group.ts';

const input = { holder: 'me', otherSites: [], patient: false, now: 0 };
const begun: MachineRecord<FailoverContext> = begin(
  failoverDefinition,
  { ...input, request: plannedRequest('away', 'cluster1', 'cluster2') },
  0,
).record;
const acquired: MachineRecord<FailoverContext> = {
  ...begun,
  state: 'preflight',
  context: { ...begun.context, acquired: true, takenOverAt: '7' },
};

const applied = (holder?: string): Outcome => ({
  kind: 'applied',
  status: 200,
  body: { metadata: {}, status: holder === undefined ? {} : { holder } },
});
const busy: Outcome = { kind: 'refused', status: 429, reason: 'TooManyRequests', message: 'later' };
const gone: Outcome = { kind: 'refused', status: 404, reason: 'NotFound', message: 'not found' };
const timedOut: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };

const testsOf = (request: ApiRequest | undefined): readonly Json[] =>
  ((request?.api === 'kube' ? (request.body ?? []) : []) as readonly { op: string; path: string }[]).filter(
    ({ op }) => op === 'test',
  );

const byVersion = [{ op: 'test', path: '/metadata/resourceVersion', value: '7' }];
const byHolder = [
  { op: 'test', path: '/status/holder', value: 'me' },
  { op: 'test', path: '/status/record/state', value: 'preflight' },
];

describe('the journal of a failover', () => {
  test('writes nothing before the Leases are ours', () => {
    expect(failoverJournal.write(begun, undefined, 0)).toBeUndefined();
  });

  test('insists on the version that was seen, and from then on on its own name and the state that it follows', () => {
    expect(testsOf(failoverJournal.write(acquired, undefined, 0))).toEqual(byVersion);
    expect(testsOf(failoverJournal.write(acquired, begun, 0))).toEqual(byVersion);
    expect(testsOf(failoverJournal.write({ ...acquired, state: 'stoppingSource' }, acquired, 0))).toEqual(byHolder);
  });

  test.each([undefined, acquired])('is lost once another is named in it, or it is gone', (stored) => {
    expect(failoverJournal.afterRefusal(acquired, stored, applied('somebody'))).toBe('lost');
    expect(failoverJournal.afterRefusal(acquired, stored, gone)).toBe('lost');
  });

  test.each([undefined, acquired])(
    'is not lost by a refusal alone: not while it is ours, or cannot be told',
    (stored) => {
      expect(failoverJournal.afterRefusal(acquired, stored, applied('me'))).toBe('unknown');
      expect(failoverJournal.afterRefusal(acquired, stored, timedOut)).toBe('unknown');
      expect(failoverJournal.afterRefusal(acquired, stored, busy)).toBe('unknown');
    },
  );

  test('is looked at again when it changed before the first write: by a cancel, or by the one whom we succeed', () => {
    expect(failoverJournal.afterRefusal(acquired, undefined, applied())).toBe('unknown');
    const successor = { ...acquired, context: { ...acquired.context, formerHolder: 'dead' } };
    expect(failoverJournal.afterRefusal(successor, undefined, applied('dead'))).toBe('unknown');
    expect(failoverJournal.afterRefusal(successor, successor, applied('dead'))).toBe('lost');
  });
});
