import { type BuiltWorld, buildWorld, type TopologySettings } from '../drivers/sim/build-world.ts';
import type { JsonObject } from '../model/json.ts';
import type { SiteName, SiteRole } from '../model/site.ts';
import { defaultStorageBackend, type StorageBackend } from '../model/storage-backend.ts';
import { groupControllerName } from '../runtime/group-schedule.ts';
import { failoverControllerName } from '../runtime/operation-schedule.ts';
import { ControllerLog } from './controller-log.ts';
import { hasRunningPod } from './controller-pods.ts';
import { applyObjects, controllerDeployments } from './demo-objects.ts';
import { runGroupController } from './group-controller.ts';
import { runHistory } from './history.ts';
import { runHeartbeats } from './heartbeats.ts';
import { HostSet } from './hosts.ts';
import type { TwinMachines } from './machines.ts';
import { runFailoverController } from './operations.ts';

export interface TwinSettings extends TopologySettings {
  /** The product's CustomResourceDefinitions. */
  readonly definitions: readonly JsonObject[];
  /** What the controllers and operations step; the product's own unless others are given. */
  readonly machines?: TwinMachines;
  /** True: the controllers have Deployments and pods, as a cluster shows them; false: they just run. */
  readonly withDeployments: boolean;
  /** False: nobody in the world reconciles groups or carries on operations; whoever does is outside of it. True unless given. */
  readonly withControllers?: boolean;
  /** Whether the sites tell the quorum cluster that they are alive; a rehearsal of what is planned asks nobody. */
  readonly heartbeats: boolean;
  /** Whether ended operations are kept known on every site; a world that ends with its operation has no need of it. */
  readonly history: boolean;
}

/** A simulated world with the product inside: its types, its controllers, and a place for hosts. */
export interface Twin extends BuiltWorld {
  readonly hosts: HostSet;
  /** Logs of the controllers by `<cluster>/<controller>`. */
  readonly logs: ReadonlyMap<string, ControllerLog>;
  /** Starts the Protection Group Controller's hosts that are not there, by site: a process that died is followed by another. */
  readonly startGroupController: ReadonlyMap<SiteName, () => void>;
  /** CLUSTER_ROLE of the Protection Group Controllers that are started with another role than their site has. */
  readonly roles: Map<SiteName, SiteRole>;
  /** Sites besides source and target whose Lease an operation takes. */
  readonly otherSites: readonly SiteName[];
  /** What keeps the volumes of all groups. */
  readonly storageBackend: StorageBackend;
}

/** Builds a twin: the world, and both controllers on every site. */
export function buildTwin(settings: TwinSettings): Twin {
  const built = buildWorld(settings);
  const { world } = built;
  const hosts = new HostSet(world, settings.machines);
  const logs = new Map<string, ControllerLog>();
  const startGroupController = new Map<SiteName, () => void>();
  const roles = new Map<SiteName, SiteRole>();
  const storageBackend = settings.drbdOperator === undefined ? defaultStorageBackend : 'drbd-operator';
  const otherSites = settings.sites.filter((site) => site.role === 'quorum').map((site) => site.name);
  const dataSites = settings.sites.filter((site) => site.role !== 'quorum').map((site) => site.name);
  for (const site of settings.sites) {
    const cluster = world.cluster(site.name);
    applyObjects(cluster.api, settings.definitions);
    if (settings.withControllers === false) continue;
    const groupLog = new ControllerLog(() => world.wall());
    const failoverLog = new ControllerLog(() => world.wall());
    logs.set(`${site.name}/${groupControllerName}`, groupLog);
    logs.set(`${site.name}/${failoverControllerName}`, failoverLog);
    if (settings.withDeployments) applyObjects(cluster.api, controllerDeployments(site.role));
    startGroupController.set(
      site.name,
      runGroupController(world, cluster, hosts, {
        role: () => roles.get(site.name) ?? site.role,
        log: groupLog,
        otherSites: dataSites.filter((name) => name !== site.name),
        storageBackend,
      }),
    );
    runFailoverController(world, cluster, hosts, {
      otherSitesOf: ({ home, peer }) => otherSites.filter((name) => name !== home && name !== peer),
      isAlive: () => hasRunningPod(cluster, failoverControllerName),
      log: failoverLog,
    });
    const [quorumCluster] = otherSites;
    if (settings.history && site.role !== 'quorum') {
      runHistory(world, cluster, hosts, {
        otherSites: dataSites.filter((name) => name !== site.name),
        isAlive: () => hasRunningPod(cluster, failoverControllerName),
      });
    }
    if (settings.heartbeats && quorumCluster !== undefined && site.role !== 'quorum') {
      const isAlive = (): boolean =>
        site.nodes.some((node) => world.nodeIsUp(node)) && hasRunningPod(cluster, failoverControllerName);
      runHeartbeats(world, cluster, { quorumCluster, isAlive });
    }
  }
  return { ...built, hosts, logs, startGroupController, roles, otherSites, storageBackend };
}
