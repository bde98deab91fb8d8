import { defineCommand } from '../command.ts';
import { aboutWaves, completeFailover, failoverArguments } from '../failover-arguments.ts';
import { runFailover } from '../failover-run.ts';
import { runSiteFailover } from '../site-failover/run.ts';
import { sitePair, withSites } from '../sites.ts';

export const failbackCommand = defineCommand({
  name: 'failback',
  about: `Returns a protection group to the primary cluster. It is the same as pgctl failover NAME --to the primary cluster: the same sequence in reverse. ${aboutWaves}`,
  examples: [
    'pgctl failback production-pg --dry-run',
    'pgctl failback production-pg',
    'pgctl failback --all --continue-on-failure',
  ],
  args: failoverArguments,
  complete: async (values, context) => {
    const order = await completeFailover(values, context);
    const target = sitePair(order.settings).primary.name;
    return { ...order, target, unplanned: false, consentFile: undefined };
  },
  run: ({ group, ...order }, outer) =>
    withSites(order.settings, outer, (sites, context) =>
      group === undefined ? runSiteFailover(order, sites, context) : runFailover({ ...order, group }, sites, context),
    ),
});
