import { orientedView } from '../../model/group-overview.ts';
import { isComparison } from '../../model/recovery/recovery-request.ts';
import { defineCommand } from '../command.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { planGroupSync } from '../group-sync.ts';
import { observe, syncSubjects } from '../observe.ts';
import { printLines } from '../output.ts';
import { requireGroupOn, requireNoOperation } from '../require-group.ts';
import { withSites } from '../sites.ts';
import { runSync } from '../sync-run.ts';

export const syncProtectionGroupCommand = defineCommand({
  name: 'sync protectiongroup',
  about:
    'Copies the definitions of all VMs of a group, with their PVCs, PVs, Secrets and ConfigMaps, from the cluster that runs the group to the other one. Power is never changed, and a VM that may run there is left alone.',
  examples: ['pgctl sync protectiongroup production-pg'],
  args: { name: groupPositional, namespace: namespaceOption },
  complete: async ({ name, namespace }, context) => ({ ...(await placeOf(namespace, context)), name }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      const scope = { namespace, group: name };
      const observation = await observe({ driver, clock: context.clock, storage }, [primary, dr], syncSubjects, scope);
      const view = orientedView(observation, { ...scope, primary, dr });
      requireGroupOn(view.source, scope);
      // Half-way neither site runs the group, and nobody could say which one's definitions are the newer.
      // A comparison of copies, which takes hours, writes neither: it need not be waited for.
      requireNoOperation([view.source, view.target], name, 'synced', isComparison);
      printLines([`▶ Syncing Protection Group: ${name} (${view.source.site} to ${view.target.site})`], context);
      await runSync(planGroupSync(view), driver, (lines) => printLines(lines, context));
      printLines([`✓ Protection Group ${name} is in sync on ${view.target.site}`], context);
      return 'ok';
    }),
});
