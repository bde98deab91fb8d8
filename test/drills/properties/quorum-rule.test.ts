import { expect, test } from 'vitest';
import { decideQuorum } from '../../../src/drivers/sim/drbd/quorum.ts';
import { hasQuorum, type QuorumScene, type Seen } from '../../../src/drills/properties/quorum-rule.ts';

const views: readonly Seen[] = ['upToDate', 'here', 'outdated', 'expelled', 'unknown'];
const settings: readonly QuorumScene['quorum'][] = ['off', 'majority', 'all', 1, 2, 3, 4];
const redundancies: readonly QuorumScene['redundancy'][] = ['off', 'majority', 'all', 2];
const helpers: readonly QuorumScene['tiebreakers'][] = [
  { here: 0, away: 0 },
  { here: 1, away: 0 },
  { here: 0, away: 1 },
];

/** Every way in which so many nodes can be seen, the first one being the node itself. */
function* scenes(size: number): Generator<readonly Seen[]> {
  if (size === 1) for (const own of ['upToDate', 'here'] as const) yield [own];
  else for (const rest of scenes(size - 1)) for (const view of views) yield [...rest, view];
}

/** What the world's kernel decides of the same. */
function decided({ seen, tiebreakers, quorum, redundancy, hadQuorum }: QuorumScene): boolean {
  const number = (view: Seen): number => seen.filter((each) => each === view).length;
  const count = {
    upToDate: number('upToDate'),
    present: number('here'),
    outdated: number('outdated'),
    quorumless: number('expelled'),
    unknown: number('unknown'),
    diskless: tiebreakers.here,
    missingDiskless: tiebreakers.away,
  };
  return decideQuorum(count, { quorum, 'quorum-minimum-redundancy': redundancy }, hadQuorum).quorum;
}

/** Every way in which a node can see the others, with every setting. */
function* rows(): Generator<QuorumScene> {
  const settled = [true, false].flatMap((hadQuorum) =>
    redundancies.flatMap((redundancy) =>
      settings.flatMap((quorum) => helpers.map((tiebreakers) => ({ tiebreakers, quorum, redundancy, hadQuorum }))),
    ),
  );
  for (const size of [1, 2, 3, 4])
    for (const seen of scenes(size)) for (const others of settled) yield { seen, ...others };
}

test('on every layout of one to four disks and a tiebreaker the world grants quorum where the rule does', () => {
  const all = [...rows()];
  expect(all).toHaveLength((1 + 5 + 25 + 125) * 2 * 3 * 7 * 4 * 2);
  expect(all.filter((scene) => hasQuorum(scene) !== decided(scene))).toEqual([]);
});
