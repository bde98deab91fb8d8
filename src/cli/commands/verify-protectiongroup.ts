import { groupOverview, orientedView } from '../../model/group-overview.ts';
import { second } from '../../model/instant.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { textAt } from '../../model/json.ts';
import { resources as types } from '../../model/kube.ts';
import { type Comparison, comparisonsOf, comparisonStatus, repairsOf } from '../../model/recovery/comparison.ts';
import { placeOf as nodePlace } from '../../model/recovery/copies.ts';
import { copiesIn } from '../../model/recovery/recovery-outlook.ts';
import { newVerify, type VerifyOrder, verifyStatus } from '../../model/recovery/verify-record.ts';
import type { SiteName } from '../../model/site.ts';
import type { Driver } from '../../runtime/ports.ts';
import { defineCommand, option } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { observe, overviewSubjects, withDrbdReports } from '../observe.ts';
import { isForPrograms, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { askWord } from '../prompt.ts';
import { typedOn } from '../recovery-text.ts';
import { requireAnyGroup, requireNoOperation } from '../require-group.ts';
import { sitePair, withSites } from '../sites.ts';
import { compare, look, repair } from '../verify-run.ts';

export const verifyProtectionGroupCommand = defineCommand({
  name: 'verify protectiongroup',
  about:
    'Compares every two copies of the volumes of a group block by block, while it runs (online verify of DRBD), and records the result: only this tells whether copies that DRBD takes for the same are the same, as after a loss of quorum. Where copies differ, the command that repairs them is shown; with --repair they are repaired at once. Exit code 8 when copies differ, 1 when not all could be compared.',
  examples: [
    'pgctl verify protectiongroup production-pg',
    'pgctl verify protectiongroup production-pg --repair cluster2',
  ],
  args: {
    name: groupPositional,
    namespace: namespaceOption,
    repair: option('--repair CLUSTER', 'replace the differing blocks of this cluster; its name is asked for first', {
      suggest: 'clusters',
    }),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ namespace, ...rest }, context) => {
    const place = await placeOf(namespace, context);
    const { primary, dr } = sitePair(place.settings);
    return { ...place, ...rest, clusters: [primary.name, dr.name] };
  },
  validate: ({ name, repair: site, clusters }) => {
    checkObjectName(name, 'protection group');
    if (site !== undefined && !clusters.includes(site)) {
      throw usageError(`${site} has no copies of the group`, `Name one of: ${clusters.join(', ')}`);
    }
  },
  run: ({ settings, namespace, name, repair: site, output }, outer) =>
    withSites(settings, outer, async ({ driver, primary, dr }, context) => {
      const scope = { namespace, group: name };
      const reach = { driver, clock: context.clock };
      const looked = await observe(reach, [primary, dr], ['group', ...overviewSubjects, 'satellites'], scope);
      requireAnyGroup(groupOverview(looked, { ...scope, primary, dr }));
      const { resources, source, target } = orientedView(looked, { ...scope, primary, dr });
      requireNoOperation([source, target], name, 'verified');
      const volumes = copiesIn(await withDrbdReports(reach, looked, resources), resources);
      const print = isForPrograms(output) ? printNotes : printLines;
      const consent = site === undefined ? undefined : await consentTo(name, site, isForPrograms(output), context);
      if (site !== undefined && consent === undefined) {
        print(['✗ Cancelled: nothing was changed'], context);
        return 'cancelled';
      }
      print([`▶ Comparing the copies of ${name}`], context);
      const startedAt = context.clock.now();
      context.endsItself();
      const done: Comparison[] = [];
      const repairs: string[] = [];
      for (const volume of volumes) {
        for (const pending of comparisonsOf(volume)) {
          // One at a time: each reads two whole disks, and the VMs go on meanwhile.
          const found = await compare(pending, volume, reach, { signal: context.interrupted });
          const comparison =
            found.result === 'Different' && consent !== undefined
              ? await repair(found, volume, consent.site, reach, context.interrupted)
              : found;
          done.push(comparison);
          print([resultLine(comparison)], context);
          if (comparison.result !== 'Different') continue;
          for (const [copy, command] of repairsOf(comparison, await look(volume, reach))) {
            repairs.push(`▶ to replace the blocks of ${nodePlace(copy)}: ${typedOn(copy.satellite, command)}`);
          }
        }
      }
      if (repairs.length > 0) {
        print(['⚠ While the connections last, for DRBD forgets with them what was found:', ...repairs], context);
      }
      const status = verifyStatus(name, done, startedAt, context.clock.now());
      const { user, host } = context.identify();
      const id = `${name}-verify-${Math.floor(startedAt / second)}`;
      const requestedBy = { user, host, client: 'pgctl' };
      await record(
        {
          name: id,
          ...scope,
          driver: source.site,
          other: target.site,
          requestedBy,
          ...(consent && { repair: consent }),
        },
        status,
        driver,
      );
      if (output === 'json' || output === 'yaml') {
        const document = {
          protectionGroup: name,
          namespace,
          record: id,
          ...status,
          volumes: done.map(comparisonStatus),
        };
        await printDocument(document, output, context);
      } else printLines([overallLine(name, status)], context);
      if (status.phase === 'Succeeded') return 'ok';
      if (context.interrupted.aborted) return 'timedOut';
      return status.phase === 'NeedsAttention' ? 'needsAttention' : 'error';
    }),
});

/** Asks for the name of the group, typed: what is replaced is gone. Undefined when it is not given. */
async function consentTo(
  group: string,
  site: SiteName,
  forPrograms: boolean,
  context: CommandContext,
): Promise<VerifyOrder['repair']> {
  const statement = `Where copies differ, the blocks on ${site} are replaced by those of its peer: what only ${site} holds there is lost.`;
  const to = forPrograms ? 'stderr' : 'stdout';
  context[to].write(`⚠ ${statement}\n`);
  const word = await askWord(`Type the name of the group to accept this: `, context, to);
  return word === group ? { site, statement, givenAt: context.clock.now() } : undefined;
}

function resultLine({ resource, node, peer, result, differingKib, message }: Comparison): string {
  const mark = { Equal: '✓', Repaired: '✓', Different: '✗' }[result as string] ?? '⚠';
  const amount = result === 'Different' ? ` by ${differingKib} KiB` : '';
  const why = message === undefined ? '' : ` (${message})`;
  return `  ${mark} ${resource} on ${node} and ${peer}: ${result}${amount}${why}`;
}

function overallLine(group: string, status: JsonObject): string {
  return status.phase === 'Succeeded'
    ? `✓ Every copy of ${group} is the same`
    : `✗ ${textAt(status, 'message')}. Next: ${textAt(status, 'nextCommand')}`;
}

/** Keeps the result where the controllers look for it. */
async function record(order: VerifyOrder, status: JsonObject, driver: Driver): Promise<void> {
  const place = { api: 'kube', site: order.driver, resource: types.recovery, namespace: order.namespace } as const;
  const created = await driver.perform({ ...place, verb: 'create', body: newVerify(order) as unknown as Json });
  const written =
    created.kind === 'applied'
      ? await driver.perform({
          ...place,
          verb: 'patch',
          name: order.name,
          subresource: 'status',
          patch: 'merge',
          body: { status },
        })
      : created;
  if (written.kind === 'applied') return;
  throw new CommandError(`The result could not be recorded on ${order.driver}`, {
    reason: written.message,
    remedy: `Apply the CRDs there, if they are older: kubectl apply -f protection-group-crd.yaml; then: pgctl verify protectiongroup ${order.group}`,
  });
}
