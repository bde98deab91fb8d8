import { keepLast } from '../../model/memo.ts';
import { planDrbdReads, planSiteReads, planStorageReads, type ReadPlan, type Subject } from '../../model/read-plan.ts';
import { type RecoveryView, recoveryView } from '../../model/recovery/recovery-view.ts';
import type { MachineDefinition } from '../definition.ts';
import { operationDeadlines } from '../operation/deadlines.ts';
import { leasePlace } from '../operation/leases.ts';
import { leaseSites, type RecoveryContext } from './context.ts';
import { recoveryEffects } from './effects.ts';
import { recoveryMachine } from './machine.ts';
import { recoveryRules } from './safety-rules.ts';

/** What tells of the group, its volumes, and of what is done to it. */
const forLook: readonly Subject[] = ['group', 'operations', 'virtualMachines', 'claims', 'volumes', 'nodes'];

/** The recovery machine as hosts run it. */
export const recoveryDefinition: MachineDefinition<RecoveryContext, RecoveryView> = {
  id: 'recovery',
  version: 1,
  machine: recoveryMachine,
  finalStates: new Set(['succeeded', 'cancelled', 'refused', 'failed', 'needsAttention', 'superseded']),
  // A command is given again after a while, however alike the looks are.
  timedStates: new Set(['reuniting']),
  effects: recoveryEffects,
  reports: new Set(['renewLeases', 'releaseLeases']),
  safetyRules: recoveryRules,
  reads,
  project: (observation, { context }) =>
    recoveryView(observation, context.request, { leaseSites: leaseSites(context), resources: context.resources }),
  deadlines: operationDeadlines,
};

const lastPlan = keepLast<ReadPlan>();

// Planned once for what it depends on: hosts know by the same plan that they have read the same things.
function reads(state: string, context: RecoveryContext): ReadPlan {
  const { request, otherSites, satellites, resources } = context;
  return lastPlan([request, otherSites, state, satellites, resources], () => planReads(state, context));
}

function planReads(state: string, context: RecoveryContext): ReadPlan {
  const { request, otherSites, satellites, resources } = context;
  const { namespace, group, name, driver, other } = request;
  const scope = { namespace, group, operation: name };
  const ofSites = (subjects: readonly Subject[]): ReadPlan => [
    ...planSiteReads(driver, ['lease', 'recovery', 'satellites', ...subjects], scope),
    ...planSiteReads(other, ['lease', 'satellites', ...subjects], scope),
    // A tiebreaker may have its place beside the quorum.
    ...otherSites.flatMap((site) => planSiteReads(site, ['lease', 'satellites'], leasePlace(context, site))),
  ];
  switch (state) {
    case 'acquiringLease':
      return ofSites([]);
    case 'finding':
      return ofSites(forLook);
    case 'looking':
      return [...ofSites(forLook), ...planDrbdReads(satellites, resources), ...planStorageReads(['linstorResources'])];
    case 'snapshotting':
      return [...ofSites([]), ...planDrbdReads(satellites, resources), ...planStorageReads(['linstorSnapshots'])];
    default:
      return [...ofSites([]), ...planDrbdReads(satellites, resources)];
  }
}
