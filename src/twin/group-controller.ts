import type { Cluster } from '../drivers/sim/cluster.ts';
import type { World } from '../drivers/sim/world.ts';
import type { ProtectionGroupContext } from '../machines/protection-group/context.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName, SiteRole } from '../model/site.ts';
import { backendField, type StorageBackend } from '../model/storage-backend.ts';
import { concernsNamespace, gatherTime, groupControllerName, groupPoll } from '../runtime/group-schedule.ts';
import { SimHost } from '../runtime/sim-host.ts';
import { begin } from '../runtime/step.ts';
import type { ControllerLog } from './controller-log.ts';
import { hasRunningPod, roleFromDeployment } from './controller-pods.ts';
import type { HostSet } from './hosts.ts';

/**
 * The Protection Group Controller of one cluster, inside the world: one host of the group's machine for each
 * ProtectionGroup. Changes of its objects wake it; once a minute it looks anyway. Answers how to start the hosts that are
 * not there, as a new process does.
 */
export function runGroupController(
  world: World,
  cluster: Cluster,
  hosts: HostSet,
  settings: {
    readonly role: () => SiteRole;
    readonly log: ControllerLog;
    /** The other clusters that may run a group. */
    readonly otherSites: readonly SiteName[];
    /** What keeps the groups' volumes. */
    readonly storageBackend: StorageBackend;
  },
): () => void {
  const idOf = ({ metadata }: KubeObject): string =>
    `${groupControllerName}/${cluster.name}/${metadata.namespace ?? 'default'}/${metadata.name}`;
  const start = (group: KubeObject): void => {
    const namespace = group.metadata.namespace ?? 'default';
    const id = idOf(group);
    if (hosts.get(id) !== undefined || !hasRunningPod(cluster, groupControllerName)) return;
    const clusterRole = roleFromDeployment(cluster, groupControllerName, settings.role());
    const input: ProtectionGroupContext = {
      site: cluster.name,
      namespace,
      group: group.metadata.name,
      otherSites: settings.otherSites,
      clusterRole,
      ...backendField(settings.storageBackend),
      patience: null,
      connectingSince: null,
      inDoubt: false,
    };
    const definition = hosts.machines.protectionGroup;
    const place = { cluster: cluster.name, namespace, group: group.metadata.name };
    const { record } = begin(definition, input, world.wallAt(cluster.name));
    const host = new SimHost({
      id,
      definition,
      record,
      transport: hosts.transportAt(cluster.name),
      poll: groupPoll,
      onOutcome: (effect, outcome) => settings.log.reconciled(place, effect, outcome),
    });
    hosts.start(host, cluster.name);
  };
  const groups = (): readonly KubeObject[] => cluster.api.list(resources.protectionGroup);
  cluster.api.onChange((change) => {
    const { type, resource, object } = change;
    const { name } = object.metadata;
    if (resource.plural === resources.deployment.plural && name === groupControllerName) {
      // A new template means new pods, which begin with what the environment says now. A new status does not.
      if (type === 'MODIFIED' && object.metadata.generation === change.old?.metadata.generation) return;
      for (const group of groups()) hosts.remove(idOf(group));
    } else if (resource.plural === resources.pod.plural && object.metadata.labels?.app === groupControllerName) {
      for (const group of groups()) start(group);
    } else if (isSignificant(change)) {
      if (resource.plural === resources.protectionGroup.plural && type === 'ADDED') start(object);
      for (const group of groups()) {
        if (concernsNamespace(object, group.metadata.namespace)) hosts.wakeSoon(idOf(group), gatherTime);
      }
    }
  });
  const startAll = (): void => groups().forEach(start);
  startAll();
  return startAll;
}
