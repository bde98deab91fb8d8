import { validationChecks } from '../../model/checks/preflight.ts';
import { allPass, type CheckLine, errorsOf } from '../../model/findings.ts';
import { groupOverview, orientedView, type OverviewScope } from '../../model/group-overview.ts';
import { allNamespaces } from '../../model/read-plan.ts';
import { outOfSyncKib } from '../../model/out-of-sync.ts';
import { checkLines, shownChecks } from '../check-text.ts';
import { defineCommand, flag, optionalPositional } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { forEachGroup, type GroupEnd } from '../each-group.ts';
import { allNamespacesFlag, checkMeantGroups, namespaceOption, placeOfSeveral } from '../group-arguments.ts';
import { siteHeading } from '../group-text.ts';
import { checkSubjects, observe, type StorageReach, withDrbdReports } from '../observe.ts';
import { isForPrograms, type OutputFormat, outputOption, printDocument, printLines } from '../output.ts';
import { requireAnyGroup } from '../require-group.ts';
import { withSites } from '../sites.ts';

export const validateProtectionGroupCommand = defineCommand({
  name: 'validate protectiongroup',
  about:
    'Checks that all resources of a protection group, or of all, exist and are correctly configured on both clusters. Nothing is changed. Exit code 3 when something keeps one from being ready.',
  examples: [
    'pgctl validate protectiongroup production-pg',
    'pgctl validate pg production-pg -o json',
    'pgctl validate protectiongroup --all',
    'pgctl validate protectiongroup --all -A',
  ],
  args: {
    name: optionalPositional('NAME', 'name of the protection group', { suggest: 'protectionGroups' }),
    all: flag('--all', 'every protection group of the namespace, one after the other, instead of NAME'),
    namespace: namespaceOption,
    everywhere: allNamespacesFlag,
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ namespace, everywhere, ...rest }, context) => ({
    ...(await placeOfSeveral({ namespace, everywhere }, context)),
    ...rest,
  }),
  validate: checkMeantGroups,
  run: ({ settings, namespace: meant, name, output }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const { driver, primary, dr, storage } = sites;
      const reach = { driver, clock: context.clock, storage };
      const look = (group: string, namespace: string): Promise<GroupEnd> => {
        const label = meant === allNamespaces ? `${namespace}/${group}` : group;
        return validate({ namespace, group, primary, dr }, label, output, reach, context);
      };
      const { exit, document } =
        name === undefined
          ? await forEachGroup(reach, { sites: [primary, dr], namespace: meant }, context, look)
          : await look(name, meant);
      if (output === 'json' || output === 'yaml') await printDocument(document, output, context);
      return exit;
    }),
});

/** Checks one group. Throws where no cluster has it. */
async function validate(
  scope: OverviewScope,
  label: string,
  output: OutputFormat,
  reach: StorageReach,
  context: CommandContext,
): Promise<GroupEnd> {
  const { namespace, group, primary, dr } = scope;
  const print = (lines: readonly string[]): void => {
    if (!isForPrograms(output)) printLines(lines, context);
  };
  print([`▶ Validating Protection Group: ${label}`]);
  const looked = await observe(reach, [primary, dr], [...checkSubjects, 'clusterPods', 'satellites'], scope);
  const observation = await withDrbdReports(reach, looked, orientedView(looked, scope).resources);
  const view = orientedView(observation, scope);
  const { active, standby } = validationChecks(view, outOfSyncKib(observation, view));
  requireAnyGroup(groupOverview(observation, scope));
  const clusters = [primary, dr].map((site) => ({
    name: site,
    checks:
      site === view.source.site ? shownChecks(active, view.source, view) : shownChecks(standby, view.target, view),
  }));
  for (const { name, checks } of clusters) print([siteHeading(name, { primary, dr }), ...checkLines(checks)]);
  print([overallLine([...active, ...standby])]);
  const valid = allPass([...active, ...standby]);
  return { exit: valid ? 'ok' : 'notReady', document: { protectionGroup: group, namespace, valid, clusters } };
}

function overallLine(lines: readonly CheckLine[]): string {
  const errors = errorsOf(lines).length;
  if (errors === 0) return 'OVERALL: ✓ Configuration valid, ready for failover';
  return `OVERALL: ✗ Not ready for failover: ${errors} ${errors === 1 ? 'problem' : 'problems'} found`;
}
