import { againCommand } from '../../machines/recovery/verdicts.ts';
import { unlessModelDiffers } from '../../model/checks/deployment-model.ts';
import { groupOverview, orientedView } from '../../model/group-overview.ts';
import { copiesIn, type VolumeOutlook, volumeOutlook } from '../../model/recovery/recovery-outlook.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { SiteName } from '../../model/site.ts';
import { defineCommand, flag, option } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { observe, overviewSubjects, withDrbdReports } from '../observe.ts';
import { isForPrograms, type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { consentsTo, recoveryForm } from '../recovery/consent.ts';
import { outlookLines, typedCommand, volumeLines } from '../recovery/copies-text.ts';
import { lookAt, newRequest } from '../recovery/order.ts';
import { followRecovery, recoveries } from '../recovery/run.ts';
import { anotherUnderWay, recoveryUnderWay } from '../recovery/under-way.ts';
import { requireAnyGroup } from '../require-group.ts';
import { type OpenSites, sitePair, withSites } from '../sites.ts';

interface RecoverOrder {
  readonly namespace: string;
  readonly name: string;
  readonly survivor: SiteName | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly noSnapshot: boolean;
  readonly consent: string | undefined;
  readonly output: OutputFormat;
}

export const recoverCommand = defineCommand({
  name: 'recover',
  about:
    'Brings copies of a group together again that have parted. Without --survivor it shows them side by side, as DRBD tells of them on every node: which have parted, and what each has written since. With --survivor the copies of that cluster are kept: it says what is lost by that, has it accepted by the typed name of the group, keeps a snapshot of what is given up where the storage can, has the others follow, and compares all copies block by block in the end. Run it again to go on with a recovery that was interrupted. Exit code 8 while copies are not together.',
  examples: [
    'pgctl recover production-pg',
    'pgctl recover production-pg --survivor cluster1 --dry-run',
    'pgctl recover production-pg --survivor cluster1',
  ],
  args: {
    name: groupPositional,
    namespace: namespaceOption,
    survivor: option('--survivor CLUSTER', 'the cluster whose copies are kept', { suggest: 'clusters' }),
    dryRun: flag('--dry-run', 'say what is lost, and which commands come next; nothing is changed'),
    yes: flag('-y, --yes', 'do not ask where nothing is lost; what is lost is accepted by name alone'),
    consent: option('--consent FILE', 'a filled-in form: what --dry-run -o yaml has written, with its consent', {
      suggest: 'files',
    }),
    noSnapshot: flag('--no-snapshot', 'keep no snapshot of what is given up'),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ namespace, ...rest }, context) => {
    const place = await placeOf(namespace, context);
    const { primary, dr } = sitePair(place.settings);
    return { ...place, ...rest, clusters: [primary.name, dr.name] };
  },
  validate: ({ name, survivor, clusters, dryRun, consent, noSnapshot, yes }) => {
    checkObjectName(name, 'protection group');
    if (survivor !== undefined && !clusters.includes(survivor)) {
      throw usageError(`${survivor} has no copies of the group`, `Name one of: ${clusters.join(', ')}`);
    }
    const needless = {
      '--dry-run': dryRun,
      '--yes': yes,
      '--consent': consent !== undefined,
      '--no-snapshot': noSnapshot,
    };
    const [given] = Object.entries(needless).flatMap(([word, isGiven]) => (isGiven ? [word] : []));
    if (survivor === undefined && given !== undefined)
      throw usageError(`${given} is for a survivor`, 'Name the cluster whose copies are kept: --survivor CLUSTER');
  },
  run: ({ settings, ...order }, outer) =>
    withSites(settings, outer, (sites, context) => recover(order, sites, context)),
});

async function recover(order: RecoverOrder, sites: OpenSites, context: CommandContext): Promise<ExitName> {
  const { name, survivor, output } = order;
  const { outlooks, underWay } = await look(order, sites, context);
  if (underWay !== undefined && survivor !== undefined && !order.dryRun) {
    return goOn(order, underWay, sites, context);
  }
  // Whose copies are together is told the same whoever survives.
  const isTogether = outlooks.every(({ next }) => next.orders.length + next.blockers.length === 0);
  if (survivor === undefined || order.dryRun || isTogether) {
    const prospect = survivor === undefined ? undefined : requestOf(order, survivor, sites, context);
    if (output === 'json' || output === 'yaml') {
      const consent =
        prospect === undefined || isTogether
          ? undefined
          : recoveryForm(prospect, (await lookAt(prospect, sites, context)).evidence);
      await printDocument(documentOf(order, outlooks, isTogether, consent), output, context);
    } else {
      show(outlooks, context);
      printLines(nextLines(order, outlooks, isTogether, sites), context);
    }
    return isTogether ? 'ok' : 'needsAttention';
  }
  const request = requestOf(order, survivor, sites, context);
  const { evidence, objections } = await lookAt(request, sites, context);
  const print = isForPrograms(output) ? printNotes : printLines;
  print(
    outlooks.flatMap(({ volume }) => volumeLines(volume)),
    context,
  );
  if (objections.length > 0) throw refused(name, objections);
  print(
    [
      '⚠ RECOVERY',
      `Protection Group: ${name}`,
      `Survivor: ${survivor}`,
      ...evidence.needs.map(({ kind, statement }) => `⚠ ${kind}: ${statement}`),
    ],
    context,
  );
  const asking = { consentFile: order.consent, yes: order.yes, forPrograms: isForPrograms(output) };
  const consents = await consentsTo(request, evidence, asking, context);
  if (consents === undefined) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  return told(order, context, (ports) => recoveries.start({ ...request, consents }, ports), sites);
}

