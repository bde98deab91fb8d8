import { describe, expect, test } from 'vitest';
import type { MachineRecord } from '../../src/machines/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import type { Json } from '../../src/model/json.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { openFailoverJournal, simFailoverJournal } from '../../src/runtime/failover-journal.ts';
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
const refused: Outcome = { kind: 'refused', status: 422, reason: 'Invalid', message: 'the test failed' };
const gone: Outcome = { kind: 'refused', status: 404, reason: 'NotFound', message: 'not found' };
const timedOut: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };

/** A journal over a driver that gives these answers in turn, and what was sent to it. */
function journalWith(...answers: readonly Outcome[]) {
  const sent: ApiRequest[] = [];
  const left = [...answers];
  const driver = {
    perform: async (request: ApiRequest): Promise<Outcome> => {
      sent.push(request);
      return left.shift() ?? timedOut;
    },
    close: async () => undefined,
  };
  const clock = { now: () => 0, sleepUntil: async () => undefined };
  return { journal: openFailoverJournal(driver, clock), sent };
}

const testsOf = (request: ApiRequest | undefined): readonly Json[] =>
  ((request?.body ?? []) as readonly { op: string; path: string }[]).filter(({ op }) => op === 'test');

const byVersion = [{ op: 'test', path: '/metadata/resourceVersion', value: '7' }];
const byHolder = [{ op: 'test', path: '/status/holder', value: 'me' }];

describe('the journal of a failover', () => {
  test('writes nothing before the Leases are ours', async () => {
    const { journal, sent } = journalWith();
    expect(await journal.store(begun)).toBe('stored');
    expect(sent).toEqual([]);
  });

  test('insists on the version that was seen, and from then on on its own name', async () => {
    const { journal, sent } = journalWith(applied(), applied());
    expect(await journal.store(acquired)).toBe('stored');
    expect(await journal.store({ ...acquired, state: 'stoppingSource' })).toBe('stored');
    expect(sent.map(testsOf)).toEqual([byVersion, byHolder]);
  });

  test('is lost once another is named in it', async () => {
    const { journal } = journalWith(applied(), refused);
    await journal.store(acquired);
    expect(await journal.store(acquired)).toBe('lost');
    const late = journalWith(refused, applied('somebody'));
    expect(await late.journal.store(acquired)).toBe('lost');
  });

  test('is lost with its object', async () => {
    const { journal } = journalWith(refused, gone);
    expect(await journal.store(acquired)).toBe('lost');
  });

  test.each([
    ['is ours after all', applied('me')],
    ["is nobody's yet", applied()],
    ['does not answer', timedOut],
  ])('whose first write is refused is not lost while its object %s', async (_what, answer) => {
    const { journal } = journalWith(refused, answer);
    expect(await journal.store(acquired)).toBe('unknown');
  });

  test('is unknown, never lost, when a write is not answered', async () => {
    const { journal, sent } = journalWith(timedOut, applied());
    expect(await journal.store(acquired)).toBe('unknown');
    expect(await journal.store(acquired)).toBe('stored');
    expect(sent.map(testsOf)).toEqual([byVersion, byVersion]);
  });

  test('in the simulation makes the same writes', () => {
    const journal = simFailoverJournal(() => 0);
    expect(journal.request(begun, undefined)).toBeUndefined();
    expect(testsOf(journal.request(acquired, begun))).toEqual(byVersion);
    expect(testsOf(journal.request({ ...acquired, state: 'stoppingSource' }, acquired))).toEqual(byHolder);
  });
});
