import type { GroupOverview, SiteOverview } from '../model/group-overview.ts';
import type { SiteName } from '../model/site.ts';
import { factTexts } from './fact-text.ts';
import { tableLines } from './table.ts';

/** Which registered cluster a site is, as headings name it. */
export interface SiteTitles {
  readonly primary: SiteName;
  readonly dr: SiteName;
}

/** `PRIMARY CLUSTER (cluster1):` */
export function siteHeading(site: SiteName, titles: SiteTitles): string {
  return `${site === titles.primary ? 'PRIMARY' : 'DR'} CLUSTER (${site}):`;
}

/** A group on both clusters with the state of every VM on each: `get protectiongroup NAME --all-clusters`. */
export function allClustersLines(overview: GroupOverview, titles: SiteTitles, wide: boolean): readonly string[] {
  const clusters = overview.sites.flatMap((site) => [
    siteHeading(site.site, titles),
    ...tableLines(
      wide ? ['NAME', 'STATE', 'VMS', 'HEALTH', 'DESIRED', 'CURRENT'] : ['NAME', 'STATE', 'VMS', 'HEALTH'],
      [siteRow(overview, site, wide)],
    ),
  ]);
  const rows = virtualMachineNames(overview).flatMap((name) =>
    overview.sites.map((site) => virtualMachineRow(name, site, wide)),
  );
  const headers = wide ? ['VM', 'CLUSTER', 'STATUS', 'MESSAGE'] : ['VM', 'CLUSTER', 'STATUS'];
  return [
    `Protection Group: ${overview.name}`,
    ...clusters,
    'VM STATUS:',
    ...tableLines(headers, rows),
    ...reasonLines(overview),
  ];
}

/** One row per group: `get protectiongroups`, and one group without `--all-clusters`. `everywhere`: groups of all namespaces. */
export function groupTableLines(
  overviews: readonly GroupOverview[],
  { wide, everywhere }: { readonly wide: boolean; readonly everywhere: boolean },
): readonly string[] {
  // With all namespaces theirs comes first, as kubectl shows it.
  const [first, last] = everywhere ? [['NAMESPACE'], []] : [[], ['NAMESPACE']];
  const rows = overviews.map((overview) => {
    const row = [
      ...first.map(() => overview.namespace),
      overview.name,
      presenceOf(overview),
      `${overview.virtualMachineCount}`,
      overview.health,
      activeOn(overview),
    ];
    const facts = factTexts(overview.facts).map(([, text]) => text);
    if (!wide) return row;
    const place = last.map(() => overview.namespace);
    return [...row, ...place, ...facts, overview.sites.flatMap((site) => site.reasons)[0] ?? ''];
  });
  const headers = [...first, 'NAME', 'STATE', 'VMS', 'HEALTH', 'RUNNING ON'];
  const factHeaders = factTexts(undefined).map(([name]) => name.toUpperCase());
  return tableLines(wide ? [...headers, ...last, ...factHeaders, 'REASON'] : headers, rows);
}

/** Why a group is not healthy, each sentence once; a split brain first and with what to do. */
export function reasonLines(overview: GroupOverview): readonly string[] {
  const reasons = [...new Set(overview.sites.flatMap((site) => site.reasons))];
  if (overview.health === 'Healthy') return [];
  if (overview.health !== 'SplitBrain') return [...reasons.map((reason) => `⚠ ${reason}`), ...troubleLines(overview)];
  return [
    ...reasons.map((reason) => `⚠ SPLIT BRAIN: ${reason}`),
    ...troubleLines(overview),
    'remedy: Stop the VMs on one of the clusters at once; then compare both replicas before anything is connected again',
  ];
}

/** What takes a person, each with the next command. */
function troubleLines({ facts }: GroupOverview): readonly string[] {
  return (facts?.troubles ?? []).flatMap(({ what, why, remedy }) => [`⚠ ${what}: ${why}`, `  next: ${remedy}`]);
}

function siteRow(overview: GroupOverview, site: SiteOverview, wide: boolean): readonly string[] {
  const row = [overview.name, site.state, `${overview.virtualMachineCount}`, site.health];
  return wide ? [...row, site.desiredState ?? '-', site.currentState] : row;
}

function virtualMachineRow(name: string, site: SiteOverview, wide: boolean): readonly string[] {
  const vm = site.virtualMachines.find((candidate) => candidate.name === name);
  const row = [name, site.site, vm?.status ?? 'Unknown'];
  return wide ? [...row, vm?.message ?? ''] : row;
}

function virtualMachineNames(overview: GroupOverview): readonly string[] {
  return [...new Set(overview.sites.flatMap((site) => site.virtualMachines.map((vm) => vm.name)))];
}

function presenceOf(overview: GroupOverview): string {
  const states = new Set(overview.sites.map((site) => site.state));
  for (const state of ['Deleting', 'Missing', 'Unknown'] as const) if (states.has(state)) return state;
  return 'Active';
}

function activeOn(overview: GroupOverview): string {
  return overview.activeSites.length === 0 ? '-' : overview.activeSites.join(',');
}
