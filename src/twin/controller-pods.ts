import type { Cluster } from '../drivers/sim/cluster.ts';
import { listAt, objectAt, textAt } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import type { SiteRole } from '../model/site.ts';

/** Namespace of the controllers, where the product page's commands look for them. */
export const controllerNamespace = 'default';

/**
 * Whether a controller's process runs: one of its pods does. A world without that Deployment has its controllers outside
 * of Kubernetes, and they run.
 */
export function hasRunningPod(cluster: Cluster, controller: string): boolean {
  if (cluster.api.get(resources.deployment, controllerNamespace, controller) === undefined) return true;
  return cluster.api
    .list(resources.pod, controllerNamespace)
    .some((pod) => pod.metadata.labels?.app === controller && textAt(pod, 'status', 'phase') === 'Running');
}

/** CLUSTER_ROLE as the controller's Deployment sets it; null when it sets none, `otherwise` without a Deployment. */
export function roleFromDeployment(cluster: Cluster, controller: string, otherwise: SiteRole): SiteRole | null {
  const deployment = cluster.api.get(resources.deployment, controllerNamespace, controller);
  if (deployment === undefined) return otherwise;
  const container = listAt(deployment, 'spec', 'template', 'spec', 'containers')[0];
  const entry = listAt(container, 'env').find((candidate) => textAt(candidate, 'name') === 'CLUSTER_ROLE');
  const role = textAt(objectAt(entry), 'value');
  return role === 'primary' || role === 'dr' || role === 'quorum' ? role : null;
}
