import { type FaultFamily, reached } from './fault.ts';
import { maybe, only, oneOf } from './knob.ts';
import { anySite, broken, dataSite } from './ranges.ts';

/** What may happen between the sites, on the plane of the APIs and on that of DRBD. */
export const networkFaults: FaultFamily = {
  letter: 'N',
  title: 'Network',
  faults: [
    reached(
      'N1',
      'LinksDropped',
      'No packet passes between two sites, of neither plane.',
      broken('link-cut', { site: only('cluster1'), peer: only('cluster2') }),
    ),
    reached(
      'N8',
      'SiteIsolated',
      'A site with VMs reaches no other site, and is reached by none.',
      broken('link-cut', { site: dataSite }),
    ),
    reached(
      'N9',
      'QuorumSiteIsolated',
      'The quorum site alone is cut off.',
      broken('link-cut', { site: only('cluster3') }),
    ),
    reached(
      'N10',
      'OnePlaneDown',
      'Only one plane is down: the API works and replication does not, or the reverse.',
      broken('link-cut', { site: anySite, peer: maybe(anySite), plane: oneOf('api', 'drbd') }),
    ),
  ],
};
