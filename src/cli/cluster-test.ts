import { AccessError } from '../drivers/real/access-error.ts';
import { readKubeconfig } from '../drivers/real/kubeconfig.ts';
import { kubeHttpCall } from '../drivers/real/kube-request.ts';
import { openKubeTransport, type Transport } from '../drivers/real/kube-transport.ts';
import { kubeOutcome } from '../drivers/real/outcome-of-answer.ts';
import { second } from '../model/instant.ts';
import { listAt, textAt } from '../model/json.ts';
import { type ResourceType, resources } from '../model/kube.ts';
import type { Outcome } from '../model/request.ts';
import type { ClusterAccess } from '../model/settings.ts';
import type { StorageBackend } from '../model/storage-backend.ts';
import { kubeconfigFile } from './config-folder.ts';
import type { CommandContext } from './context.ts';

export interface Trouble {
  readonly what: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What a connectivity test of one cluster has found. Warnings do not keep it from being accessible. */
export interface ClusterTest {
  readonly cluster: ClusterAccess;
  /** Kubernetes version (`v1.30.6`) when the cluster is accessible. */
  readonly version?: string;
  readonly trouble?: Trouble;
  readonly warnings: readonly Trouble[];
}

const callTimeout = 5 * second;

/** Asks one cluster for its version and whether this user may work with protection groups there; 5 s a call. */
export async function testCluster(
  cluster: ClusterAccess,
  storage: StorageBackend,
  context: CommandContext,
): Promise<ClusterTest> {
  const file = kubeconfigFile(context.configFolder, cluster);
  try {
    const kubeconfig = await readKubeconfig(file, cluster.kubeContext);
    const transport = openKubeTransport(kubeconfig, {
      environment: context.environment,
      execPluginLimit: 2 * callTimeout,
    });
    try {
      return await askCluster(cluster, storage, kubeconfig.server, transport, context);
    } finally {
      transport.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof AccessError)) throw thrown;
    const { reason, remedy } = thrown.problem;
    return failed(cluster, {
      what: 'it cannot be used as configured',
      reason: `${thrown.problem.file}: ${reason}`,
      remedy,
    });
  }
}

async function askCluster(
  cluster: ClusterAccess,
  storage: StorageBackend,
  server: string,
  transport: Transport,
  context: CommandContext,
): Promise<ClusterTest> {
  const ask = async (path: string): Promise<Outcome> =>
    kubeOutcome(
      await transport.exchange(
        { method: 'GET', path, headers: { accept: 'application/json' } },
        callTimeout,
        context.interrupted,
      ),
      server,
    );
  const version = await ask('/version');
  const trouble = accessTroubleOf(version, server, cluster, context);
  if (trouble !== undefined) return failed(cluster, trouble);
  const text = version.kind === 'applied' ? textAt(version.body, 'gitVersion') : undefined;
  if (text === undefined) {
    return failed(cluster, {
      what: 'the answer is not one of a Kubernetes API server',
      reason: `${server}/version gave no gitVersion`,
      remedy: `Check the server in the kubeconfig: kubectl --kubeconfig ${kubeconfigFile(context.configFolder, cluster)} version`,
    });
  }
  // The version may be open to everybody; only a real read shows whether the credentials are any good.
  const types = cluster.role === 'quorum' ? [resources.lease] : [resources.protectionGroup, resources.failover];
  const reads = await Promise.all(
    types.map(async (resource) => ({ resource, outcome: await ask(listPath(cluster, resource)) })),
  );
  for (const { outcome } of reads) {
    const refused = accessTroubleOf(outcome, server, cluster, context);
    if (refused !== undefined) return failed(cluster, refused);
  }
  const volumes = cluster.role === 'quorum' ? undefined : await ask(listPath(cluster, resources.drbdVolume));
  return {
    cluster,
    version: text,
    warnings: [
      ...reads.flatMap(({ resource, outcome }) => warningOf(resource, outcome, cluster, context)),
      ...(volumes === undefined ? [] : storageWarnings(volumes, storage, cluster)),
    ],
  };
}

function listPath(cluster: ClusterAccess, resource: ResourceType): string {
  return kubeHttpCall({ api: 'kube', site: cluster.name, verb: 'list', resource, options: { limit: 1 } }).path;
}

function failed(cluster: ClusterAccess, trouble: Trouble): ClusterTest {
  return { cluster, trouble, warnings: [] };
}

/** What keeps the cluster from being used; a refusal of one resource type is a warning, not this. */
function accessTroubleOf(
  outcome: Outcome,
  server: string,
  cluster: ClusterAccess,
  context: CommandContext,
): Trouble | undefined {
  const kubectl = `kubectl --kubeconfig ${kubeconfigFile(context.configFolder, cluster)} get nodes`;
  if (outcome.kind === 'unknown') {
    const what =
      outcome.reason === 'server-error' ? 'the server answers with errors' : 'Unable to connect to the server';
    return { what, reason: outcome.message, remedy: `Check that ${server} is reachable from this machine: ${kubectl}` };
  }
  if (outcome.kind === 'refused' && outcome.status === 401) {
    return {
      what: 'the server does not accept the credentials',
      reason: `${server} answered 401: ${outcome.message}`,
      remedy: `Put a valid token or certificate into ${kubeconfigFile(context.configFolder, cluster)}, or choose another context: pgctl config add-cluster --name ${cluster.name} --kubeconfig ${cluster.kubeconfig} --role ${cluster.role} --context CONTEXT`,
    };
  }
  return undefined;
}

/** Whether what the cluster serves speaks against the deployment model of the settings. */
function storageWarnings(volumes: Outcome, storage: StorageBackend, { name }: ClusterAccess): readonly Trouble[] {
  const isServed = volumes.kind === 'applied';
  if (storage === 'drbd-operator' && volumes.kind === 'refused' && volumes.status === 404) {
    return [
      {
        what: `DRBD Operator is not installed on ${name}`,
        reason: `${resources.drbdVolume.plural}.${resources.drbdVolume.group} is not served, and DEPLOYMENT_MODEL is drbd-operator`,
        remedy: 'Install it, or set DEPLOYMENT_MODEL=linstor in the config file',
      },
    ];
  }
  if (storage === 'linstor' && isServed && listAt(volumes.body, 'items').length > 0) {
    return [
      {
        what: `DRBD Operator has volumes on ${name}`,
        reason: 'DEPLOYMENT_MODEL is linstor: what is on these volumes cannot be protected',
        remedy: 'Set DEPLOYMENT_MODEL=drbd-operator in the config file, unless both are there on purpose',
      },
    ];
  }
  return [];
}

function warningOf(
  resource: ResourceType,
  outcome: Outcome,
  cluster: ClusterAccess,
  context: CommandContext,
): readonly Trouble[] {
  if (outcome.kind !== 'refused') return [];
  if (outcome.status === 404) {
    const kubeconfig = kubeconfigFile(context.configFolder, cluster);
    return [
      {
        what: `the ${resource.kind} CRD is missing on ${cluster.name}`,
        reason: `${resource.plural}.${resource.group} is not served`,
        remedy: `kubectl --kubeconfig ${kubeconfig} apply -f protection-group-crd.yaml`,
      },
    ];
  }
  return [
    {
      what: `${resource.plural} may not be listed on ${cluster.name}`,
      reason: outcome.message,
      remedy: 'Use a kubeconfig of a user who may work with protection groups, or let an administrator bind the role',
    },
  ];
}
