import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};
const healthPort = 8080;

/** The Deployment of a controller: two processes, of which one works and the other one is there to succeed it. */
export function controllerDeployment(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): object {
  const podLabels = { app: name, ...labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: podLabels },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          labels: podLabels,
          annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(healthPort) },
        },
        spec: {
          serviceAccountName: name,
          // What is under way is ended in good order, and the Lease is let go of.
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [awayFromItsLike(name)] } },
          containers: [container(name)],
          volumes: [{ name: 'config', secret: { secretName: 'site-recovery-config' } }],
        },
      },
    },
  };
}

/**
 * Enough for a thousand groups of five VMs (docs/performance.md): Node's memory for objects, and that of the process, which also holds
 * what servers have answered.
 */
export const objectMemory = '--max-old-space-size=512';
const memoryLimit = '1536Mi';

function awayFromItsLike(name: string): object {
  return {
    weight: 100,
    podAffinityTerm: { labelSelector: { matchLabels: { app: name } }, topologyKey: 'kubernetes.io/hostname' },
  };
}

function container(name: string): object {
  const probe = (path: string): object => ({ httpGet: { path, port: 'health' }, periodSeconds: 10, timeoutSeconds: 5 });
  return {
    name,
    image: `site-recovery:${version}`,
    command: [name],
    env: [
      { name: 'CLUSTER_NAME', value: '' },
      { name: 'CLUSTER_ROLE', value: '' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'NODE_OPTIONS', value: objectMemory },
    ],
    ports: [{ name: 'health', containerPort: healthPort }],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/readyz'),
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: memoryLimit } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'config', mountPath: '/etc/site-recovery', readOnly: true }],
  };
}
