import { type Instant, minute, second } from '../../model/instant.ts';
import type { StepView } from '../../model/projection.ts';
import { begunAnew } from '../../model/recovery/comparison.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { leaseWaitOf, sightHolder, takenOver } from '../operation/taking-over.ts';
import type { RecoveryContext, RecoveryInput, RecoveryStep } from './context.ts';
import { recoveryKind } from './journal.ts';

/** How long LINSTOR may take for the snapshots. */
export const snapshotTime = 2 * minute;
/** How long nothing may change before a person is asked. */
export const stallTime = 5 * minute;
/** How long a node may be silent before its comparison counts as lost. */
export const silenceTime = 60 * second;

const forwardSteps: Readonly<Record<RecoveryInput['request']['action'], readonly RecoveryStep[]>> = {
  Resolve: ['snapshot', 'reunite', 'compare'],
  Verify: ['compare'],
};

/** The context of an operation before its Leases are ours. */
export function beginContext({ request, otherSites, holder, now, patient }: RecoveryInput): RecoveryContext {
  return {
    request,
    otherSites,
    holder,
    formerHolder: '',
    takenOverAt: '',
    acquired: false,
    startedAt: now,
    epoch: 0,
    resources: [],
    nodes: [],
    satellites: [],
    survivors: {},
    givenUp: [],
    told: {},
    comparisons: [],
    progress: '',
    leases: {},
    deadlines: patient ? {} : { leaseWait: leaseWaitOf(now) },
    steps: forwardSteps[request.action].map(
      (name): StepView<RecoveryStep> => ({ name, state: 'pending', virtualMachines: [] }),
    ),
    blockers: [],
  };
}

/**
 * What changes once the Leases are ours. A comparison that a former holder followed is begun anew: nobody has seen whether
 * its connection lasted.
 */
export function acquire(context: RecoveryContext, view: RecoveryView, now: Instant): Partial<RecoveryContext> {
  const taken = takenOver(recoveryKind, context, view, now);
  const { comparisons = [] } = taken;
  return {
    ...taken,
    satellites: view.satellites,
    comparisons: comparisons.map((each) => (each.result === 'Running' ? begunAnew(each) : each)),
  };
}

/** Who drives the operation, and where DRBD can be asked. */
export function sightOperation(view: RecoveryView): Partial<RecoveryContext> {
  return { ...sightHolder(view.operation), satellites: view.satellites };
}
