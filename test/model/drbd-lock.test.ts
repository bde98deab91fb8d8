import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockReading } from '../../src/model/drbd-lock.ts';
import type { ReplicaView, VolumeView } from '../../src/model/drbd-replica.ts';
import { known, type Truth, unknown } from '../../src/model/known.ts';

const truth = fc.constantFrom<Truth>('yes', 'no', 'unknown');

const replicaAt = (node: string, site: string) =>
  fc.record<ReplicaView>({
    resource: fc.constant('vol'),
    node: fc.constant(node),
    site: fc.constantFrom<(string | undefined)[]>(site, site, site, undefined),
    kind: fc.constantFrom('diskful', 'diskful', 'tiebreaker', 'client'),
    inUse: truth,
    diskState: fc.constantFrom('UpToDate', 'Outdated', undefined),
    mayPromote: truth,
    peers: fc.constantFrom(
      [],
      [{ node: 'x', connection: 'StandAlone', replication: undefined, donePercentage: undefined }],
    ),
  });

const volumes = fc.tuple(replicaAt('a', 'source'), replicaAt('b', 'target'), replicaAt('c', 'target')).map(
  (replicas): VolumeView => ({
    resource: 'vol',
    replicas,
    options: { allowTwoPrimaries: 'no', quorum: known('majority') },
  }),
);

describe('the lock of a volume', () => {
  test('is free exactly when every replica is known to be Secondary, none has left, and the target may promote', () => {
    fc.assert(
      fc.property(volumes, (volume) => {
        const { condition } = lockReading('vol', known(volume), 'target');
        const allSecondary = volume.replicas.every((replica) => replica.inUse === 'no');
        const mayPromote = volume.replicas.some((replica) => replica.site === 'target' && replica.mayPromote === 'yes');
        const together = volume.replicas.every((replica) => replica.kind !== 'diskful' || replica.peers.length === 0);
        expect(condition === 'free').toBe(allSecondary && mayPromote && together);
      }),
      { numRuns: 500 },
    );
  });

  test('always says what keeps it from being free', () => {
    fc.assert(
      fc.property(volumes, (volume) => {
        const { condition, blockers } = lockReading('vol', known(volume), 'target');
        expect(blockers.length > 0).toBe(condition !== 'free');
      }),
    );
  });

  test('is unknown when the storage is silent or does not know the volume', () => {
    expect(lockReading('vol', unknown('LINSTOR: no answer'), 'target')).toMatchObject({
      condition: 'unknown',
      blockers: ['LINSTOR: no answer'],
    });
    expect(lockReading('vol', known(undefined), 'target').condition).toBe('unknown');
  });
});
