import { textAt, listAt, type Json } from '../../model/json.ts';
import { type ResourceType, resources } from '../../model/kube.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { Site } from '../../model/site.ts';
import { AccessError } from './access-error.ts';
import { linstorUrls } from './linstor-urls.ts';

/** A place where a LINSTOR controller answers. */
export type LinstorPlace =
  | {
      readonly kind: 'controllers';
      readonly urls: readonly string[];
      readonly foundBy: LinstorFoundBy;
      readonly site?: string;
    }
  | { readonly kind: 'service-proxy'; readonly site: string; readonly foundBy: 'service-proxy' };

export type LinstorFoundBy = 'settings' | 'linstor-cluster' | 'csi-environment' | 'service-proxy';

export type LinstorDiscovery =
  | { readonly kind: 'found'; readonly place: LinstorPlace }
  | { readonly kind: 'not-found'; readonly reasons: readonly string[] };

export interface DiscoveryPorts {
  readonly sites: readonly Site[];
  /** Bounded in time, as a driver is. */
  perform(request: KubeRequest): Promise<Outcome>;
  /** Asks the place for its version. Bounded in time. */
  probe(place: LinstorPlace): Promise<Outcome>;
}

/** Where Piraeus puts things: namespace and names of its operator (https://piraeus.io/docs, `how-to/external-controller`). */
export const piraeus = {
  namespace: 'piraeus-datastore',
  csiController: 'linstor-csi-controller',
  controllerService: 'linstor-controller',
  controllerPort: 3370,
} as const;

/**
 * Finds the LINSTOR controller: `spec.externalController.url` of a LinstorCluster on a site with VMs, LS_CONTROLLERS of the CSI
 * controller there, or the controller's service on the quorum site (then on the others), reached through that site's Kubernetes API.
 * All ways are tried at once; the first in this order whose controller answers is taken: an address may only make sense inside its cluster.
 */
export async function discoverLinstor(ports: DiscoveryPorts): Promise<LinstorDiscovery> {
  const withVms = ports.sites.filter(({ role }) => role !== 'quorum');
  const quorumFirst = [...ports.sites.filter(({ role }) => role === 'quorum'), ...withVms];
  const attempts = await Promise.all([
    ...withVms.map((site) => attempt(ports, site, externalController)),
    ...withVms.map((site) => attempt(ports, site, csiEnvironment)),
    ...quorumFirst.map((site) => attempt(ports, site, serviceProxy)),
  ]);
  const found = attempts.find((one) => typeof one !== 'string');
  if (typeof found === 'object') return { kind: 'found', place: found };
  const reasons = attempts.filter((one) => typeof one === 'string');
  return { kind: 'not-found', reasons: reasons.length === 0 ? ['no site is configured'] : reasons };
}

/** A way to find a place on one site: the place, or why there is none. */
type Way = (ports: DiscoveryPorts, site: Site) => Promise<LinstorPlace | string>;

async function attempt(ports: DiscoveryPorts, site: Site, way: Way): Promise<LinstorPlace | string> {
  const place = await way(ports, site);
  if (typeof place === 'string') return place;
  const answer = await ports.probe(place);
  return answer.kind === 'applied' ? place : `${originOf(place)}: ${answer.message}`;
}

const externalController: Way = async (ports, site) => {
  const where = `LinstorCluster on ${site.name}`;
  const answer = await ports.perform(read(site, resources.linstorCluster, {}));
  if (answer.kind !== 'applied') return `${where}: ${answer.message}`;
  const urls = listAt(answer.body, 'items').flatMap(
    (cluster) => textAt(cluster, 'spec', 'externalController', 'url') ?? [],
  );
  if (urls.length === 0) return `${where}: none with spec.externalController.url`;
  return controllersAt(urls.join(','), where, 'linstor-cluster', site);
};

const csiEnvironment: Way = async (ports, site) => {
  const where = `Deployment ${piraeus.namespace}/${piraeus.csiController} on ${site.name}`;
  const request = read(site, resources.deployment, { namespace: piraeus.namespace, name: piraeus.csiController });
  const answer = await ports.perform(request);
  if (answer.kind !== 'applied') return `${where}: ${answer.message}`;
  const list = environmentOf(answer.body, 'LS_CONTROLLERS');
  return list === undefined ? `${where}: no LS_CONTROLLERS` : controllersAt(list, where, 'csi-environment', site);
};

const serviceProxy: Way = async (_ports, site) => ({
  kind: 'service-proxy',
  site: site.name,
  foundBy: 'service-proxy',
});

function controllersAt(list: string, where: string, foundBy: LinstorFoundBy, site: Site): LinstorPlace | string {
  try {
    return { kind: 'controllers', urls: linstorUrls(list, { source: where }), foundBy, site: site.name };
  } catch (error) {
    if (error instanceof AccessError) return error.message;
    throw error;
  }
}

function environmentOf(deployment: Json, variable: string): string | undefined {
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const entries = containers.flatMap((container) => listAt(container, 'env'));
  return textAt(
    entries.find((entry) => textAt(entry, 'name') === variable),
    'value',
  );
}

function originOf(place: LinstorPlace): string {
  if (place.kind === 'service-proxy')
    return `Service ${piraeus.namespace}/${piraeus.controllerService} on ${place.site}`;
  return `${place.urls.join(', ')} (${place.foundBy === 'linstor-cluster' ? 'LinstorCluster' : 'LS_CONTROLLERS'} on ${place.site ?? 'settings'})`;
}

function read(
  site: Site,
  resource: ResourceType,
  object: { readonly namespace?: string; readonly name?: string },
): KubeRequest {
  return { api: 'kube', site: site.name, verb: object.name === undefined ? 'list' : 'get', resource, ...object };
}
