import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../src/machines/definition.ts';
import { recoveryDefinition } from '../../../src/machines/recovery/definition.ts';
import { recoveryStatus } from '../../../src/machines/recovery/journal.ts';
import { preconditionFailed } from '../../../src/model/drbd-command.ts';
import { execOutcome } from '../../../src/model/exec-result.ts';
import { minute, second } from '../../../src/model/instant.ts';
import { known, unknown } from '../../../src/model/known.ts';
import type { RecoveryView } from '../../../src/model/recovery/recovery-view.ts';
import type { Outcome } from '../../../src/model/request.ts';
import { step } from '../../../src/runtime/step.ts';
import { describeMachine, type FactFor } from '../../contracts/machine.ts';
import { ReunionLab } from '../../model/recovery/reunion-lab.ts';
import {
  accepted,
  beginningOf,
  leasesOf,
  objectOf,
  order,
  parted,
  type Record,
  sceneStart,
  snapshotsOf,
  verifyOrder,
  viewOf,
} from './recovery-scene.ts';

type RecoveryFact = Fact<RecoveryView>;
type FactMaker = FactFor<Record, RecoveryFact>;

const apart = parted();
const whole = new ReunionLab();
/** Compared, and found to differ. */
const differing = (() => {
  const lab = new ReunionLab(['a', 'b'], { quorum: 'majority' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.write('a');
  lab.notice();
  lab.type('a', 'drbdsetup secondary --force vol');
  lab.close('a');
  lab.heal('a', 'b');
  lab.settle();
  lab.type('a', 'drbdsetup verify vol 1 0 --start=0');
  lab.settle();
  return lab;
})();
const cutOff = (() => {
  const lab = new ReunionLab();
  lab.kernel.setLink('a', 'b', false, { silent: false });
  return lab;
})();

const seen =
  (lab: ReunionLab, changes: (record: Record) => Partial<RecoveryView> = () => ({}), after = 0): FactMaker =>
  (record) => ({ type: 'observed', now: sceneStart + after, view: viewOf(lab, record, changes(record)) });
const passed =
  (deadline: string, after = 10 * minute): FactMaker =>
  () => ({ type: 'deadlinePassed', now: sceneStart + after, deadline });
const came =
  (outcome: Outcome, name = 'startComparison'): FactMaker =>
  () => ({
    type: 'outcome',
    now: sceneStart,
    effect: { name, request: { api: 'linstor', method: 'GET', path: '/v1/nodes' } },
    outcome,
  });
const ran = (exitCode: number): FactMaker => came(execOutcome({ exitCode, stdout: '', stderr: 'no verify-alg' }));

const deadlines = ['leaseWait', 'leaseRenewal', 'snapshot', 'stall', 'silence', 'begin'];
const journals = ['finding', 'looking', 'snapshotting', 'reuniting', 'comparing', 'repairing'];

/** The operation as another process left it in a state. */
function leftIn(state: string): FactMaker {
  return seen(apart, (record) => {
    const context = { ...record.context, resources: ['vol'] };
    return { operation: known(objectOf(record, recoveryStatus({ ...record, state, context }, sceneStart))) };
  });
}

const alphabet: readonly FactMaker[] = [
  seen(apart),
  seen(apart, (record) => ({ snapshots: snapshotsOf(record, 'SUCCESSFUL') })),
  seen(apart, (record) => ({ snapshots: snapshotsOf(record, 'FAILED_DEPLOYMENT') })),
  seen(apart, (record) => ({ operation: known(objectOf(record, undefined, true)) })),
  seen(whole),
  seen(whole, () => ({ volumes: [whole.look(['b'])] })),
  seen(differing),
  seen(cutOff),
  seen(apart, (record) => ({ leases: leasesOf(record, 'somebody') })),
  seen(apart, () => ({ leases: {} })),
  seen(apart, (record) => ({ operation: known(objectOf(record, { phase: 'Succeeded', holder: 'somebody' })) })),
  ran(0),
  ran(20),
  ...journals.map(leftIn),
  ...deadlines.map((deadline) => passed(deadline)),
];

const repairOrder = { ...verifyOrder, repair: 'site-b' };
const beginnings = [
  beginningOf(order),
  beginningOf(accepted(order, apart)),
  beginningOf(accepted({ ...order, snapshot: false }, apart)),
  beginningOf(verifyOrder),
  beginningOf(accepted(repairOrder, differing)),
];

describeMachine<Record, RecoveryFact>({
  id: recoveryDefinition.id,
  machine: recoveryDefinition.machine,
  finalStates: recoveryDefinition.finalStates,
  effects: Object.keys(recoveryDefinition.effects),
  beginnings,
  step: (record, fact) => step(recoveryDefinition, record, fact),
  stateOf: ({ state }) => state,
  contextOf: ({ context }) => context,
  kindOf: ({ context: { request, acquired, comparisons } }) =>
    JSON.stringify([
      request.action,
      request.snapshot,
      request.consents.length,
      acquired,
      comparisons.map(({ result }) => result),
    ]),
  alphabet,
  facts: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...alphabet) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...deadlines), fc.integer({ min: 0, max: 10 * minute }))
        .map(([deadline, after]) => passed(deadline, after)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        came({ kind: 'unknown', reason: 'timeout', message: 'no answer' }),
        came({ kind: 'refused', status: 404, reason: 'NotFound', message: 'gone' }),
        ran(preconditionFailed),
        came(execOutcome({ exitCode: 0, stdout: '', stderr: '' }), 'reunite'),
      ),
    },
  ),
  mustHandle: (fact) => fact.type === 'observed',
});

