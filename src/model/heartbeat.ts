import { type Instant, instantOf, microTimestamp, type Millis, second } from './instant.ts';
import { textAt } from './json.ts';
import { apiVersionOf, type KubeObject, resources } from './kube.ts';
import type { KubeRequest } from './request.ts';
import type { SiteName } from './site.ts';

/** How often the Failover Controller of a site tells the quorum cluster that the site is alive, in wall time. */
export const heartbeatInterval: Millis = 10 * second;

/** Where the heartbeats are kept: the quorum cluster need not have any other namespace. */
export const heartbeatNamespace = 'default';

/** Name of the Lease in which a site tells that it is alive. */
export function heartbeatName(site: SiteName): string {
  return `site-recovery-heartbeat-${site}`;
}

/**
 * Tells the quorum cluster that a site is alive at an instant of the site's own clock. One request, whether the Lease is there
 * or not: server-side apply creates it.
 */
export function heartbeatRequest(site: SiteName, quorumCluster: SiteName, now: Instant): KubeRequest {
  const name = heartbeatName(site);
  return {
    api: 'kube',
    site: quorumCluster,
    verb: 'patch',
    patch: 'apply',
    resource: resources.lease,
    namespace: heartbeatNamespace,
    name,
    options: { fieldManager: `failover-controller-${site}`, force: true },
    body: {
      apiVersion: apiVersionOf(resources.lease),
      kind: resources.lease.kind,
      metadata: { name, namespace: heartbeatNamespace },
      spec: {
        holderIdentity: site,
        leaseDurationSeconds: (3 * heartbeatInterval) / second,
        renewTime: microTimestamp(now),
      },
    },
  };
}

/**
 * When a site was alive for the last time that it told, by its own clock; undefined when the Lease does not say. An old
 * heartbeat proves nothing: a site that is cut off from the quorum cluster does not tell either.
 */
export function lastHeartbeat(lease: KubeObject): Instant | undefined {
  return instantOf(textAt(lease, 'spec', 'renewTime'));
}
