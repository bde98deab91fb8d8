import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { type Known, known, unknown } from '../../../src/model/known.ts';
import { recoveryConsents, recoveryEvidence, unmetNeeds } from '../../../src/model/recovery/recovery-evidence.ts';
import type { RecoveryRequest } from '../../../src/model/recovery/recovery-request.ts';
import { order, parted, verifyOrder } from '../../machines/recovery/recovery-scene.ts';
import { ReunionLab } from './reunion-lab.ts';

/** What LINSTOR tells of the pools of both copies. */
function pools(a: string, b: string): Known<Json> {
  const of = (node: string, kind: string): Json => ({
    name: 'vol',
    node_name: node,
    volumes: [{ provider_kind: kind }],
  });
  return known([of('a', a), of('b', b)]);
}

const thin = pools('LVM_THIN', 'ZFS');

function seen(request: RecoveryRequest, lab = parted(), storage = thin, epoch = 3) {
  return recoveryEvidence(request, { epoch, volumes: [lab.look()], storage });
}

const statement = (request: RecoveryRequest, storage: Known<Json>): string | undefined =>
  seen(request, parted(), storage).needs.find(({ kind }) => kind === 'DiscardCopy')?.statement;

describe('what a person accepts before copies are brought together', () => {
  test('says first whether what is lost is kept, and why not', () => {
    expect(statement(order, thin)).toMatch(
      /^The storage takes a snapshot first of what is lost: vol: what b \(site-b\) has done/,
    );
    expect(statement({ ...order, snapshot: false }, thin)).toMatch(/^No snapshot is taken of what is lost: vol:/);
    expect(statement(order, pools('LVM', 'LVM_THIN'))).toMatch(
      /^No snapshot can be taken of 1 copy \(the storage pool on a \(LVM\) takes no snapshots\). What is lost: vol:/,
    );
  });

  test('cannot be said while LINSTOR does not tell, unless no snapshot is wanted', () => {
    const silent = unknown<Json>('LINSTOR: no answer');
    expect(seen(order, parted(), silent).obstacles).toEqual([expect.stringContaining('--no-snapshot does without')]);
    expect(seen({ ...order, snapshot: false }, parted(), silent).obstacles).toEqual([]);
  });

  test('is nothing where nothing is lost', () => {
    const lab = new ReunionLab();
    lab.type('a', 'drbdadm disconnect vol:b');
    lab.settle();
    expect(seen(order, lab)).toMatchObject({ needs: [], givenUp: [], obstacles: [] });
  });

  test('holds for what was shown alone: another survivor, epoch, generation or role asks anew', () => {
    const shown = seen(order);
    const given = recoveryConsents(shown, 'operator', '2026-01-01T00:00:00Z');
    expect(unmetNeeds(seen(order), given)).toEqual([]);
    for (const other of [
      seen({ ...order, survivor: 'site-b' }),
      seen(order, parted(), thin, 4),
      seen(order, parted({ open: true })),
      seen({ ...order, snapshot: false }),
    ]) {
      expect(unmetNeeds(other, given).some(({ isStale }) => isStale)).toBe(true);
    }
  });

  test('is asked for a comparison only where blocks are to be replaced', () => {
    expect(seen(verifyOrder, new ReunionLab()).needs).toEqual([]);
    const { needs } = seen({ ...verifyOrder, repair: 'site-b' }, new ReunionLab());
    expect(needs).toMatchObject([
      { kind: 'ReplaceBlocks', statement: expect.stringContaining('what only site-b holds') },
    ]);
  });
});

test('a copy that is not told of keeps copies from being compared; a tiebreaker does not', () => {
  const lab = new ReunionLab(['a', 'b', 'tb']);
  const obstacles = (...silent: readonly string[]): readonly string[] =>
    recoveryEvidence(verifyOrder, { epoch: 1, volumes: [lab.look(silent)], storage: thin }).obstacles;
  expect(obstacles()).toEqual([]);
  expect(obstacles('tb')).toEqual([]);
  expect(obstacles('b')).toEqual(['vol: the copy on b is not told of', 'vol: there are no two copies to compare']);
});
