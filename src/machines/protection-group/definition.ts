import { type LocalGroupView, localGroupView } from '../../model/group-view.ts';
import { oncePer } from '../../model/memo.ts';
import { planSiteReads, planStorageReads, type ReadPlan } from '../../model/observation.ts';
import type { MachineDefinition } from '../definition.ts';
import { requestRules } from '../request-rules.ts';
import type { ProtectionGroupContext } from './context.ts';
import { protectionGroupEffects } from './effects.ts';
import { protectionGroupMachine } from './machine.ts';

/** The ProtectionGroup machine as hosts run it. It keeps nothing that must outlive its process. */
export const protectionGroupDefinition: MachineDefinition<ProtectionGroupContext, LocalGroupView> = {
  id: 'protection-group',
  version: 1,
  machine: protectionGroupMachine,
  finalStates: new Set(['gone']),
  timedStates: new Set(),
  effects: protectionGroupEffects,
  reports: new Set(['reportStatus']),
  safetyRules: requestRules,
  reads: (_state, context) => planReads(context),
  project: (observation, { context }, earlier) => localGroupView(observation, context.site, earlier),
  deadlines: ({ patience }) => (patience === null ? [] : [{ name: 'patience', at: patience.until }]),
};

const planReads = oncePer(
  ({ site, namespace, group }: ProtectionGroupContext): ReadPlan => [
    ...planSiteReads(
      site,
      ['group', 'virtualMachines', 'instances', 'pods', 'claims', 'volumes', 'attachments', 'nodes', 'storageClasses'],
      { namespace, group },
    ),
    ...planStorageReads([
      'linstorResources',
      'linstorDefinitions',
      'linstorGroups',
      'linstorProperties',
      'linstorNodes',
    ]),
  ],
);
