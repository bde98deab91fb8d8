import { groupOverview, type GroupOverview, type OverviewScope } from '../../model/group-overview.ts';
import { second } from '../../model/instant.ts';
import { type GroupPlace, groupsIn, inNamespace, withGroupFromList } from '../../model/listed-groups.ts';
import { allNamespaces, type ReadScope } from '../../model/read-plan.ts';
import { reportedOverview } from '../../model/reported-overview.ts';
import type { SiteName } from '../../model/site.ts';
import { defineCommand, flag, optionalPositional } from '../command.ts';
import { usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import {
  allNamespacesFlag,
  checkObjectName,
  checkOneNamespace,
  namespaceOption,
  placeOfSeveral,
} from '../group-arguments.ts';
import { allClustersLines, groupTableLines, reasonLines } from '../group-text.ts';
import { observe, observeGroups, overviewSubjects, type StorageReach } from '../observe.ts';
import { type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { requireAnswer, requireAnyGroup } from '../require-group.ts';
import { type OpenSites, withSites } from '../sites.ts';

export const getProtectionGroupCommand = defineCommand({
  name: 'get protectiongroup',
  about:
    'Shows one protection group, or all of a namespace, or of all namespaces. With --all-clusters: the group on both clusters, and the state of every VM on each. With -o wide: where the data is, which way it flows, how far a resync is, and what keeps it from going back.',
  examples: [
    'pgctl get protectiongroups',
    'pgctl get protectiongroups -A',
    'pgctl get protectiongroup production-pg --all-clusters',
    'pgctl get pg production-pg -o wide',
    'pgctl get pg production-pg -o json',
  ],
  args: {
    name: optionalPositional('NAME', 'name of the protection group (default: all)', { suggest: 'protectionGroups' }),
    allClusters: flag('--all-clusters', 'show the group on both clusters, with its VMs'),
    namespace: namespaceOption,
    everywhere: allNamespacesFlag,
    output: outputOption(),
  },
  complete: async ({ name, allClusters, namespace, everywhere, output }, context) => ({
    ...(await placeOfSeveral({ namespace, everywhere }, context)),
    name,
    allClusters,
    output,
  }),
  validate: ({ name, allClusters, namespace }) => {
    checkOneNamespace({ name, namespace });
    if (name !== undefined) checkObjectName(name, 'protection group');
    if (allClusters && name === undefined) throw usageError('--all-clusters needs the NAME of a protection group');
  },
  run: ({ settings, namespace, name, allClusters, output }, outer) => {
    const reportsDo = isToldByReports(allClusters, output);
    const show = async ({ driver, primary, dr, storage }: OpenSites, context: CommandContext) => {
      const scope = { namespace, group: name ?? '' };
      const sites: SitesInOrder = [primary, dr];
      const reach = { driver, clock: context.clock, storage };
      const overviews =
        (reportsDo ? await reportedSoon(reach, sites, scope) : undefined) ?? (await looked(reach, sites, scope));
      const everywhere = namespace === allNamespaces;
      const how = { output, allClusters, everywhere, single: name !== undefined, titles: { primary, dr } };
      await print(overviews, how, context);
      return 'ok' as const;
    };
    return withSites(settings, outer, show, { endsSoon: reportsDo });
  },
});

/** The primary site, then the DR site. */
type SitesInOrder = readonly [SiteName, SiteName];

/**
 * A table of groups shows nothing but what their status tells too. With all clusters, the VMs themselves are looked at; a wide
 * table has the replication as it is now.
 */
function isToldByReports(allClusters: boolean, output: OutputFormat): boolean {
  return !allClusters && (output === 'text' || output === 'name');
}

/** A site that does not answer is waited for once: together with everything else that is looked at then. */
const patience = second;

/** What the controllers report, or undefined when it is not known soon. */
async function reportedSoon(
  reach: StorageReach,
  sites: SitesInOrder,
  scope: ReadScope,
): Promise<readonly GroupOverview[] | undefined> {
  const answered = new AbortController();
  const late = reach.clock.sleepUntil(reach.clock.now() + patience, answered.signal);
  const overviews = await Promise.race([reported(reach, sites, scope), late]);
  answered.abort();
  return overviews ?? undefined;
}

/** Undefined unless the controllers report every group as being as it should be. */
async function reported(
  reach: StorageReach,
  sites: SitesInOrder,
  scope: ReadScope,
): Promise<readonly GroupOverview[] | undefined> {
  const observation = await observeGroups(reach, sites, scope);
  const places = scope.group === '' ? groupsIn(observation, sites) : [scope];
  const overviews = places.flatMap(
    (place) => reportedOverview(withGroupFromList(observation, place), overviewScope(sites, place)) ?? [],
  );
  return overviews.length > 0 && overviews.length === places.length ? overviews : undefined;
}

/** Overviews from everything that the sites and the storage tell now. */
async function looked(reach: StorageReach, sites: SitesInOrder, scope: ReadScope): Promise<readonly GroupOverview[]> {
  const isList = scope.group === '';
  const observation = await observe(reach, sites, [isList ? 'groups' : 'group', ...overviewSubjects], scope);
  if (isList) requireAnswer(observation, sites);
  const places = isList ? groupsIn(observation, sites) : [scope];
  const overviews = places.map((place) => {
    const own = scope.namespace === allNamespaces ? inNamespace(observation, place.namespace) : observation;
    return groupOverview(withGroupFromList(own, place), overviewScope(sites, place));
  });
  if (!isList) overviews.forEach(requireAnyGroup);
  return overviews;
}

function overviewScope([primary, dr]: SitesInOrder, { namespace, group }: GroupPlace): OverviewScope {
  return { namespace, group, primary, dr };
}

interface Presentation {
  readonly output: OutputFormat;
  readonly allClusters: boolean;
  readonly everywhere: boolean;
  readonly single: boolean;
  readonly titles: { readonly primary: string; readonly dr: string };
}

async function print(overviews: readonly GroupOverview[], how: Presentation, context: CommandContext): Promise<void> {
  const { output, allClusters, everywhere, single, titles } = how;
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
  printLines(groupTableLines(overviews, { wide, everywhere }), context);
  for (const overview of overviews) printNotes(reasonLines(overview), context);
}