/** The record after some facts. What a new operation is shown first it is shown twice: to find the volumes, and then to look. */
function after(record: Record, ...facts: readonly FactMaker[]): Record {
  const [first] = facts;
  const shown = record.state === 'acquiringLease' && first !== undefined ? [first, ...facts] : facts;
  return shown.reduce((next, factFor) => step(recoveryDefinition, next, factFor(next)).record, record);
}

/** The commands that the next fact orders. */
function ordered(record: Record, factFor: FactMaker): readonly string[] {
  return step(recoveryDefinition, record, factFor(record)).effects.map(({ name }) => name);
}

const consented = beginningOf(accepted(order, apart));

describe('a recovery', () => {
  test('gives nothing up that nobody has accepted', () => {
    const refused = after(beginningOf(order), seen(apart), seen(apart));
    expect(refused.state).toBe('refused');
    expect(refused.context.verdict).toMatchObject({
      reason: expect.stringMatching(/nobody has accepted DiscardCopy: The storage takes a snapshot first/),
    });
  });

  test('gives nothing up that has changed since it was accepted', () => {
    const lab = parted();
    const record = beginningOf(accepted(order, lab));
    lab.cut('a', 'b');
    lab.open('b');
    lab.write('b', 1);
    lab.close('b');
    expect(after(record, seen(lab), seen(lab)).state).toBe('snapshotting');
    const other = seen(lab, () => ({ epoch: 4 }));
    const refused = after(record, other, other);
    expect(refused.state).toBe('refused');
    expect(refused.context.verdict).toMatchObject({
      reason: expect.stringContaining('what DiscardCopy was accepted for has changed since'),
    });
  });

  test.each<[string, Partial<RecoveryView>]>([
    ['a copy that is not told of', { volumes: [apart.look(['b'])] }],
    ['a failover that has not ended', { failovers: known(['pg-1']) }],
    ['failovers of which a site does not tell', { failovers: unknown('site-b: no answer') }],
    ['whether a snapshot can be taken', { storage: unknown('LINSTOR: no answer') }],
  ])('does nothing before it knows: %s', (_, unclear) => {
    expect(
      after(
        consented,
        seen(apart),
        seen(apart, () => unclear),
      ).state,
    ).toBe('refused');
  });

  test('keeps what is given up before it gives it up', () => {
    const looked = after(consented, seen(apart));
    expect(ordered(looked, seen(apart))).toEqual([]);
    const waiting = after(looked, seen(apart));
    expect(ordered(waiting, seen(apart))).toEqual(['takeSnapshots']);
    const isKept = seen(apart, (record) => ({ snapshots: snapshotsOf(record, 'SUCCESSFUL') }));
    expect(ordered(waiting, isKept)).toEqual(['reunite', 'reunite']);
    expect(after(waiting, isKept).state).toBe('reuniting');
  });

  test('changes nothing where the storage keeps nothing', () => {
    const waiting = after(consented, seen(apart), seen(apart), seen(apart));
    const failed = after(waiting, passed('snapshot'));
    expect(failed.context.verdict).toMatchObject({ kind: 'failed', remedy: expect.stringContaining('--no-snapshot') });
  });

  test('asks the nodes alone that know one of the volumes, once it has found out which', () => {
    const foreign = { site: 'site-a', node: 'z', namespace: 'storage', pod: 'satellite-z' };
    const crowded = seen(whole, (record) => ({ satellites: [...viewOf(whole, record).satellites, foreign] }));
    const asked = ({ state, context }: Record): readonly unknown[] =>
      recoveryDefinition.reads(state, context).flatMap(({ node }) => node ?? []);
    const looking = after(beginningOf(verifyOrder), crowded);
    expect(asked(looking)).toEqual(['a', 'b', 'z']);
    expect(asked(after(looking, crowded, crowded))).toEqual(['a', 'b']);
  });

  test('gives a command a second time only after a while', () => {
    const reuniting = after(beginningOf(accepted({ ...order, snapshot: false }, apart)), seen(apart), seen(apart));
    expect(reuniting.state).toBe('reuniting');
    expect(ordered(reuniting, seen(apart, undefined, 4 * second))).toEqual([]);
    expect(ordered(reuniting, seen(apart, undefined, 5 * second))).toEqual(['reunite', 'reunite']);
  });

  test('counts a comparison from when DRBD has said that it began', () => {
    const comparing = after(beginningOf(verifyOrder), seen(whole), seen(whole));
    expect(after(comparing, seen(whole)).context.comparisons).toMatchObject([{ result: 'Pending' }]);
    expect(after(comparing, ran(0), seen(whole))).toMatchObject({ state: 'succeeded' });
    expect(after(comparing, ran(preconditionFailed), seen(whole)).context.comparisons).toMatchObject([
      { result: 'Pending' },
    ]);
    expect(after(comparing, ran(20), seen(whole)).context.verdict).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('no verify-alg'),
    });
  });

  test('begins anew what another process has followed: nobody has seen whether the connection lasted', () => {
    const comparing = after(beginningOf(verifyOrder), seen(whole), seen(whole), ran(0));
    const status = recoveryStatus(comparing, sceneStart);
    const resumed = after(
      beginningOf(verifyOrder),
      seen(whole, (record) => ({ operation: known(objectOf(record, status)) })),
    );
    expect(resumed).toMatchObject({ state: 'comparing', context: { comparisons: [{ result: 'Pending' }] } });
  });

  test('replaces what differs only where a person has said so, and on the site that they named', () => {
    const differs = after(beginningOf(verifyOrder), seen(differing), seen(differing), ran(0), seen(differing));
    expect(differs).toMatchObject({ state: 'needsAttention' });
    const repairing = after(
      beginningOf(accepted(repairOrder, differing)),
      seen(differing),
      seen(differing),
      ran(0),
      seen(differing),
    );
    expect(repairing.state).toBe('repairing');
    expect(after(repairing, seen(cutOff)).state).toBe('comparing');
    expect(after(repairing, seen(whole))).toMatchObject({
      state: 'succeeded',
      context: { comparisons: [{ result: 'Repaired' }] },
    });
  });
});
