import { describe, expect, test } from 'vitest';
import { recoveryDefinition } from '../../../src/machines/recovery/definition.ts';
import { drbdCommands, guardedProgram } from '../../../src/model/drbd-command.ts';
import { resources } from '../../../src/model/kube.ts';
import { snapshotRequest } from '../../../src/model/recovery/snapshots.ts';
import type { ApiRequest } from '../../../src/model/request.ts';
import { onSatellite } from '../../../src/model/satellite.ts';
import { breachOf } from '../../../src/runtime/breach.ts';
import { accepted, beginningOf, order, parted, type Record, verifyOrder, viewOf } from './recovery-scene.ts';

const apart = parted();
const consented = accepted(order, apart);
const { satellites } = viewOf(apart, beginningOf(order));
const on = (node: string) => satellites.find((each) => each.node === node)!;

/** A recovery in a state, in which `a` survives and what `b` holds was given up. */
function recordIn(state: string, request = consented): Record {
  const { context, ...rest } = beginningOf(request);
  const givenUp = [{ resource: 'vol', node: 'b', generation: 'A0', snapshot: true }];
  const plan = { resources: ['vol'], survivors: { vol: 'a' }, givenUp, satellites };
  return { ...rest, state, context: { ...context, ...plan, acquired: true, epoch: 3 } };
}

/** The property that a pass would break which gives one order. */
function broken(request: ApiRequest, record: Record, before = record): string | undefined {
  const observation = { at: 0, sites: {}, storage: {} };
  const look = { plan: [], outcomes: [], observation, view: viewOf(apart, record) };
  const effects = [{ name: 'order', request }];
  return breachOf(recoveryDefinition, before, { record, effects, look })?.property;
}

const command = (node: string, words: readonly string[]): ApiRequest =>
  guardedProgram(on(node), { resource: 'vol', role: 'Secondary' }, words);

const discard = command('b', drbdCommands.connectDiscarding('vol', 'a').program);
const invalidate = command('b', drbdCommands.invalidateMarked(1000).program);
const verify = command('a', drbdCommands.verify('vol', { node: 'b', nodeId: 1 }).program);
const cut = command('b', drbdCommands.demoteByForce('vol').program);
const promote = command('a', drbdCommands.forcePrimary('vol').program);
const kept = snapshotRequest({ resource: 'vol', nodes: ['b'], name: 'before' });
const allConsents = {
  ...consented,
  consents: (['DiscardCopy', 'DemoteByForce', 'ReplaceBlocks'] as const).map((kind) => ({
    kind,
    statement: 'accepted',
    evidence: '1',
    givenBy: 'operator',
    givenAt: '2026-01-01T00:00:00Z',
  })),
};

describe('the safety rules of a recovery let', () => {
  test.each([
    ['the victim give up its data', discard, 'reuniting'],
    ['copies be compared', verify, 'comparing'],
    ['what differs be replaced on the victim', invalidate, 'repairing'],
    ['the victim be cut off', cut, 'reuniting'],
    ['the survivor count as the newest', promote, 'reuniting'],
    ['a snapshot be taken', kept, 'snapshotting'],
  ])('%s', (_, request, state) => {
    expect(broken(request, recordIn(state, allConsents))).toBeUndefined();
  });
});

describe('the safety rules of a recovery drop a pass', () => {
  test.each([
    ['that gives a command in a state that is not for it', discard, recordIn('comparing'), 'S5'],
    [
      'that runs a command without a precondition',
      onSatellite(on('b'), ['drbdadm', 'down', 'vol']),
      recordIn('reuniting'),
      'S5',
    ],
    [
      'that gives a command that no state is for',
      command('b', ['drbdadm', 'down', 'vol']),
      recordIn('reuniting'),
      'S5',
    ],
    [
      'that has the survivor give up its data',
      command('a', drbdCommands.connectDiscarding('vol', 'b').program),
      recordIn('reuniting'),
      'S29',
    ],
    ['that discards what nobody has accepted to', discard, recordIn('reuniting', order), 'S29'],
    [
      'that discards for another than the survivor',
      command('b', drbdCommands.connectDiscarding('vol', 'c').program),
      recordIn('reuniting'),
      'S29',
    ],
    ['that cuts somebody off without a consent', cut, recordIn('reuniting'), 'S29'],
    [
      'that replaces blocks of the survivor',
      command('a', drbdCommands.invalidateMarked(1000).program),
      recordIn('repairing'),
      'S29',
    ],
    ['that replaces blocks where only a comparison was ordered', invalidate, recordIn('repairing', verifyOrder), 'S29'],
    [
      'that makes the victim count as the newest',
      command('b', drbdCommands.forcePrimary('vol').program),
      recordIn('reuniting'),
      'S29',
    ],
    [
      'that tells LINSTOR more than to take snapshots',
      { api: 'linstor', method: 'DELETE', path: '/v1/resource-definitions/vol' },
      recordIn('snapshotting'),
      'S5',
    ],
    ['that takes a snapshot later on', kept, recordIn('reuniting'), 'S5'],
    [
      'that orders a group',
      {
        api: 'kube',
        site: 'site-a',
        verb: 'patch',
        resource: resources.protectionGroup,
        name: 'pg',
        body: { metadata: { resourceVersion: '1' } },
      },
      recordIn('reuniting'),
      'S10',
    ],
  ] as const)('%s', (_, request, record, property) => {
    expect(broken(request, record)).toBe(property);
  });

  test('that lets the epoch fall', () => {
    const record = recordIn('reuniting');
    const lower = { ...record, context: { ...record.context, epoch: 2 } };
    expect(broken(discard, lower, record)).toBe('S8');
  });
});
