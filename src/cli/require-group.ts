import { againCommand } from '../machines/recovery/verdicts.ts';
import { unfinishedOperations } from '../model/failover.ts';
import type { GroupOverview } from '../model/group-overview.ts';
import type { SiteView } from '../model/group-view.ts';
import { textAt } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import type { Observation } from '../model/observation.ts';
import { isRecovery } from '../model/operation-sites.ts';
import type { ProtectionGroup } from '../model/protection-group.ts';
import { isComparison, recoveryRequestOf } from '../model/recovery/recovery-request.ts';
import { readingOfSite } from '../model/site-reading.ts';
import { CommandError } from './command-error.ts';

/** The group on a site; throws when the site has none, or does not tell. */
export function requireGroupOn(
  site: SiteView,
  { group, namespace }: { readonly group: string; readonly namespace: string },
): ProtectionGroup {
  if (!site.group.known) {
    throw new CommandError(`Protection group ${group} could not be read from ${site.site}`, {
      reason: site.group.why,
      remedy: 'See which clusters answer: pgctl config test',
    });
  }
  if (site.group.value !== undefined) return site.group.value;
  throw new CommandError(`Protection group ${group} was not found in namespace ${namespace} of ${site.site}`, {
    reason: `there is no ProtectionGroup ${namespace}/${group}`,
    remedy: `List the groups: pgctl get protectiongroups -n ${namespace}`,
  });
}

/**
 * Throws while a failover or a recovery of the group has not ended, or when a site does not tell. `what` is not done then.
 * `harmless`: an operation that does not stand in its way.
 */
export function requireNoOperation(
  sites: readonly SiteView[],
  group: string,
  what: string,
  harmless: (operation: KubeObject) => boolean = () => false,
): void {
  for (const site of sites) {
    for (const subject of ['operations', 'recoveries'] as const) {
      const operations = readingOfSite(site, subject);
      if (!operations.known) {
        throw new CommandError(`Whether an operation on ${group} is under way could not be read from ${site.site}`, {
          reason: operations.why,
          remedy: 'Nothing was changed. See which clusters answer: pgctl config test',
        });
      }
      const operation = unfinishedOperations(operations.value, group).find((each) => !harmless(each));
      if (operation === undefined) continue;
      throw new CommandError(`Protection group ${group} cannot be ${what} now`, {
        reason: `operation ${operation.metadata.name} on it has not ended`,
        remedy: `Let it end first: ${followCommand(operation, group)}${isComparison(operation) ? `; or give it up: pgctl cancel ${group}` : ''}`,
        exit: 'held',
      });
    }
  }
}

function followCommand(operation: KubeObject, group: string): string {
  if (isRecovery(operation)) return againCommand({ request: recoveryRequestOf(operation) });
  return `pgctl failover ${group} --to ${textAt(operation, 'spec', 'targetCluster') ?? 'CLUSTER'}`;
}

/** Throws unless at least one site has the group. */
export function requireAnyGroup({ name, namespace, sites }: GroupOverview): void {
  if (sites.some((site) => site.state === 'Active' || site.state === 'Deleting')) return;
  throw new CommandError(`Protection group ${name} was not found in namespace ${namespace}`, {
    reason: sites.flatMap((site) => site.reasons.slice(0, 1)).join('; '),
    remedy: sites.some((site) => site.state === 'Unknown')
      ? 'See which clusters answer: pgctl config test'
      : `List the groups: pgctl get protectiongroups -n ${namespace}`,
  });
}

/** Throws when no site answered: an empty list would read as "no groups". */
export function requireAnswer(observation: Observation, sites: readonly string[]): void {
  const readings = sites.map((site) => observation.sites[site]?.readings.groups);
  if (readings.some((reading) => reading?.known === true)) return;
  const why = readings.flatMap((reading) => (reading?.known === false ? [reading.why] : []));
  throw new CommandError('No cluster told which protection groups there are', {
    reason: why.join('; '),
    remedy: 'See which clusters answer: pgctl config test',
  });
}
