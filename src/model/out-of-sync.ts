import { diskfulReplicas } from './drbd-replica.ts';
import type { GroupView } from './group-view.ts';
import { type Known, known, unknown } from './known.ts';
import { drbdReportOf, type Observation } from './observation.ts';

/**
 * How many KiB of a group's volumes DRBD has marked as not equal between two copies, by its own word. A volume counts with the
 * copy that is furthest behind; it is enough that one of its nodes answers, since both ends of a connection keep the mark.
 * Unknown where no node with a copy has answered.
 */
export function outOfSyncKib(observation: Observation, { volumes }: GroupView): Known<number> {
  if (!volumes.known) return volumes;
  let total = 0;
  for (const [resource, volume] of volumes.value) {
    const copies = volume === undefined ? [] : diskfulReplicas(volume);
    const nodes = new Set(copies.map(({ node }) => node));
    const marks = copies.flatMap(({ node, site }) => {
      const report = site === undefined ? undefined : drbdReportOf(observation, site, node);
      const peers = report?.known === true ? (report.value.get(resource)?.peers ?? []) : [];
      return peers.flatMap((peer) => (nodes.has(peer.node) ? (peer.outOfSyncKib ?? []) : []));
    });
    if (marks.length === 0) return unknown(`no node with a copy of ${resource} has told what DRBD has marked`);
    total += Math.max(...marks);
  }
  return known(total);
}
