import type { JsonObject } from '../../../model/json.ts';
import { componentLabel } from '../../../model/drbd-operator/installation.ts';
import { satelliteContainer } from '../../../model/satellite.ts';
import { agentTolerations, type StorageAgents } from './agent-pods.ts';

/** Where the Piraeus operator puts everything. */
export const storageNamespace = 'piraeus-datastore';

const component = 'linstor-satellite';

/**
 * The pod of a node's satellite, as the DaemonSet `linstor-satellite.NODE` makes it (`pkg/resources/satellite` of
 * piraeusdatastore/piraeus-operator). Volumes and init containers are left out.
 */
function satellitePod(node: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `linstor-satellite.${node}-`,
      namespace: storageNamespace,
      labels: {
        'app.kubernetes.io/instance': 'linstorcluster',
        'app.kubernetes.io/name': 'piraeus-datastore',
        [componentLabel]: component,
      },
      annotations: { 'kubectl.kubernetes.io/default-container': satelliteContainer },
    },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: 'satellite',
      restartPolicy: 'Always',
      containers: [
        satelliteContainerOf(satelliteContainer, 'piraeus-server', {
          args: ['startSatellite'],
          securityContext: { privileged: true },
        }),
        satelliteContainerOf('drbd-reactor', 'drbd-reactor', {}),
      ],
      tolerations: agentTolerations,
    },
  };
}

function satelliteContainerOf(name: string, image: string, more: JsonObject): JsonObject {
  return { name, image: `quay.io/piraeusdatastore/${image}`, ...more };
}

/** The satellites of LINSTOR. */
export const satellites: StorageAgents = {
  name: 'satellite-daemon-sets',
  namespace: storageNamespace,
  component,
  podOf: satellitePod,
};
