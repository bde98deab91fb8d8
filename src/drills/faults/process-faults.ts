import { type FaultFamily, reached } from './fault.ts';
import { only, oneOf } from './knob.ts';
import { anyHost, nthRequest } from './ranges.ts';

/** What may happen to the product's own processes. */
export const processFaults: FaultFamily = {
  letter: 'P',
  title: 'Processes of the product',
  faults: [
    reached(
      'P1',
      'Crash',
      'A process dies before it sends a changing request, or after it was carried out and before the answer; a controller is back soon.',
      { kind: only('crash'), host: anyHost, nth: nthRequest, moment: oneOf('before', 'after') },
    ),
    reached(
      'P7',
      'TerminalLost',
      'The terminal of the person who runs pgctl goes away, and pgctl with it; nobody starts it again.',
      { kind: only('crash'), host: only('pgctl'), nth: nthRequest, moment: oneOf('before', 'after') },
    ),
  ],
};
