import type { Instant } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import { type ResourceType, resources } from '../../model/kube.ts';
import { at, textAt } from '../../model/json.ts';
import { linstorDriver } from '../../model/volume.ts';
import { nodeObject } from './behaviours/node/node-object.ts';
import type { InsideApi } from './cluster.ts';
import { drbdOperatorDriver, drbdOperatorNamespace } from '../../model/drbd-operator/installation.ts';
import { nodeTopologyKey } from './drbd-operator/operator-csi-driver.ts';
import { installOperatorObjects, type PolicyPlaces } from './drbd-operator/operator-objects.ts';
import { hostnameKey } from './linstor-csi/remote-access.ts';
import { hasSatellites, type SiteTopology } from './site-topology.ts';
import { kubevirtDefinitions, kubevirtInstallation } from './kubevirt-admission/kubevirt-definitions.ts';
import { piraeusDefinitions } from './piraeus-definitions.ts';
import { storageNamespace } from './satellite-shell/satellite-pods.ts';

/** StorageClass whose volumes have one copy in each of the two data sites. */
export const replicatedClass = 'linstor-replicated';

/** StorageClass whose volumes have one copy. */
export const singleClass = 'linstor-single';

/** All that installing needs of an API server. */
export type Requests = Pick<InsideApi, 'requestFromInside'>;

export interface SiteObjectSettings {
  readonly now: Instant;
  readonly kubernetesVersion: string;
  readonly linstorUrl: string;
  /** What DRBD Operator brings, where it keeps the volumes in place of LINSTOR. */
  readonly operator?: OperatorInstallation;
}

/** DRBD Operator in a world. */
export interface OperatorInstallation {
  readonly definitions: readonly JsonObject[];
  readonly places: PolicyPlaces;
}

/** What is installed in a site before anybody protects anything: nodes, KubeVirt's and Piraeus' types, StorageClasses. */
export function installSiteObjects(api: Requests, site: SiteTopology, settings: SiteObjectSettings): void {
  site.nodes.forEach((name, index) => {
    const facts = {
      name,
      address: `198.51.100.${index + 1}`,
      kubernetesVersion: settings.kubernetesVersion,
      runsVirtualMachines: site.role !== 'quorum',
      labels: {
        'topology.kubernetes.io/zone': site.name,
        [settings.operator === undefined ? hostnameKey : nodeTopologyKey]: name,
      },
      ...(settings.operator === undefined ? {} : { csiDriver: drbdOperatorDriver }),
    };
    put(api, resources.node, nodeObject(facts, settings.now));
  });
  if (settings.operator === undefined) put(api, resources.namespace, named('v1', 'Namespace', storageNamespace));
  if (site.role !== 'quorum') {
    for (const definition of kubevirtDefinitions()) put(api, resources.customResourceDefinition, definition);
    installKubevirtObject(api);
  }
  if (settings.operator === undefined) installLinstorObjects(api, site, settings);
  else if (hasSatellites(site)) installOperator(api, site, settings.operator);
}

function installOperator(api: Requests, site: SiteTopology, { definitions, places }: OperatorInstallation): void {
  put(api, resources.namespace, named('v1', 'Namespace', drbdOperatorNamespace));
  installOperatorObjects(api, site.name, definitions, places);
}

function installLinstorObjects(api: Requests, site: SiteTopology, settings: SiteObjectSettings): void {
  if (site.role === 'quorum') {
    put(api, serviceType, linstorService());
    return;
  }
  for (const definition of piraeusDefinitions()) put(api, resources.customResourceDefinition, definition);
  put(api, resources.csiDriver, {
    ...named('storage.k8s.io/v1', 'CSIDriver', linstorDriver),
    spec: { attachRequired: true, podInfoOnMount: true },
  });
  put(api, resources.linstorCluster, {
    ...named('piraeus.io/v1', 'LinstorCluster', 'linstorcluster'),
    spec: { externalController: { url: settings.linstorUrl } },
  });
  // VMs run where their data is: a diskless client in between would change the quorum of a two-site volume.
  const local = { storagePool: 'pool1', allowRemoteVolumeAccess: 'false' };
  const placement = { placementCount: '2', replicasOnDifferent: 'site', ...local };
  put(api, resources.storageClass, storageClass(replicatedClass, placement));
  put(api, resources.storageClass, storageClass(singleClass, { placementCount: '1', ...local }));
}

/** The KubeVirt object, by which an installation and its release are known. */
function installKubevirtObject(api: Requests): void {
  const installation = kubevirtInstallation();
  const status = at(installation, 'status') ?? null;
  const place = { resource: kubevirtType, namespace: 'kubevirt', name: 'kubevirt' };
  put(api, resources.namespace, named('v1', 'Namespace', place.namespace));
  put(api, kubevirtType, installation);
  api.requestFromInside({ verb: 'patch', patch: 'merge', subresource: 'status', ...place, body: { status } });
}

const kubevirtType: ResourceType = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'kubevirts',
  kind: 'KubeVirt',
  namespaced: true,
};

const serviceType: ResourceType = { group: '', version: 'v1', plural: 'services', kind: 'Service', namespaced: true };

function linstorService(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'linstor-controller', namespace: storageNamespace },
    spec: { ports: [{ name: 'http', port: 3370, protocol: 'TCP', targetPort: 3370 }], type: 'ClusterIP' },
  };
}

/** Retain: a deleted claim must never take the copies of both sites with it. */
function storageClass(name: string, parameters: Readonly<Record<string, string>>): JsonObject {
  return {
    ...named('storage.k8s.io/v1', 'StorageClass', name),
    provisioner: linstorDriver,
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
    parameters,
  };
}

function named(apiVersion: string, kind: string, name: string): JsonObject {
  return { apiVersion, kind, metadata: { name } };
}

function put(api: Requests, resource: ResourceType, body: JsonObject): void {
  const namespace = textAt(body, 'metadata', 'namespace');
  const answer = api.requestFromInside({
    verb: 'create',
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    body,
  });
  if (answer.status >= 300 && answer.status !== 409) {
    throw new Error(`The world refuses its own ${resource.kind}: ${JSON.stringify(answer.body)}`);
  }
}
