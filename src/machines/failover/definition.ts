import { type FailoverView, failoverView } from '../../model/failover-view.ts';
import { neededSubjects } from '../../model/checks/target-needs.ts';
import { keepLast } from '../../model/memo.ts';
import { planDrbdReads, planSiteReads, planVolumeReads, type ReadPlan, type Subject } from '../../model/read-plan.ts';
import { defaultStorageBackend } from '../../model/storage-backend.ts';
import type { MachineDefinition } from '../definition.ts';
import { operationDeadlines } from '../operation/deadlines.ts';
import { leasePlace } from '../operation/leases.ts';
import { type FailoverContext, leaseSites } from './context.ts';
import { failoverEffects } from './effects.ts';
import { failoverMachine } from './machine.ts';
import { failoverRules } from './safety-rules.ts';

const whileActing: readonly Subject[] = [
  'group',
  'lease',
  'virtualMachines',
  'instances',
  'pods',
  'claims',
  'volumes',
  'attachments',
  'nodes',
];

const forPreflight: readonly Subject[] = [
  ...whileActing,
  'groups',
  'operations',
  'storageClasses',
  'secrets',
  'configMaps',
  ...neededSubjects,
];

/** The failover machine as hosts run it. */
export const failoverDefinition: MachineDefinition<FailoverContext, FailoverView> = {
  id: 'failover',
  version: 1,
  machine: failoverMachine,
  finalStates: new Set(['succeeded', 'rolledBack', 'cancelled', 'refused', 'failed', 'needsAttention', 'superseded']),
  // A lock gets stuck by the time that has passed alone.
  timedStates: new Set(['awaitingRelease']),
  effects: failoverEffects,
  reports: new Set(['renewLeases', 'releaseLeases']),
  safetyRules: failoverRules,
  reads,
  project: (observation, { state, context }, earlier) =>
    failoverView(
      observation,
      {
        namespace: context.request.namespace,
        group: context.request.group,
        source: context.request.source,
        target: context.request.target,
        ...(context.epoch === 0 ? {} : { virtualMachines: context.virtualMachines, resources: context.resources }),
      },
      { leaseSites: leaseSites(context), preflightOf: state === 'preflight' ? context.request : undefined },
      earlier,
    ),
  deadlines: operationDeadlines,
};

const lastPlan = keepLast<ReadPlan>();

// Planned once for what it depends on: hosts know by the same plan that they have read the same things.
function reads(state: string, context: FailoverContext): ReadPlan {
  const phase = state === 'acquiringLease' || state === 'preflight' ? state : 'acting';
  const { request, otherSites, satellites } = context;
  return lastPlan([request, otherSites, phase, satellites], () => planReads(phase, context));
}

function planReads(phase: 'acquiringLease' | 'preflight' | 'acting', context: FailoverContext): ReadPlan {
  const { namespace, group, name, source, target, mode } = context.request;
  const scope = { namespace, group, operation: name };
  const others = context.otherSites.flatMap((site) => planSiteReads(site, ['lease'], leasePlace(context, site)));
  // DRBD itself is asked where its refusal may have to be overridden.
  const { storageBackend = defaultStorageBackend } = context.request;
  // DRBD Operator's volumes are read with their satellites.
  const isTold = phase !== 'acquiringLease' && storageBackend === 'drbd-operator';
  const ofDrbd: readonly Subject[] = mode === 'Unplanned' && !isTold ? ['satellites'] : [];
  if (phase === 'acquiringLease') {
    return [
      ...planSiteReads(target, ['lease', 'operation', ...ofDrbd], scope),
      ...planSiteReads(source, ['lease'], scope),
      ...others,
    ];
  }
  const subjects = phase === 'preflight' ? forPreflight : whileActing;
  const ofRoom: readonly Subject[] = phase === 'preflight' ? ['clusterPods'] : [];
  return [
    ...planSiteReads(target, [...subjects, ...ofRoom, 'operation', ...ofDrbd], scope),
    ...(isTold ? [] : planDrbdReads(context.satellites ?? [])),
    ...planSiteReads(source, subjects, scope),
    ...others,
    ...planVolumeReads(storageBackend, [target, source], scope),
  ];
}
