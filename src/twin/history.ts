import type { Cluster } from '../drivers/sim/cluster.ts';
import type { World } from '../drivers/sim/world.ts';
import { historyDefinition } from '../machines/history/definition.ts';
import { second } from '../model/instant.ts';
import type { SiteName } from '../model/site.ts';
import { historyConcernedBy, historyGatherTime, historyPoll } from '../runtime/history-schedule.ts';
import { SimHost } from '../runtime/sim-host.ts';
import { begin } from '../runtime/step.ts';
import type { HostSet } from './hosts.ts';

/** How long until what has ended without a controller is looked for again, as a new one does when it begins. */
const restartTime = 15 * second;

/**
 * The part of a cluster's Failover Controller, inside the world, that keeps ended operations known on the other sites. A
 * group has a host from the first operation on that has ended while the controller lived.
 */
export function runHistory(
  world: World,
  cluster: Cluster,
  hosts: HostSet,
  settings: { readonly otherSites: readonly SiteName[]; readonly isAlive: () => boolean },
): void {
  const kind = `history.${cluster.name}`;
  const consider = (namespace: string, group: string): void => {
    const id = `history/${cluster.name}/${namespace}/${group}`;
    if (!settings.isAlive()) {
      world.schedule(restartTime, kind, `${namespace}/${group}`);
    } else if (hosts.get(id) !== undefined) {
      hosts.wakeSoon(id, historyGatherTime);
    } else {
      const input = { site: cluster.name, namespace, group, otherSites: settings.otherSites };
      const definition = historyDefinition;
      const { record } = begin(definition, input, world.wallAt(cluster.name));
      const transport = hosts.transportAt(cluster.name);
      hosts.start(new SimHost({ id, definition, record, transport, poll: historyPoll }), cluster.name);
    }
  };
  world.route(kind, (event) => {
    const [namespace = '', group = ''] = event.key.split('/');
    consider(namespace, group);
  });
  cluster.api.onChange((change) => {
    const group = historyConcernedBy(change);
    if (group !== undefined) consider(change.object.metadata.namespace ?? 'default', group);
  });
}
