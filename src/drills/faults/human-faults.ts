import { type FaultFamily, onlyInScenarios, reached } from './fault.ts';
import { only, oneOf } from './knob.ts';
import { anyMoment, dataSite } from './ranges.ts';

/** What people may do. */
export const humanFaults: FaultFamily = {
  letter: 'H',
  title: 'People',
  faults: [
    onlyInScenarios(
      reached('H1', 'DesiredStateEdited', 'A person sets the desired state of a site by hand.', {
        kind: only('edit'),
        site: dataSite,
        desiredState: oneOf('running', 'stopped'),
        when: anyMoment,
      }),
      'what the person ordered by hand may stay wrong for good, which is no fault of the product',
    ),
    reached('H11', 'Cancelled', 'A person gives an operation up.', {
      kind: only('cancel'),
      operation: only('away'),
      when: anyMoment,
    }),
  ],
};
