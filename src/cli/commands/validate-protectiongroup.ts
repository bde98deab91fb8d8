import { validationChecks } from '../../model/checks/preflight.ts';
import { allPass, type CheckLine, errorsOf } from '../../model/findings.ts';
import { groupOverview, orientedView } from '../../model/group-overview.ts';
import { outOfSyncKib } from '../../model/out-of-sync.ts';
import { checkLines, shownChecks } from '../check-text.ts';
import { defineCommand } from '../command.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { siteHeading } from '../group-text.ts';
import { checkSubjects, observe, withDrbdReports } from '../observe.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { requireAnyGroup } from '../require-group.ts';
import { withSites } from '../sites.ts';

export const validateProtectionGroupCommand = defineCommand({
  name: 'validate protectiongroup',
  about:
    'Checks that all resources of a protection group exist and are correctly configured on both clusters. Nothing is changed. Exit code 3 when something keeps it from being ready.',
  examples: ['pgctl validate protectiongroup production-pg', 'pgctl validate pg production-pg -o json'],
  args: { name: groupPositional, namespace: namespaceOption, output: outputOption(['json', 'yaml']) },
  complete: async ({ name, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), name, output }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name, output }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      if (!isForPrograms(output)) printLines([`▶ Validating Protection Group: ${name}`], context);
      const scope = { namespace, group: name };
      const reach = { driver, clock: context.clock, storage };
      const looked = await observe(reach, [primary, dr], [...checkSubjects, 'clusterPods', 'satellites'], scope);
      const { resources } = orientedView(looked, { ...scope, primary, dr });
      const observation = await withDrbdReports(reach, looked, resources);
      const view = orientedView(observation, { ...scope, primary, dr });
      const { active, standby } = validationChecks(view, outOfSyncKib(observation, view));
      const bySite = [primary, dr].map((site) => ({
        site,
        checks:
          site === view.source.site ? shownChecks(active, view.source, view) : shownChecks(standby, view.target, view),
      }));
      requireAnyGroup(groupOverview(observation, { ...scope, primary, dr }));
      const valid = allPass([...active, ...standby]);
      if (output === 'json' || output === 'yaml') {
        const clusters = bySite.map(({ site, checks }) => ({ name: site, checks }));
        await printDocument({ protectionGroup: name, namespace, valid, clusters }, output, context);
      } else {
        for (const { site, checks } of bySite) {
          printLines([siteHeading(site, { primary, dr }), ...checkLines(checks)], context);
        }
        printLines([overallLine([...active, ...standby])], context);
      }
      return valid ? 'ok' : 'notReady';
    }),
});

function overallLine(lines: readonly CheckLine[]): string {
  const errors = errorsOf(lines).length;
  if (errors === 0) return 'OVERALL: ✓ Configuration valid, ready for failover';
  return `OVERALL: ✗ Not ready for failover: ${errors} ${errors === 1 ? 'problem' : 'problems'} found`;
}
