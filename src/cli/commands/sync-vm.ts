import { groupView } from '../../model/group-view.ts';
import { planSync } from '../../model/sync-plan.ts';
import { defineCommand, positional } from '../command.ts';
import { checkObjectName, namespaceOption, placeOf } from '../group-arguments.ts';
import { observe, syncSubjects } from '../observe.ts';
import { printLines } from '../output.ts';
import { withSites } from '../sites.ts';
import { runSync } from '../sync-run.ts';

export const syncVmCommand = defineCommand({
  name: 'sync vm',
  about:
    'Copies the definitions of one VM, with its PVCs, PVs, Secrets and ConfigMaps, from the cluster where it runs (the primary one when it runs nowhere) to the other one. Power is never changed.',
  examples: ['pgctl sync vm prod-vm-3', 'pgctl sync vm prod-vm-3 -n production'],
  args: { name: positional('NAME', 'name of the VM'), namespace: namespaceOption },
  complete: async ({ name, namespace }, context) => ({ ...(await placeOf(namespace, context)), name }),
  validate: ({ name }) => checkObjectName(name, 'VM'),
  run: ({ settings, namespace, name }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      const observation = await observe({ driver, clock: context.clock, storage }, [primary, dr], syncSubjects, {
        namespace,
        group: '',
      });
      const scope = { namespace, group: '', virtualMachines: [name] };
      const forward = groupView(observation, { ...scope, source: primary, target: dr });
      const runsOnDr = forward.target.virtualMachines.some((vm) => vm.power.state === 'running');
      const runsOnPrimary = forward.source.virtualMachines.some((vm) => vm.power.state === 'running');
      const view =
        runsOnDr && !runsOnPrimary ? groupView(observation, { ...scope, source: dr, target: primary }) : forward;
      printLines([`▶ Syncing VM: ${name} (${view.source.site} to ${view.target.site})`], context);
      await runSync(planSync(view), driver, (lines) => printLines(lines, context));
      printLines([`✓ VM ${name} is in sync on ${view.target.site}`], context);
      return 'ok';
    }),
});
