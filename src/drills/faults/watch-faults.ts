import { type FaultFamily, reached } from './fault.ts';
import { between, duration, oneOf, only } from './knob.ts';
import { anyHost, anyMoment, anyPlace, anySite, broken, long, nthRequest, shortly } from './ranges.ts';

/** What may happen to the news of changes, and to what is read after them. */
export const watchFaults: FaultFamily = {
  letter: 'W',
  title: 'Watches and caches',
  faults: [
    reached(
      'W1',
      'NewsLate',
      'The processes of a place hear of changes late.',
      broken('news-late', { site: anyPlace, by: duration(200, 500, 2_000) }),
    ),
    reached('W2', 'Gap', 'The processes of a place miss changes for a while, until they look by themselves.', {
      ...broken('news-lost', { site: anyPlace }),
      lasts: shortly,
    }),
    reached(
      'W3',
      'Coalesced',
      'The processes of a place hear of several changes as one: what was in between is never seen.',
      broken('news-late', { site: anyPlace, by: duration(4_000, 10_000, 30_000) }),
    ),
    reached(
      'W4',
      'ReorderedAcrossKinds',
      'Reads of one kind of object lag behind those of the others.',
      broken('reads-stale', {
        site: anySite,
        resource: oneOf('nodes', 'persistentvolumes', 'persistentvolumeclaims', 'storageclasses'),
      }),
    ),
    reached(
      'W5',
      'Doubled',
      'The processes of a place hear of every change twice.',
      broken('news-doubled', { site: anyPlace }),
    ),
    reached('W6', 'SilentStall', 'The watches of a place stay open and tell nothing, for long.', {
      ...broken('news-lost', { site: anyPlace }),
      lasts: long,
    }),
    reached('W7', 'GoneStorm', 'List after list is too old to be shown (410).', {
      kind: only('answer'),
      host: anyHost,
      nth: nthRequest,
      of: { verb: only('list') },
      fault: only('gone'),
      times: between(5, 60),
    }),
    reached(
      'W8',
      'DeletionMissed',
      'What has been deleted is still shown, and what is new is not.',
      broken('reads-stale', {
        site: anySite,
        resource: oneOf('pods', 'virtualmachineinstances', 'volumeattachments'),
      }),
    ),
    reached('W9', 'OwnWriteNotSeen', 'What a process has just written does not show when it reads it.', {
      ...broken('reads-stale', {
        site: anySite,
        resource: oneOf('protectiongroups', 'failovers', 'leases', 'virtualmachines'),
      }),
      when: anyMoment,
    }),
  ],
};
