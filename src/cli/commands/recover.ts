import { groupOverview, orientedView } from '../../model/group-overview.ts';
import type { VolumeCopies } from '../../model/recovery/copies.ts';
import { copiesIn, type VolumeOutlook, volumeOutlook } from '../../model/recovery/recovery-outlook.ts';
import type { SiteName } from '../../model/site.ts';
import { defineCommand, option } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { observe, overviewSubjects, withDrbdReports } from '../observe.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { outlookLines, typedCommand, volumeLines } from '../recovery-text.ts';
import { requireAnyGroup } from '../require-group.ts';
import { sitePair, withSites } from '../sites.ts';

export const recoverCommand = defineCommand({
  name: 'recover',
  about:
    'Shows the copies of a group side by side, as DRBD tells of them on every node: which have parted, and what each has written since. With --survivor: what is lost if the copies of that cluster are kept, and the commands that come next. Nothing is changed: give the commands, then run it again, until it says that the copies are together. Exit code 8 while they are not.',
  examples: ['pgctl recover production-pg', 'pgctl recover production-pg --survivor cluster1'],
  args: {
    name: groupPositional,
    namespace: namespaceOption,
    survivor: option('--survivor CLUSTER', 'the cluster whose copies are kept', { suggest: 'clusters' }),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ namespace, ...rest }, context) => {
    const place = await placeOf(namespace, context);
    const { primary, dr } = sitePair(place.settings);
    return { ...place, ...rest, clusters: [primary.name, dr.name] };
  },
  validate: ({ name, survivor, clusters }) => {
    checkObjectName(name, 'protection group');
    if (survivor !== undefined && !clusters.includes(survivor)) {
      throw usageError(`${survivor} has no copies of the group`, `Name one of: ${clusters.join(', ')}`);
    }
  },
  run: ({ settings, namespace, name, survivor, output }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr, quorum }, context) => {
      const scope = { namespace, group: name };
      const reach = { driver, clock: context.clock };
      const sites = [primary, dr, ...(quorum === undefined ? [] : [quorum])];
      const looked = await observe(reach, sites, ['group', ...overviewSubjects, 'satellites'], scope);
      requireAnyGroup(groupOverview(looked, { ...scope, primary, dr }));
      const { resources } = orientedView(looked, { ...scope, primary, dr });
      if (resources.length === 0) throw unknownVolumes(name);
      const volumes = copiesIn(await withDrbdReports(reach, looked, resources), resources);
      // Whose copies are together is told the same whoever survives.
      const outlooks = volumes.map((volume) => volumeOutlook(volume, survivor ?? primary));
      const isTogether = outlooks.every(({ next }) => next.orders.length + next.blockers.length === 0);
      if (output === 'json' || output === 'yaml') {
        const document = {
          protectionGroup: name,
          namespace,
          together: isTogether,
          survivor,
          volumes: documents(outlooks, survivor),
        };
        await printDocument(document, output, context);
      } else {
        show(volumes, context);
        if (isTogether) printLines([`✓ The copies of ${name} are together, and in sync`], context);
        else if (survivor === undefined) printLines(choiceLines(name, [primary, dr]), context);
        else
          printLines(
            [`If ${survivor} survives:`, ...outlooks.flatMap(outlookLines), ...afterwards(name, survivor)],
            context,
          );
      }
      return isTogether ? 'ok' : 'needsAttention';
    }),
});

function show(volumes: readonly VolumeCopies[], context: CommandContext): void {
  for (const volume of volumes) printLines(volumeLines(volume), context);
}

function choiceLines(group: string, clusters: readonly SiteName[]): readonly string[] {
  return [
    `✗ The copies of ${group} are not together. See what is lost, and what comes next, if one cluster survives:`,
    ...clusters.map((cluster) => `  pgctl recover ${group} --survivor ${cluster}`),
  ];
}

function afterwards(group: string, survivor: SiteName): readonly string[] {
  return [`Nothing was changed. After these commands: pgctl recover ${group} --survivor ${survivor}`];
}

function documents(outlooks: readonly VolumeOutlook[], survivor: SiteName | undefined): readonly unknown[] {
  return outlooks.map(({ volume, losses, next }) => ({
    resource: volume.resource,
    silent: volume.silent,
    copies: volume.copies.map(({ satellite, report }) => ({
      node: satellite.node,
      cluster: satellite.site,
      ...report,
    })),
    ...(survivor === undefined
      ? {}
      : {
          losses,
          commands: next.orders.map((order) => ({ node: order.node, command: typedCommand(order) })),
          waitsFor: next.blockers,
        }),
  }));
}

function unknownVolumes(group: string): CommandError {
  return new CommandError(`The volumes of ${group} are not known`, {
    reason: 'no cluster that answers tells of a volume of the group',
    remedy: 'See which clusters answer: pgctl config test',
  });
}
