import { type LocalGroupView, localGroupView } from '../../model/group-view.ts';
import { oncePer } from '../../model/memo.ts';
import { planSiteReads, planVolumeReads, type ReadPlan, type Subject } from '../../model/read-plan.ts';
import { connectingTime } from '../../model/split-brain.ts';
import { defaultStorageBackend } from '../../model/storage-backend.ts';
import type { MachineDefinition } from '../definition.ts';
import type { ProtectionGroupContext } from './context.ts';
import { protectionGroupEffects } from './effects.ts';
import { protectionGroupMachine } from './machine.ts';
import { protectionGroupRules } from './safety-rules.ts';

/** The ProtectionGroup machine as hosts run it. It keeps nothing that must outlive its process. */
export const protectionGroupDefinition: MachineDefinition<ProtectionGroupContext, LocalGroupView> = {
  id: 'protection-group',
  version: 1,
  machine: protectionGroupMachine,
  finalStates: new Set(['gone']),
  timedStates: new Set(),
  effects: protectionGroupEffects,
  reports: new Set(['reportStatus']),
  safetyRules: protectionGroupRules,
  reads: (_state, context) => planReads(context),
  project: (observation, { context }, earlier) => localGroupView(observation, context.site, earlier),
  deadlines: ({ patience, connectingSince }) => [
    ...(patience === null ? [] : [{ name: 'patience', at: patience.until }]),
    ...(connectingSince === null ? [] : [{ name: 'connecting', at: connectingSince + connectingTime }]),
  ],
};

const ownSubjects: readonly Subject[] = [
  'group',
  'operations',
  'virtualMachines',
  'instances',
  'pods',
  'claims',
  'volumes',
  'attachments',
  'nodes',
  'storageClasses',
];

const planReads = oncePer(
  ({
    site,
    namespace,
    group,
    otherSites,
    inDoubt,
    storageBackend = defaultStorageBackend,
  }: ProtectionGroupContext): ReadPlan => [
    ...planSiteReads(site, inDoubt ? [...ownSubjects, 'recoveries'] : ownSubjects, { namespace, group }),
    ...otherSites.flatMap((other) =>
      planSiteReads(other, inDoubt ? ['group', 'recoveries'] : ['group'], { namespace, group }),
    ),
    ...planVolumeReads(storageBackend, [site, ...otherSites], { namespace, group }),
  ],
);
