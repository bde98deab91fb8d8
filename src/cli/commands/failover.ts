import { defineCommand, flag, option } from '../command.ts';
import { usageError } from '../command-error.ts';
import { aboutWaves, completeFailover, failoverArguments } from '../failover-arguments.ts';
import { runFailover } from '../failover-run.ts';
import { sitePair, withSites } from '../sites.ts';
import { runSiteFailover } from '../site-failover/run.ts';
import { runUnplannedSiteFailover } from '../site-failover/unplanned.ts';
import { runUnplanned } from '../unplanned-run.ts';

export const failoverCommand = defineCommand({
  name: 'failover',
  about: `Moves a protection group to the DR cluster, or to the one that --to names: stops its VMs on the source, waits for DRBD to release their volumes, starts them on the target. A failure before the first start on the target turns everything back. With --unplanned it does without a source that is lost: what cannot be proven is accepted by typing the name of the group, of each where there are many. Run it again to go on with an operation that was interrupted. ${aboutWaves}`,
  examples: [
    'pgctl failover production-pg --dry-run',
    'pgctl failover production-pg',
    'pgctl failover production-pg --to cluster1 --yes',
    'pgctl failover production-pg --unplanned --dry-run',
    'pgctl failover production-pg --unplanned',
    'pgctl failover --all --dry-run',
    'pgctl failover --all -A --dry-run',
    'pgctl failover -l tier=db --parallel 8',
    'pgctl failover --all --waves dns-pg,db-pg/app-pg',
    'pgctl failover --all --unplanned --dry-run',
  ],
  args: {
    ...failoverArguments,
    unplanned: flag('--unplanned', 'without the source: shows what is known, and asks to accept what is not'),
    consent: option('--consent FILE', 'with --unplanned: a filled-in form of --unplanned --dry-run -o yaml', {
      suggest: 'files',
    }),
    to: option('--to CLUSTER', 'target cluster (default: the DR cluster)', { suggest: 'clusters' }),
  },
  complete: async ({ to, unplanned, consent, ...rest }, context) => {
    const order = await completeFailover(rest, context);
    const { primary, dr } = sitePair(order.settings);
    const clusters = [primary.name, dr.name];
    return { ...order, target: to ?? dr.name, unplanned, consentFile: consent, clusters };
  },
  validate: ({ target, clusters, unplanned, consentFile, withoutRoom, yes }) => {
    if (consentFile !== undefined && !unplanned)
      throw usageError('--consent is for --unplanned', 'A planned failover has nothing to accept: leave it out');
    if (unplanned && yes)
      throw usageError(
        '--yes does not accept what --unplanned asks',
        'Type the name of the group, or give --consent FILE',
      );
    if (unplanned && withoutRoom)
      throw usageError(
        '--without-room is for a planned failover',
        'Without the source nobody can tell what its VMs need, so --unplanned asks for no room: leave it out',
      );
    if (!clusters.includes(target)) {
      throw usageError(`${target} is no cluster that a group can move to`, `Name one of: ${clusters.join(', ')}`);
    }
  },
  run: ({ group, ...order }, outer) =>
    withSites(order.settings, outer, (sites, context) => {
      if (group === undefined) {
        return (order.unplanned ? runUnplannedSiteFailover : runSiteFailover)(order, sites, context);
      }
      return (order.unplanned ? runUnplanned : runFailover)({ ...order, group }, sites, context);
    }),
});
