import { isAbsolute } from 'node:path';
import type { AccessError } from '../drivers/real/access-error.ts';
import type { ClusterAccess } from '../model/settings.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';

/** The way to a cluster that cannot be used as configured, as something that a person can be told. */
export function accessTrouble(cluster: ClusterAccess, error: AccessError, context: CommandContext): CommandError {
  const { id, file, reason, remedy } = error.problem;
  const isLookedUp = id === 'kubeconfig.missing' && !isAbsolute(cluster.kubeconfig);
  return new CommandError(`Cluster ${cluster.name} cannot be used as configured`, {
    reason: `${file}: ${reason}`,
    remedy: isLookedUp
      ? `Copy it there: a relative path starts in ${context.configFolder}; or give an absolute path`
      : remedy,
    exit: 'usage',
    cause: error,
  });
}