/** Follows a recovery to its end; programs get its document. */
async function told(
  { output }: RecoverOrder,
  context: CommandContext,
  run: Parameters<typeof followRecovery>[3],
  sites: OpenSites,
): Promise<ExitName> {
  const { exit, document } = await followRecovery(isForPrograms(output), sites, context, run);
  if (document !== undefined && (output === 'json' || output === 'yaml'))
    await printDocument(document, output, context);
  return exit;
}

/** A second call while a recovery is under way goes on with it: the consent was given when it was begun. */
function goOn(
  order: RecoverOrder,
  underWay: RecoveryRequest,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  if (underWay.survivor !== order.survivor) throw anotherUnderWay(underWay, againCommand({ request: underWay }));
  const print = isForPrograms(order.output) ? printNotes : printLines;
  print([`▶ Continuing operation ${underWay.name}: ${order.survivor} survives`], context);
  return told(order, context, (ports) => recoveries.goOn(underWay, ports), sites);
}

async function look(
  { namespace, name, survivor }: RecoverOrder,
  { driver, primary, dr, quorum, storage }: OpenSites,
  context: CommandContext,
): Promise<{ readonly outlooks: readonly VolumeOutlook[]; readonly underWay: RecoveryRequest | undefined }> {
  const scope = { namespace, group: name };
  const reach = { driver, clock: context.clock, storage };
  const sites = [primary, dr, ...(quorum === undefined ? [] : [quorum])];
  const looked = await observe(reach, sites, ['group', ...overviewSubjects, 'satellites', 'recoveries'], scope);
  requireAnyGroup(groupOverview(looked, { ...scope, primary, dr }));
  const { resources, askedStorage, source, target } = orientedView(looked, { ...scope, primary, dr });
  const [differs] = unlessModelDiffers(askedStorage, [source, target], () => []);
  if (differs !== undefined) {
    const { what, why: reason, remedy } = differs;
    throw new CommandError(what, { reason, remedy, exit: 'notReady' });
  }
  if (resources.length === 0) throw unknownVolumes(name);
  const volumes = copiesIn(await withDrbdReports(reach, looked, resources), resources);
  return {
    outlooks: volumes.map((volume) => volumeOutlook(volume, survivor ?? primary)),
    underWay: recoveryUnderWay(looked, [primary, dr], name),
  };
}

/** The survivor keeps the record: it is the cluster that is counted on. */
function requestOf(
  { namespace, name, noSnapshot }: RecoverOrder,
  survivor: SiteName,
  { primary, dr }: OpenSites,
  context: CommandContext,
): RecoveryRequest {
  const other = survivor === primary ? dr : primary;
  const order = { namespace, group: name, action: 'Resolve', driver: survivor, other, survivor } as const;
  return newRequest({ ...order, snapshot: !noSnapshot }, context);
}

function show(outlooks: readonly VolumeOutlook[], context: CommandContext): void {
  for (const { volume } of outlooks) printLines(volumeLines(volume), context);
}

function nextLines(
  { name, survivor }: RecoverOrder,
  outlooks: readonly VolumeOutlook[],
  isTogether: boolean,
  { primary, dr }: OpenSites,
): readonly string[] {
  if (isTogether) return [`✓ The copies of ${name} are together, and in sync`];
  if (survivor !== undefined) {
    return [
      `If ${survivor} survives:`,
      ...outlooks.flatMap(outlookLines),
      `Nothing was changed. To have it done: pgctl recover ${name} --survivor ${survivor}`,
    ];
  }
  return [
    `✗ The copies of ${name} are not together. See what is lost, and what comes next, if one cluster survives:`,
    ...[primary, dr].map((cluster) => `  pgctl recover ${name} --survivor ${cluster} --dry-run`),
  ];
}

function documentOf(
  { name, namespace, survivor }: RecoverOrder,
  outlooks: readonly VolumeOutlook[],
  isTogether: boolean,
  consent: unknown,
): unknown {
  return {
    protectionGroup: name,
    namespace,
    together: isTogether,
    survivor,
    volumes: outlooks.map(({ volume, losses, next }) => ({
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
            losses: losses.map(({ what }) => what),
            commands: next.orders.map((order) => ({ node: order.node, command: typedCommand(order) })),
            waitsFor: next.blockers,
          }),
    })),
    ...(consent === undefined ? {} : { consent }),
  };
}

function refused(group: string, objections: readonly string[]): CommandError {
  return new CommandError(`The copies of ${group} cannot be brought together now`, {
    reason: objections.join('; '),
    remedy: `Nothing was changed. See what each node tells: pgctl recover ${group}`,
    exit: 'notReady',
  });
}

function unknownVolumes(group: string): CommandError {
  return new CommandError(`The volumes of ${group} are not known`, {
    reason: 'no cluster that answers tells of a volume of the group',
    remedy: 'See which clusters answer: pgctl config test',
  });
}
