import type { AccessError } from '../drivers/real/access-error.ts';
import { CommandError } from './command-error.ts';

/** The way to a cluster that cannot be used as configured, as something that a person can be told. */
export function accessTrouble(cluster: string, error: AccessError): CommandError {
  return new CommandError(`Cluster ${cluster} cannot be used as configured`, {
    reason: `${error.problem.file}: ${error.problem.reason}`,
    remedy: error.problem.remedy,
    exit: 'usage',
    cause: error,
  });
}
