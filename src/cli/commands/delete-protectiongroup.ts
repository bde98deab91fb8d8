import { orientedView } from '../../model/group-overview.ts';
import type { SiteView } from '../../model/group-view.ts';
import { resources } from '../../model/kube.ts';
import type { Driver } from '../../runtime/ports.ts';
import { defineCommand, flag } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { checkSubjects, observe } from '../observe.ts';
import { printLines } from '../output.ts';
import { confirm } from '../prompt.ts';
import { requireNoOperation } from '../require-group.ts';
import { withSites } from '../sites.ts';

export const deleteProtectionGroupCommand = defineCommand({
  name: 'delete protectiongroup',
  about:
    'Stops protecting a group: deletes the ProtectionGroup object on both clusters. VMs, claims, volumes and their data stay on both, and running VMs go on running.',
  examples: ['pgctl delete protectiongroup production-pg'],
  args: { name: groupPositional, namespace: namespaceOption, yes: flag('-y, --yes', 'do not ask') },
  complete: async ({ name, namespace, yes }, context) => ({ ...(await placeOf(namespace, context)), name, yes }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name, yes }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, storage }, context) => {
      const scope = { namespace, group: name };
      const observation = await observe(
        { driver, clock: context.clock, storage },
        [primary, dr],
        [...checkSubjects, 'recoveries'],
        scope,
      );
      const { source, target } = orientedView(observation, { ...scope, primary, dr });
      requireDeletable(name, namespace, [target, source]);
      printLines(
        [
          `⚠ Deleting Protection Group: ${name}`,
          `VMs, claims and volumes stay on ${primary} and ${dr}; the VMs are no longer protected`,
        ],
        context,
      );
      if (!yes && !(await confirm('Continue?', context))) {
        printLines(['✗ Cancelled: nothing was changed'], context);
        return 'cancelled';
      }
      // The site where the group stands still first: while one is left, it is the one that runs.
      for (const site of [target, source]) printLines([await deleteOn(site, name, namespace, driver)], context);
      return 'ok';
    }),
});

function requireDeletable(name: string, namespace: string, sites: readonly SiteView[]): void {
  for (const site of sites) {
    if (site.group.known) continue;
    throw new CommandError(`Protection group ${name} could not be read from ${site.site}`, {
      reason: site.group.why,
      remedy: 'Nothing was changed. See which clusters answer: pgctl config test',
    });
  }
  requireNoOperation(sites, name, 'deleted');
  if (sites.some((site) => site.group.known && site.group.value !== undefined)) return;
  throw new CommandError(`Protection group ${name} was not found in namespace ${namespace}`, {
    reason: `neither ${sites.map((site) => site.site).join(' nor ')} has it`,
    remedy: `List the groups: pgctl get protectiongroups -n ${namespace}`,
  });
}

async function deleteOn(site: SiteView, name: string, namespace: string, driver: Driver): Promise<string> {
  const group = site.group.known ? site.group.value : undefined;
  if (group === undefined) return `✓ ${name} does not exist on ${site.site}`;
  const { uid } = group.object.metadata;
  const outcome = await driver.perform({
    api: 'kube',
    site: site.site,
    verb: 'delete',
    resource: resources.protectionGroup,
    namespace,
    name,
    // Orphan: whatever may name the group as its owner stays.
    options: { propagationPolicy: 'Orphan', ...(uid === undefined ? {} : { preconditions: { uid } }) },
  });
  if (outcome.kind === 'applied' || (outcome.kind === 'refused' && outcome.status === 404)) {
    return `✓ ${name} deleted on ${site.site}`;
  }
  throw new CommandError(
    `Protection group ${name} ${outcome.kind === 'unknown' ? 'may not have been' : 'was not'} deleted on ${site.site}`,
    {
      reason: outcome.message,
      remedy: 'Remove the cause and run the same command again: it goes on with what is left',
    },
  );
}
