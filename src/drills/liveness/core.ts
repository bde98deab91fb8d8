import fc from 'fast-check';
import { type Millis, second } from '../../model/instant.ts';
import type { SiteName } from '../../model/site.ts';
import { linstorHome } from '../../drivers/sim/site-topology.ts';
import type { FaultOrder } from '../../twin/faults/fault.ts';
import { sitesOf, stageQuorumSite, stageSites } from '../stage-sites.ts';
import type { Tape, TapeItem, Trigger } from '../tape.ts';

/** How the quorum site is lost: its power, its API, or the way to it on one plane or both. */
const losses: readonly FaultOrder[] = [
  { kind: 'site-loss', site: stageQuorumSite },
  { kind: 'api-outage', site: stageQuorumSite, how: 'hang' },
  { kind: 'api-outage', site: stageQuorumSite, how: 'refuse' },
  { kind: 'link-cut', site: stageQuorumSite },
  { kind: 'link-cut', site: stageQuorumSite, plane: 'api' },
  { kind: 'link-cut', site: stageQuorumSite, plane: 'drbd' },
];

/**
 * A tape of which, in one case in four, only a core is healed when all has been played: the two sites with VMs. The quorum
 * site is lost at any moment and for good. In most of these LINSTOR runs in the core, so that it can do all that it is for;
 * where LINSTOR goes as well, safety and an end of each operation are all that can be asked.
 */
export function withCore(tape: Tape): fc.Arbitrary<Tape> {
  if (!tape.topology.quorumSite) return fc.constant(tape);
  const cored = fc
    .tuple(fc.constantFrom(...losses), moments(), fc.constantFrom(...stageSites, ...stageSites, stageQuorumSite))
    .map(([fault, when, linstor]): Tape => {
      const lost: TapeItem = { kind: 'fault', fault, when, lasts: 'forGood' };
      const topology = { ...tape.topology, storage: { ...tape.topology.storage, linstor } };
      return { ...tape, topology, items: [...tape.items, lost] };
    });
  return fc.oneof({ weight: 3, arbitrary: fc.constant(tape) }, { weight: 1, arbitrary: cored });
}

function moments(): fc.Arbitrary<Trigger> {
  const states = ['preflight', 'stoppingSource', 'startingTarget', 'succeeded', 'rollingBack'];
  return fc.oneof(
    fc.integer({ min: 0, max: 60 * second }).map((at) => ({ at })),
    fc.constantFrom(...states).map((state) => ({ operation: 'away', state })),
  );
}

/** True when LINSTOR's controller answers once a tape has been played: without it no volume is attached or known to be in sync. */
export function keepsLinstor(tape: Tape): boolean {
  return !sitesLost(tape).has(linstorHome(sitesOf(tape.topology)));
}

/** True when the site of the tiebreaker is lost for good: the product calls no such volume replicated. */
export function losesTiebreaker(tape: Tape): boolean {
  const { storage } = tape.topology;
  return storage?.tiebreaker !== undefined && sitesLost(tape).has(storage.tiebreaker);
}

function sitesLost({ items }: Tape): ReadonlySet<SiteName | undefined> {
  return new Set(items.flatMap((item) => (item.kind === 'fault' && item.lasts === 'forGood' ? [item.fault.site] : [])));
}

/** What a group shows may be older than a minute: LINSTOR has no watch. A person who waits this long sees what is so. */
const lateOrderDelay: Millis = 90 * second;

/** A tape in which, in one case in four, a person orders the first group once more when everything is mended. */
export function withLateOrder(tape: Tape): fc.Arbitrary<Tape> {
  const late = fc.constantFrom(...stageSites).map((to): Tape => {
    const order: TapeItem = { kind: 'failover', name: 'afterwards', to, when: { mended: lateOrderDelay } };
    return { ...tape, items: [...tape.items, order] };
  });
  return fc.oneof({ weight: 3, arbitrary: fc.constant(tape) }, { weight: 1, arbitrary: late });
}
