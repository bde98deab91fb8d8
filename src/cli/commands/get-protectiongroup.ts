import { groupNamesIn, groupOverview, type GroupOverview, withGroupFromList } from '../../model/group-overview.ts';
import type { Observation } from '../../model/observation.ts';
import { defineCommand, flag, optionalPositional } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { checkObjectName, namespaceOption, placeOf } from '../group-arguments.ts';
import { allClustersLines, groupTableLines, reasonLines } from '../group-text.ts';
import { observe, overviewSubjects } from '../observe.ts';
import { type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { requireAnyGroup } from '../require-group.ts';
import { withSites } from '../sites.ts';

export const getProtectionGroupCommand = defineCommand({
  name: 'get protectiongroup',
  about:
    'Shows one protection group, or all of a namespace. With --all-clusters: the group on both clusters, and the state of every VM on each.',
  examples: [
    'pgctl get protectiongroups',
    'pgctl get protectiongroup production-pg --all-clusters',
    'pgctl get pg production-pg -o json',
  ],
  args: {
    name: optionalPositional('NAME', 'name of the protection group (default: all)', { suggest: 'protectionGroups' }),
    allClusters: flag('--all-clusters', 'show the group on both clusters, with its VMs'),
    namespace: namespaceOption,
    output: outputOption(),
  },
  complete: async ({ name, allClusters, namespace, output }, context) => ({
    ...(await placeOf(namespace, context)),
    name,
    allClusters,
    output,
  }),
  validate: ({ name, allClusters }) => {
    if (name !== undefined) checkObjectName(name, 'protection group');
    if (allClusters && name === undefined) throw usageError('--all-clusters needs the NAME of a protection group');
  },
  run: ({ settings, namespace, name, allClusters, output }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr }, context) => {
      const scope = { namespace, group: name ?? '' };
      const sites = [primary, dr];
      const subjects = [name === undefined ? ('groups' as const) : ('group' as const), ...overviewSubjects];
      const observation = await observe({ driver, clock: context.clock }, sites, subjects, scope);
      const overviews =
        name === undefined
          ? groupNamesIn(observation, sites).map((group) =>
              groupOverview(withGroupFromList(observation, group), { namespace, group, primary, dr }),
            )
          : [groupOverview(observation, { namespace, group: name, primary, dr })];
      if (name === undefined) requireAnswer(observation, sites);
      for (const overview of name === undefined ? [] : overviews) requireAnyGroup(overview);
      await print(overviews, { output, allClusters, single: name !== undefined, titles: { primary, dr } }, context);
      return 'ok';
    }),
});

/** Throws when no site answered: an empty list would read as "no groups". */
function requireAnswer(observation: Observation, sites: readonly string[]): void {
  const readings = sites.map((site) => observation.sites[site]?.readings.groups);
  if (readings.some((reading) => reading?.known === true)) return;
  const why = readings.flatMap((reading) => (reading?.known === false ? [reading.why] : []));
  throw new CommandError('No cluster told which protection groups there are', {
    reason: why.join('; '),
    remedy: 'See which clusters answer: pgctl config test',
  });
}

interface Presentation {
  readonly output: OutputFormat;
  readonly allClusters: boolean;
  readonly single: boolean;
  readonly titles: { readonly primary: string; readonly dr: string };
}

async function print(overviews: readonly GroupOverview[], how: Presentation, context: CommandContext): Promise<void> {
  const { output, allClusters, single, titles } = how;
  const wide = output === 'wide';
  if (output === 'json' || output === 'yaml') {
    return printDocument(single ? overviews[0] : { items: overviews }, output, context);
  }
  if (output === 'name') {
    return printLines(
      overviews.map(({ name }) => `protectiongroup.siterecovery.trilio.io/${name}`),
      context,
    );
  }
  if (allClusters)
    return overviews.forEach((overview) => printLines(allClustersLines(overview, titles, wide), context));
  if (overviews.length === 0) return printNotes(['No protection groups found'], context);
  printLines(groupTableLines(overviews, wide), context);
  for (const overview of overviews) printNotes(reasonLines(overview), context);
}
