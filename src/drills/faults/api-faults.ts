import type { AnswerFault } from '../tape.ts';
import { type FaultFamily, reached, type ReachedFault } from './fault.ts';
import { answered, broken, anySite } from './ranges.ts';
import { oneOf } from './knob.ts';

/** What an API server may answer, or not. */
export const apiFaults: FaultFamily = {
  letter: 'A',
  title: 'API server',
  faults: [
    answer('A1', 'conflict', 'Conflict', 'A request is refused because its object has changed (409).'),
    answer('A6', 'forbidden', 'Forbidden', 'A request is refused because a right was taken away meanwhile (403).'),
    answer('A8', 'busy', 'TooManyRequests', 'A request is refused because the server has too many (429).'),
    answer('A9', 'error', 'InternalError', 'A request breaks inside the server, and is not carried out (500).'),
    answer('A10', 'appliedAndLost', 'AppliedAndLost', 'A request is carried out and its answer never comes.'),
    answer('A11', 'lost', 'Lost', 'A request is not carried out, and no answer comes.'),
    reached(
      'A21',
      'Outage',
      'The API of a site swallows every request, or refuses every connection; its VMs go on.',
      broken('api-outage', { site: anySite, how: oneOf('hang', 'refuse') }),
    ),
  ],
};

function answer(id: string, fault: AnswerFault, name: string, says: string): ReachedFault {
  return reached(id, name, says, answered(fault));
}
