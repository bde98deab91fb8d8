import { validationChecks } from '../../model/checks/preflight.ts';
import { allPass, errorsOf } from '../../model/findings.ts';
import { groupView } from '../../model/group-view.ts';
import { planSync } from '../../model/sync-plan.ts';
import { checkLines, shownChecks } from '../check-text.ts';
import { defineCommand, positional, repeatedOption } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import { checkGroupName, checkObjectName, namespaceOption, placeOf } from '../group-arguments.ts';
import { createGroup, creationChecks, requireRoomFor } from '../group-create.ts';
import { siteHeading } from '../group-text.ts';
import { observe, syncSubjects } from '../observe.ts';
import { printLines } from '../output.ts';
import { withSites } from '../sites.ts';
import { runSync } from '../sync-run.ts';

export const createProtectionGroupCommand = defineCommand({
  name: 'create protectiongroup',
  about:
    'Protects VMs together: checks them on the primary cluster, copies their definitions to the DR cluster, creates the group there (stopped) and then on the primary cluster (running). Run it again to go on after a failure.',
  examples: ['pgctl create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2 --namespace default'],
  args: {
    name: positional('NAME', 'name of the new protection group'),
    virtualMachines: repeatedOption('--vm NAME', 'a VM to protect; once for each', { required: true }),
    namespace: namespaceOption,
  },
  complete: async ({ name, virtualMachines, namespace }, context) => ({
    ...(await placeOf(namespace, context)),
    name,
    virtualMachines,
  }),
  validate: ({ name, virtualMachines }) => {
    checkGroupName(name);
    for (const vm of virtualMachines) checkObjectName(vm, 'VM');
    const twice = virtualMachines.find((vm, index) => virtualMachines.indexOf(vm) !== index);
    if (twice !== undefined) throw usageError(`--vm ${twice} is given twice`);
  },
  run: ({ settings, namespace, name, virtualMachines }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      const titles = { primary, dr };
      const print = (lines: readonly string[]): void => printLines(lines, context);
      const look = async () => {
        const scope = { namespace, group: name };
        const subjects = [...syncSubjects, 'clusterPods'] as const;
        const observation = await observe({ driver, clock: context.clock, storage }, [primary, dr], subjects, scope);
        return groupView(observation, { ...scope, source: primary, target: dr, virtualMachines });
      };

      print([`▶ Creating Protection Group: ${name}`]);
      const before = await look();
      requireRoomFor(before, virtualMachines);
      const checks = creationChecks(before);
      print([siteHeading(primary, titles), ...checkLines(shownChecks(checks, before.source, before))]);
      if (!allPass(checks)) {
        const [first] = errorsOf(checks);
        throw new CommandError(`Protection group ${name} was not created`, {
          reason: errorsOf(checks)
            .map((finding) => `${finding.what} (${finding.why})`)
            .join('; '),
          remedy: first?.remedy ?? 'See the findings above',
          exit: 'notReady',
        });
      }
      print([`▶ Syncing definitions to ${dr}`]);
      await runSync(planSync(before), driver, print);
      // The copy first and stopped: a group that is missing there would be started by the schema's default when it comes.
      const onTarget = await createGroup(before.target, before, 'stopped', driver);
      print([`✓ Protection Group ${onTarget ? 'created' : 'exists already'} on ${dr}`]);
      const onSource = await createGroup(before.source, before, 'running', driver);
      print([`✓ Protection Group ${onSource ? 'created' : 'exists already'} on ${primary}`]);

      const after = await look();
      const { standby } = validationChecks(after);
      print([siteHeading(dr, titles), ...checkLines(shownChecks(standby, after.target, after))]);
      if (!allPass(standby)) {
        throw new CommandError(`Protection group ${name} was created, but ${dr} is not ready yet`, {
          reason: errorsOf(standby)
            .map((finding) => `${finding.what} (${finding.why})`)
            .join('; '),
          remedy: `pgctl validate protectiongroup ${name}`,
          exit: 'notReady',
        });
      }
      print([
        `✓ Protection Group ${name} protects ${virtualMachines.length} ${virtualMachines.length === 1 ? 'VM' : 'VMs'}`,
      ]);
      return 'ok';
    }),
});
