import { minute } from '../../model/instant.ts';
import { type FaultFamily, onlyInScenarios, reached } from './fault.ts';
import { between, duration, only, oneOf } from './knob.ts';
import { anyPlace, anySite, broken } from './ranges.ts';

/** What may be wrong with the time. A site has one clock. */
export const clockFaults: FaultFamily = {
  letter: 'C',
  title: 'Clocks',
  faults: [
    reached('C1', 'Offset', 'The clock of a site, or of the desk, is ten minutes off from the beginning.', {
      kind: only('fault'),
      fault: { kind: only('clock-wrong'), site: anyPlace, by: oneOf(-10 * minute, 10 * minute) },
      when: { at: between(0, 4_000) },
    }),
    reached(
      'C2',
      'Drift',
      'The clock of a site, or of the desk, gains or loses a thousandth.',
      broken('clock-drifts', { site: anyPlace, by: oneOf(-1_000, 1_000) }),
    ),
    reached(
      'C3',
      'StepBack',
      'The clock of a site, or of the desk, steps back by some seconds.',
      broken('clock-wrong', { site: anyPlace, by: between(-60_000, -1_000) }),
    ),
    onlyInScenarios(
      reached(
        'C4',
        'StepForward',
        'The clock of a site, or of the desk, steps forward past every deadline.',
        broken('clock-wrong', { site: anyPlace, by: duration(60 * minute, 240 * minute) }),
      ),
      'deadlines are kept as times of day: a clock that is put back by hours leaves an operation waiting for as long',
    ),
    reached(
      'C5',
      'CertificateNotValid',
      "By the clock of a site its API server's certificate is not valid: nobody of ours talks to it.",
      broken('api-refuses', { site: anySite, how: only('certificate') }),
    ),
  ],
};
