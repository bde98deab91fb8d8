import { groupOverview, orientedView } from '../../model/group-overview.ts';
import { outOfSyncKib } from '../../model/out-of-sync.ts';
import { defineCommand } from '../command.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { descriptionDocument, descriptionLines } from '../group-description.ts';
import { checkSubjects, observe, withDrbdReports } from '../observe.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { requireAnyGroup } from '../require-group.ts';
import { withSites } from '../sites.ts';

export const describeProtectionGroupCommand = defineCommand({
  name: 'describe protectiongroup',
  about:
    'Shows everything about one protection group: where its data is and what DRBD has marked as out of sync, its VMs and claims on both clusters, the replicas of its volumes, what the controllers say of it, and its operations.',
  examples: ['pgctl describe protectiongroup production-pg'],
  args: { name: groupPositional, namespace: namespaceOption, output: outputOption(['json', 'yaml']) },
  complete: async ({ name, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), name, output }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name, output }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      const scope = { namespace, group: name, primary, dr };
      const reach = { driver, clock: context.clock, storage };
      const looked = await observe(reach, [primary, dr], [...checkSubjects, 'satellites'], scope);
      const observation = await withDrbdReports(reach, looked, orientedView(looked, scope).resources);
      const overview = groupOverview(observation, scope);
      requireAnyGroup(overview);
      const view = orientedView(observation, scope);
      const outOfSync = outOfSyncKib(observation, view);
      if (output === 'json' || output === 'yaml') {
        await printDocument(descriptionDocument(overview, view, outOfSync), output, context);
      } else {
        printLines(descriptionLines(overview, view, outOfSync, { primary, dr }), context);
      }
      return 'ok';
    }),
});
