import { defaultStorageBackend } from './storage-backend.ts';
import { clusterKeys, readLine, secondsDefaults, type ClusterAccess } from './settings.ts';

/** The text of a fresh settings file: every setting with what it means, defaults written out, nothing registered. */
export function initialSettingsText(): string {
  return `# pgctl configuration: one KEY=VALUE per line. Lines that start with # are comments and are kept.

# Clusters. Register them with: pgctl config add-cluster --name NAME --kubeconfig FILE --role primary|dr|quorum
# *_KUBECONFIG: relative to this folder (default NAME.kubeconfig). *_CONTEXT: default the file's current context.
# PRIMARY_KUBECONFIG, PRIMARY_CONTEXT, DR_KUBECONFIG, QUORUM_CLUSTER and so on are written when they are needed.
PRIMARY_CLUSTER=
DR_CLUSTER=

# Kubernetes namespace used when none is specified.
DEFAULT_NAMESPACE=default

# Seconds for a complete failover operation, at most.
FAILOVER_TIMEOUT=${secondsDefaults.FAILOVER_TIMEOUT}

# Seconds for VMs to reach the running state on the target cluster, at most.
VM_START_TIMEOUT=${secondsDefaults.VM_START_TIMEOUT}

# Seconds for DRBD locks to release after VMs have stopped on the source cluster, at most.
DRBD_WAIT_TIME=${secondsDefaults.DRBD_WAIT_TIME}

# Seconds during which returning quorum taints are removed while VMs start on the target cluster.
TAINT_REMOVAL_WINDOW=${secondsDefaults.TAINT_REMOVAL_WINDOW}

# What keeps the volumes, as the clusters were set up: linstor or drbd-operator.
DEPLOYMENT_MODEL=${defaultStorageBackend}

# LINSTOR controllers, separated by commas (default: found through the clusters), and how to sign in to them.
# LINSTOR_CONTROLLERS=https://10.0.0.5:3371
# LINSTOR_USERNAME=
# LINSTOR_PASSWORD_FILE=
# LINSTOR_TOKEN_FILE=
# LINSTOR_CA_FILE=
# LINSTOR_CERT_FILE=
# LINSTOR_KEY_FILE=
`;
}

/** The text with this cluster registered in its role, in place of the one that was; everything else stays as it is. */
export function withCluster(text: string, cluster: ClusterAccess): string {
  const keys = clusterKeys[cluster.role];
  return withSettings(text, {
    [keys.name]: cluster.name,
    [keys.kubeconfig]: cluster.kubeconfig,
    [keys.kubeContext]: cluster.kubeContext,
  });
}

/** The text with nothing registered in the role of this cluster. */
export function withoutCluster(text: string, cluster: ClusterAccess): string {
  const keys = clusterKeys[cluster.role];
  return withSettings(text, { [keys.name]: undefined, [keys.kubeconfig]: undefined, [keys.kubeContext]: undefined });
}

/**
 * Changes settings in the text of a settings file: comments, order and unknown lines stay. A value of undefined takes
 * the line away; a new key goes behind the last one that was written, or to the end.
 */
export function withSettings(text: string, changes: Readonly<Record<string, string | undefined>>): string {
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  let after = lines.length;
  for (const [key, value] of Object.entries(changes)) {
    const index = lines.findIndex((line) => keyOf(line) === key);
    if (value === undefined) {
      if (index >= 0) lines.splice(index, 1);
      after = Math.min(after, lines.length);
    } else if (index >= 0) {
      lines[index] = `${key}=${quoted(value)}`;
      after = index + 1;
    } else {
      lines.splice(after, 0, `${key}=${quoted(value)}`);
      after += 1;
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function keyOf(line: string): string | undefined {
  const content = line.trim();
  if (content === '' || content.startsWith('#')) return undefined;
  const parsed = readLine(content);
  return typeof parsed === 'string' ? undefined : parsed.key;
}

function quoted(value: string): string {
  if (!/[\s#"']/.test(value)) return value;
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
