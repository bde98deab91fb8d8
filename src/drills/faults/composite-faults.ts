import { second } from '../../model/instant.ts';
import { type FaultFamily, notReached, reached } from './fault.ts';
import { duration, only, oneOf } from './knob.ts';
import { anySite, anyVm, atState, broken, nthRequest } from './ranges.ts';

const moment = oneOf('before', 'after');

/** Faults that are worse together. */
export const compositeFaults: FaultFamily = {
  letter: 'X',
  title: 'Together',
  faults: [
    reached('X1', 'HealedAtTheEdge', 'A device is let go on the edge of the time that a failover waits for it.', {
      ...broken('opener-stuck', { vm: anyVm }, atState('stoppingSource', 'awaitingRelease')),
      lasts: duration(29_000, 29_990, 30_010, 31_000),
    }),
    reached(
      'X2',
      'RollingSiteLoss',
      'One site goes dark after the other.',
      { ...broken('site-loss', { site: only('cluster2') }), lasts: duration(4 * second, 12 * second) },
      { ...broken('site-loss', { site: only('cluster1') }), lasts: duration(4 * second, 12 * second) },
    ),
    reached(
      'X3',
      'CrashInRecovery',
      'pgctl dies, and the process that goes on in its place dies as well.',
      { kind: only('crash'), host: only('pgctl'), nth: nthRequest, moment },
      { kind: only('crash'), host: only('failover-controller'), nth: nthRequest, moment },
    ),
    reached(
      'X4',
      'FaultInWayBack',
      'A failover turns back, the API of a site goes away meanwhile, and the process that drives it dies.',
      broken('vm-stuck', { vm: anyVm }),
      broken('api-outage', { site: anySite }, atState('rollingBack')),
      { kind: only('crash'), host: oneOf('pgctl', 'failover-controller'), nth: nthRequest, moment },
    ),
    notReached(
      'X5',
      'FaultPointsInDrivers',
      'The drivers of the product fail at points of their own.',
      'the twin has drivers of its own; what a driver can tell of a request are the answers of family A',
    ),
  ],
};
