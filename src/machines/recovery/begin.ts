import { type Instant, minute, second } from '../../model/instant.ts';
import { leaseRenewal } from '../../model/lease.ts';
import type { StepView } from '../../model/projection.ts';
import { begunAnew } from '../../model/recovery/comparison.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { leaseWaitOf, sightHolder } from '../operation/taking-over.ts';
import type { RecoveryContext, RecoveryInput, RecoveryStep } from './context.ts';
import { journalledRecord } from './journal.ts';

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
 * What changes once the Leases are ours. The journal is read only now, when nobody else writes it any more. A comparison that
 * a former holder followed is begun anew: nobody has seen whether its connection lasted.
 */
export function acquire(context: RecoveryContext, view: RecoveryView, now: Instant): Partial<RecoveryContext> {
  const operation = view.operation.known ? view.operation.value : undefined;
  const { leaseWait: _over, ...own } = context.deadlines;
  const stored = operation && journalledRecord(operation)?.context;
  return {
    ...stored,
    ...sightOperation(view),
    holder: context.holder,
    otherSites: context.otherSites,
    acquired: true,
    leases: {},
    comparisons: (stored?.comparisons ?? []).map((each) => (each.result === 'Running' ? begunAnew(each) : each)),
    deadlines: { ...(stored?.deadlines ?? own), leaseRenewal: now + leaseRenewal },
  };
}

/** Who drives the operation, and where DRBD can be asked. */
export function sightOperation(
  view: RecoveryView,
): Pick<RecoveryContext, 'formerHolder' | 'takenOverAt' | 'satellites'> {
  return { ...sightHolder(view.operation), satellites: view.satellites };
}

/** The state in which the journal left the operation; undefined when nobody has taken it up. */
export function journalledState(view: RecoveryView): string | undefined {
  const operation = view.operation.known ? view.operation.value : undefined;
  return operation && journalledRecord(operation)?.state;
}
