import { expect, test } from 'vitest';
import { replicationIsHealthyOf } from '../../../src/model/checks/replication.ts';
import type { ReplicaKind, ReplicaView, VolumeView } from '../../../src/model/drbd-replica.ts';
import { known, type Truth } from '../../../src/model/known.ts';

const nodes = ['node-a', 'node-b', 'node-c'];

test('a volume whose tiebreaker tells its role is healthy', () => {
  expect(findingIds('no')).toEqual([]);
});

test('a volume whose tiebreaker does not tell its role is not ready: the lock gate would wait for it in vain', () => {
  expect(findingIds('unknown')).toEqual(['ReplicaUnknown']);
});

function findingIds(tiebreakerInUse: Truth): readonly string[] {
  const replicas = [
    replica('node-a', 'diskful', 'yes'),
    replica('node-b', 'diskful', 'no'),
    replica('node-c', 'tiebreaker', tiebreakerInUse),
  ];
  const options = { allowTwoPrimaries: 'no' as const, quorum: known('majority') };
  const volume: VolumeView = { resource: 'vol-1', replicas, options };
  return replicationIsHealthyOf(known(new Map([['vol-1', volume]]))).map(({ id }) => id);
}

function replica(node: string, kind: ReplicaKind, inUse: Truth): ReplicaView {
  const isDiskful = kind === 'diskful';
  return {
    resource: 'vol-1',
    node,
    site: undefined,
    kind,
    inUse,
    diskState: isDiskful ? 'UpToDate' : 'Diskless',
    mayPromote: 'no',
    peers: nodes
      .filter((peer) => peer !== node)
      .map((peer) => ({
        node: peer,
        connection: 'Connected',
        replication: isDiskful && peer !== 'node-c' ? 'Established' : undefined,
        donePercentage: undefined,
      })),
  };
}
