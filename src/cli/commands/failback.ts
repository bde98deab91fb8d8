import { defineCommand } from '../command.ts';
import { failoverArguments } from '../failover-arguments.ts';
import { runFailover } from '../failover-run.ts';
import { checkObjectName, placeOf } from '../group-arguments.ts';
import { sitePair, withSites } from '../sites.ts';

export const failbackCommand = defineCommand({
  name: 'failback',
  about:
    'Returns a protection group to the primary cluster. It is the same as pgctl failover NAME --to the primary cluster: the same sequence in reverse.',
  examples: ['pgctl failback production-pg --dry-run', 'pgctl failback production-pg'],
  args: failoverArguments,
  complete: async ({ name, namespace, noRollback, timeout, ...rest }, context) => {
    const place = await placeOf(namespace, context);
    const target = sitePair(place.settings).primary.name;
    return {
      ...place,
      ...rest,
      group: name,
      target,
      rollBack: !noRollback,
      timeoutSeconds: timeout,
      unplanned: false,
      consentFile: undefined,
    };
  },
  validate: ({ group }) => checkObjectName(group, 'protection group'),
  run: (order, outer) => withSites(order.settings, outer, (sites, context) => runFailover(order, sites, context)),
});
