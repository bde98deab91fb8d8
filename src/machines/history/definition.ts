import { oncePer } from '../../model/memo.ts';
import { planSiteReads, type ReadPlan } from '../../model/read-plan.ts';
import { copyRequests, type HistoryView, historyView, removalRequests } from '../../model/operation-copies.ts';
import type { MachineDefinition } from '../definition.ts';
import type { HistoryContext } from './context.ts';
import { historyMachine } from './machine.ts';
import { historyRules } from './safety-rules.ts';

/** The history machine as hosts run it. It keeps nothing that must outlive its process. */
export const historyDefinition: MachineDefinition<HistoryContext, HistoryView> = {
  id: 'history',
  version: 1,
  machine: historyMachine,
  finalStates: new Set(),
  timedStates: new Set(),
  effects: {
    copyOperations: (_context, fact) => (fact.type === 'observed' ? copyRequests(fact.view) : []),
    removeOldest: (_context, fact) => (fact.type === 'observed' ? removalRequests(fact.view) : []),
  },
  reports: new Set(),
  safetyRules: historyRules,
  reads: (_state, context) => planReads(context),
  project: (observation, { context }) => historyView(observation, context.site),
  deadlines: () => [],
};

const planReads = oncePer(
  ({ site, namespace, group, otherSites }: HistoryContext): ReadPlan =>
    [site, ...otherSites].flatMap((each) =>
      planSiteReads(each, ['groupOperations', 'groupRecoveries'], { namespace, group }),
    ),
);
