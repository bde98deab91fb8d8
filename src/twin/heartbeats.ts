import type { Cluster } from '../drivers/sim/cluster.ts';
import type { World } from '../drivers/sim/world.ts';
import { heartbeatInterval, heartbeatRequest } from '../model/heartbeat.ts';
import type { SiteName } from '../model/site.ts';

/**
 * The heartbeats of one site, as its Failover Controller sends them for as long as it lives. A heartbeat that does not arrive
 * is not sent again: the next one tells as much.
 */
export function runHeartbeats(
  world: World,
  { name }: Cluster,
  settings: { readonly quorumCluster: SiteName; readonly isAlive: () => boolean },
): void {
  const kind = `heartbeat.${name}`;
  const planNext = (): void => {
    const next = world.wallAt(name) + heartbeatInterval;
    world.schedule(Math.max(1, world.worldTimeOf(next, name) - world.now), kind, '');
  };
  world.route(kind, () => {
    if (settings.isAlive()) world.perform(heartbeatRequest(name, settings.quorumCluster, world.wallAt(name)), name);
    planNext();
  });
  planNext();
}
