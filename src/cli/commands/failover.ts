import { defineCommand, flag, option } from '../command.ts';
import { usageError } from '../command-error.ts';
import { failoverArguments } from '../failover-arguments.ts';
import { runFailover } from '../failover-run.ts';
import { checkObjectName, placeOf } from '../group-arguments.ts';
import { sitePair, withSites } from '../sites.ts';
import { runUnplanned } from '../unplanned-run.ts';

export const failoverCommand = defineCommand({
  name: 'failover',
  about:
    'Moves a protection group to the DR cluster, or to the one that --to names: stops its VMs on the source, waits for DRBD to release their volumes, starts them on the target. A failure before the first start on the target turns everything back. With --unplanned it does without a source that is lost. Run it again to go on with an operation that was interrupted.',
  examples: [
    'pgctl failover production-pg --dry-run',
    'pgctl failover production-pg',
    'pgctl failover production-pg --to cluster1 --yes',
    'pgctl failover production-pg --unplanned --dry-run',
    'pgctl failover production-pg --unplanned',
  ],
  args: {
    ...failoverArguments,
    unplanned: flag('--unplanned', 'without the source: shows what is known, and asks to accept what is not'),
    consent: option('--consent FILE', 'with --unplanned: a filled-in form of --unplanned --dry-run -o yaml', {
      suggest: 'files',
    }),
    to: option('--to CLUSTER', 'target cluster (default: the DR cluster)', { suggest: 'clusters' }),
  },
  complete: async ({ name, namespace, to, noRollback, timeout, consent, ...rest }, context) => {
    const place = await placeOf(namespace, context);
    const { primary, dr } = sitePair(place.settings);
    return {
      ...place,
      ...rest,
      group: name,
      target: to ?? dr.name,
      rollBack: !noRollback,
      timeoutSeconds: timeout,
      consentFile: consent,
      clusters: [primary.name, dr.name],
    };
  },
  validate: ({ group, target, clusters, unplanned, consentFile, yes }) => {
    checkObjectName(group, 'protection group');
    if (consentFile !== undefined && !unplanned)
      throw usageError('--consent is for --unplanned', 'A planned failover has nothing to accept: leave it out');
    if (unplanned && yes)
      throw usageError(
        '--yes does not accept what --unplanned asks',
        'Type the name of the group, or give --consent FILE',
      );
    if (!clusters.includes(target)) {
      throw usageError(`${target} is no cluster that a group can move to`, `Name one of: ${clusters.join(', ')}`);
    }
  },
  run: (order, outer) =>
    withSites(order.settings, outer, (sites, context) =>
      order.unplanned ? runUnplanned(order, sites, context) : runFailover(order, sites, context),
    ),
});
