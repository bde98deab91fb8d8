import { againCommand } from '../../machines/recovery/verdicts.ts';
import { groupOverview, orientedView } from '../../model/group-overview.ts';
import type { SiteName } from '../../model/site.ts';
import { defineCommand, flag, option, optionalPositional } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { forEachGroup } from '../each-group.ts';
import { allNamespacesFlag, checkMeantGroups, namespaceOption, placeOfSeveral } from '../group-arguments.ts';
import { observe } from '../observe.ts';
import { isForPrograms, type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { consentsTo } from '../recovery/consent.ts';
import { lookAt, newRequest } from '../recovery/order.ts';
import { type Followed, followRecovery, recoveries } from '../recovery/run.ts';
import { anotherUnderWay, recoveryUnderWay } from '../recovery/under-way.ts';
import { requireAnyGroup, requireNoOperation } from '../require-group.ts';
import { type OpenSites, sitePair, withSites } from '../sites.ts';

interface VerifyOrder {
  readonly namespace: string;
  readonly repair: SiteName | undefined;
  readonly output: OutputFormat;
}

export const verifyProtectionGroupCommand = defineCommand({
  name: 'verify protectiongroup',
  about:
    'Compares every two copies of the volumes of a group block by block, while it runs (online verify of DRBD), and records the result: only this tells whether copies that DRBD takes for the same are the same, as after a loss of quorum. Where copies differ, the command that repairs them is shown; with --repair they are repaired at once. Run it again to follow one that is under way. Exit code 8 when copies differ, 1 when not all could be compared.',
  examples: [
    'pgctl verify protectiongroup production-pg',
    'pgctl verify protectiongroup production-pg --repair cluster2',
    'pgctl verify protectiongroup --all',
    'pgctl verify protectiongroup --all -A',
  ],
  args: {
    name: optionalPositional('NAME', 'name of the protection group', { suggest: 'protectionGroups' }),
    all: flag('--all', 'every protection group of the namespace, one after the other, instead of NAME'),
    namespace: namespaceOption,
    everywhere: allNamespacesFlag,
    repair: option(
      '--repair CLUSTER',
      'replace the differing blocks of this cluster; the name of the group is asked for',
      {
        suggest: 'clusters',
      },
    ),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ namespace, everywhere, ...rest }, context) => {
    const place = await placeOfSeveral({ namespace, everywhere }, context);
    const { primary, dr } = sitePair(place.settings);
    return { ...place, ...rest, clusters: [primary.name, dr.name] };
  },
  validate: ({ name, all, namespace, repair: site, clusters }) => {
    checkMeantGroups({ name, all, namespace });
    if (all && site !== undefined)
      throw usageError('--repair is for one protection group', 'What is lost is accepted group by group');
    if (site !== undefined && !clusters.includes(site)) {
      throw usageError(`${site} has no copies of the group`, `Name one of: ${clusters.join(', ')}`);
    }
  },
  run: ({ settings, name, ...order }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const { output } = order;
      const { driver, primary, dr, storage } = sites;
      const reach = { driver, clock: context.clock, storage };
      const all = { sites: [primary, dr], namespace: order.namespace };
      const { exit, document } =
        name === undefined
          ? await forEachGroup(reach, all, context, (group, namespace) =>
              verify(group, { ...order, namespace }, sites, context),
            )
          : await verify(name, order, sites, context);
      if (document !== undefined && (output === 'json' || output === 'yaml'))
        await printDocument(document, output, context);
      return exit;
    }),
});

async function verify(group: string, order: VerifyOrder, sites: OpenSites, context: CommandContext): Promise<Followed> {
  const { namespace, repair, output } = order;
  const { driver, primary, dr, storage } = sites;
  const scope = { namespace, group };
  const forPrograms = isForPrograms(output);
  const subjects = ['group', 'operations', 'recoveries'] as const;
  const looked = await observe({ driver, clock: context.clock, storage }, [primary, dr], subjects, scope);
  requireAnyGroup(groupOverview(looked, { ...scope, primary, dr }));
  const print = forPrograms ? printNotes : printLines;
  const underWay = recoveryUnderWay(looked, [primary, dr], group);
  if (underWay !== undefined) {
    if (underWay.action !== 'Verify' || underWay.repair !== repair)
      throw anotherUnderWay(underWay, againCommand({ request: underWay }));
    print([`▶ Continuing operation ${underWay.name}`], context);
    return followRecovery(forPrograms, sites, context, (ports) => recoveries.goOn(underWay, ports));
  }
  const { source, target } = orientedView(looked, { ...scope, primary, dr });
  requireNoOperation([source, target], group, 'verified');
  const asked = {
    namespace,
    group,
    action: 'Verify',
    driver: source.site,
    other: target.site,
    snapshot: false,
  } as const;
  const request = newRequest({ ...asked, ...(repair === undefined ? {} : { repair }) }, context);
  const { evidence, objections } = await lookAt(request, sites, context);
  if (objections.length > 0) throw refused(group, objections);
  print(
    evidence.needs.map(({ kind, statement }) => `⚠ ${kind}: ${statement}`),
    context,
  );
  // A comparison alone loses nothing: nobody is asked.
  const asking = { consentFile: undefined, yes: true, forPrograms };
  const consents = await consentsTo(request, evidence, asking, context);
  if (consents === undefined) {
    print(['✗ Cancelled: nothing was changed'], context);
    return { exit: 'cancelled' };
  }
  return followRecovery(forPrograms, sites, context, (ports) => recoveries.start({ ...request, consents }, ports));
}

function refused(group: string, objections: readonly string[]): CommandError {
  return new CommandError(`The copies of ${group} cannot be compared now`, {
    reason: objections.join('; '),
    remedy: `Nothing was changed. See what each node tells: pgctl recover ${group}`,
  });
}
