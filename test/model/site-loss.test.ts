import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrbdKernel } from '../../src/drivers/sim/drbd/kernel.ts';
import { defaultOptions } from '../../src/drivers/sim/drbd/options.ts';
import type { ReplicaKind, ReplicaView, VolumeView } from '../../src/model/drbd-replica.ts';
import { known, unknown } from '../../src/model/known.ts';
import { quorumAfterLoss } from '../../src/model/site-loss.ts';
import { Clock } from '../drivers/sim/drbd/drbd-lab.ts';

type Layout = readonly (readonly [site: string, kind: ReplicaKind])[];

function volume(layout: Layout, quorum: string | undefined = 'majority'): VolumeView {
  const replicas = layout.map(
    ([site, kind], index): ReplicaView => ({
      resource: 'vol',
      node: `${site}-${index}`,
      site,
      kind,
      inUse: 'no',
      diskState: 'UpToDate',
      mayPromote: 'yes',
      peers: [],
    }),
  );
  return { resource: 'vol', replicas, options: { allowTwoPrimaries: 'no', quorum: known(quorum) } };
}

const pair: Layout = [
  ['a', 'diskful'],
  ['b', 'diskful'],
];
const tiebreaker = (site: string): Layout => [...pair, [site, 'tiebreaker']];

describe('the loss of site a leaves the others', () => {
  test.each<[string, Layout, string]>([
    ['no quorum of two copies', pair, 'lost'],
    ['quorum with a tiebreaker on the other site', tiebreaker('b'), 'kept'],
    ['quorum with a tiebreaker on a third site', tiebreaker('c'), 'kept'],
    ['no quorum when the tiebreaker goes with it', tiebreaker('a'), 'lost'],
    ['quorum of three copies, one a site', [...pair, ['c', 'diskful']], 'kept'],
    ['no quorum of three copies, two of them there', [...pair, ['a', 'diskful']], 'lost'],
    ['no quorum of two and two copies', [...pair, ...pair], 'lost'],
    ['quorum of two and two with a tiebreaker on a third site', [...pair, ...tiebreaker('c')], 'kept'],
    ['no copy', [['a', 'diskful']], 'none'],
  ])('%s', (_what, layout, expected) => {
    expect(quorumAfterLoss(volume(layout), 'a')).toBe(expected);
  });

  test('free to go on where quorum is off or not set, and nobody knows where not all is told', () => {
    expect(quorumAfterLoss(volume(pair, 'off'), 'a')).toBe('off');
    expect(
      quorumAfterLoss({ ...volume(pair), options: { allowTwoPrimaries: 'no', quorum: known(undefined) } }, 'a'),
    ).toBe('off');
    expect(
      quorumAfterLoss({ ...volume(pair), options: { allowTwoPrimaries: 'no', quorum: unknown('silent') } }, 'a'),
    ).toBe('unknown');
    expect(quorumAfterLoss(volume(pair, '1'), 'a')).toBe('kept');
    expect(quorumAfterLoss(volume(pair, 'all'), 'a')).toBe('lost');
  });
});

test('what is told is what the kernels come to when a site loses its power', () => {
  const site = fc.constantFrom('a', 'b', 'c');
  const kind = fc.constantFrom<ReplicaKind>('diskful', 'diskful', 'tiebreaker');
  const layouts = fc
    .array(fc.tuple(site, kind), { maxLength: 3 })
    .map((more): Layout => [...pair, ...more])
    // More than one tiebreaker is nothing that LINSTOR makes.
    .filter((layout) => layout.filter(([, each]) => each === 'tiebreaker').length < 2);
  fc.assert(
    fc.property(layouts, fc.nat({ max: 1_000 }), (layout, seed) => {
      const told = quorumAfterLoss(volume(layout), 'a');
      const goesAlong = layout.some(([where, each]) => where === 'a' && each === 'tiebreaker');
      const has = quorumLeft(layout, seed);
      if (told === 'kept') expect(has).toBe(true);
      // A tiebreaker that goes along is missed at the same time, or by luck a moment later than the copy beside it.
      if (told === 'lost' && !goesAlong) expect(has).toBe(false);
    }),
  );
});

/** Whether the copies on b keep quorum when every node of a loses its power while a volume is open there. */
function quorumLeft(layout: Layout, seed: number): boolean {
  const clock = new Clock(seed);
  const kernel = new DrbdKernel(clock, clock.random.stream('drbd'));
  clock.handlers.set('drbd', (event) => kernel.handle(event));
  const nodes = layout.map(([where, kind], index) => ({ node: `${where}-${index}`, where, kind }));
  const replicas = Object.fromEntries(
    nodes.map(({ node, kind }) => [node, kind === 'diskful' ? 'diskful' : 'diskless'] as const),
  );
  kernel.createResource('vol', { sizeKib: 1_024, replicas, options: { ...defaultOptions, quorum: 'majority' } });
  kernel.open('vol', 'a-0', 'vm', 'rw');
  clock.pass(1_000);
  for (const { node, where } of nodes) if (where === 'a') kernel.crashNode(node);
  clock.pass(60_000);
  return kernel.replica('vol', 'b-1')?.quorum === true;
}
