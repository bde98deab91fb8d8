import { type FaultFamily, reached } from './fault.ts';
import { duration, maybe, only, oneOf } from './knob.ts';
import { anyPlace, anySite, broken, dataSite, shortly } from './ranges.ts';

/** What may happen between the sites, on the plane of the APIs and on that of DRBD. */
export const networkFaults: FaultFamily = {
  letter: 'N',
  title: 'Network',
  faults: [
    reached(
      'N1',
      'LinksDropped',
      'No packet passes between the two sites with VMs, of neither plane.',
      broken('link-cut', { site: only('cluster1'), peer: only('cluster2') }),
    ),
    reached(
      'N2',
      'OneWay',
      'Requests from one place to a site are lost; those in the other direction are not.',
      broken('one-way-cut', { site: anyPlace, peer: dataSite }),
    ),
    reached(
      'N3',
      'Latency',
      'Requests to a site take longer, now more and now less.',
      broken('api-slow', { site: anySite, by: duration(100, 1_000, 3_000, 6_000) }),
    ),
    reached('N4', 'Clog', 'Requests to a site are held up, and arrive together in the end.', {
      ...broken('api-clogged', { site: anySite }),
      lasts: shortly,
    }),
    reached(
      'N5',
      'Swizzle',
      'The sites are stopped up one after the other, and set free in another order.',
      { ...broken('api-clogged', { site: only('cluster1') }), lasts: shortly },
      { ...broken('api-clogged', { site: only('cluster2') }), lasts: shortly },
      broken('link-cut', { site: dataSite, plane: only('drbd') }),
    ),
    reached(
      'N6',
      'Flapping',
      'A link goes and comes, about as often as DRBD looks whether its peer is there.',
      broken('link-flap', {
        site: only('cluster1'),
        peer: only('cluster2'),
        plane: oneOf('api', 'drbd'),
        by: duration(500, 2_000, 5_000, 11_000),
      }),
    ),
    reached(
      'N7',
      'NameUnknown',
      'The name of the API of a site is not found.',
      broken('api-refuses', { site: anySite, how: only('name') }),
    ),
    reached(
      'N8',
      'SiteIsolated',
      'A site with VMs reaches no other site, and is reached by none.',
      broken('link-cut', { site: dataSite }),
    ),
    reached('N9', 'QuorumSiteIsolated', 'The quorum site alone is cut off.', {
      ...broken('link-cut', { site: only('cluster3') }),
    }),
    reached(
      'N10',
      'OnePlaneDown',
      'Only one plane is down: the APIs work and replication does not, or the reverse.',
      broken('link-cut', { site: anySite, peer: maybe(anySite), plane: oneOf('api', 'drbd') }),
    ),
    reached('N11', 'DeskCut', 'The desk at which pgctl runs loses a site.', broken('desk-cut', { site: anySite })),
  ],
};
