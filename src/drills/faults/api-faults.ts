import type { AnswerFault } from '../tape.ts';
import { type FaultFamily, notReached, reached, type ReachedFault } from './fault.ts';
import { maybe, oneOf, only } from './knob.ts';
import { answered, answeredOf, anySite, broken, shortly } from './ranges.ts';

/** What an API server may answer, or not. */
export const apiFaults: FaultFamily = {
  letter: 'A',
  title: 'API server',
  faults: [
    answer('A1', 'Conflict', 'A request is refused because its object has changed (409).', 'conflict'),
    reached(
      'A2',
      'AlreadyExists',
      'The creation of an object is refused because it is there already (409).',
      answeredOf({ verb: only('create') }, 'exists'),
    ),
    reached(
      'A3',
      'NotFound',
      'An object that was just read is not found when it is to be changed (404).',
      answeredOf({ verb: only('patch') }, 'notFound'),
    ),
    reached('A4', 'Gone', 'A list is too old to be shown (410).', answeredOf({ verb: only('list') }, 'gone')),
    answer('A5', 'Invalid', 'A request is refused by a validation or a webhook (422).', 'invalid'),
    answer('A6', 'Forbidden', 'A request is refused because a right was taken away meanwhile (403).', 'forbidden'),
    reached(
      'A7',
      'TokenExpired',
      'A site takes our token for expired, and refuses every request (401).',
      broken('api-refuses', { site: anySite, how: only('unauthorized') }),
    ),
    answer('A8', 'TooManyRequests', 'A request is refused because the server has too many (429).', 'busy'),
    answer(
      'A9',
      'ServerError',
      'A request fails inside the server or before it, and is not carried out (500, 503, 504).',
      'error',
      'unavailable',
      'gatewayTimeout',
    ),
    answer('A10', 'AppliedAndLost', 'A request is carried out and its answer never comes.', 'appliedAndLost'),
    answer('A11', 'Lost', 'A request is not carried out, and no answer comes.', 'lost'),
    answer(
      'A12',
      'ConnectionReset',
      'The connection is reset before a request was carried out, or after it.',
      'reset',
      'appliedAndReset',
    ),
    answer(
      'A13',
      'AppliedTwice',
      'Something on the way repeats a request, and the second answer is heard.',
      'appliedTwice',
    ),
    answer('A14', 'Slow', 'The answer to a request comes just before its sender would give up.', 'slow'),
    notReached(
      'A15',
      'PagesOfDifferentVersions',
      'The pages of a list come from different versions of the cluster.',
      'the product asks for whole lists, and no list of the twin is cut into pages that nobody asks for',
    ),
    reached(
      'A16',
      'LeaderChange',
      'The etcd of a site has no leader for a while: reads are answered, changes wait, and are carried out in the end.',
      { ...broken('writes-stall', { site: anySite }), lasts: shortly },
    ),
    notReached(
      'A17',
      'RestoredFromBackup',
      'The etcd of a site is restored from a backup, and versions go back.',
      'the API server of the twin cannot put its objects back to an earlier version under the watches of the world',
    ),
    reached(
      'A18',
      'LaggingServer',
      'A server of a site has stopped following the others: all reads show what was, changes go through.',
      broken('reads-stale', { site: anySite }),
    ),
    reached(
      'A19',
      'TypeMissing',
      'A site does not serve a type of ours: its definition was deleted or has no such version.',
      broken('type-missing', { site: anySite, resource: oneOf('protectiongroups', 'failovers') }),
    ),
    reached(
      'A20',
      'ReadOnly',
      'The etcd of a site is full: every change fails.',
      broken('writes-fail', { site: anySite }),
    ),
    reached(
      'A21',
      'Outage',
      'The API of a site swallows every request, or refuses every connection; its VMs go on.',
      broken('api-outage', { site: anySite, how: maybe(oneOf('hang', 'refuse')) }),
    ),
    answer(
      'A22',
      'AppliedLater',
      'A request arrives and is carried out when its sender has given it up.',
      'appliedLater',
    ),
  ],
};

function answer(id: string, name: string, says: string, ...faults: readonly AnswerFault[]): ReachedFault {
  return reached(id, name, says, answered(...faults));
}
