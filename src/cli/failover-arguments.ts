import { flag, numberOption } from './command.ts';
import { groupPositional, namespaceOption } from './group-arguments.ts';
import { outputOption } from './output.ts';

/** What failover and failback both take. */
export const failoverArguments = {
  name: groupPositional,
  namespace: namespaceOption,
  dryRun: flag('--dry-run', 'check everything and estimate the time; nothing is changed'),
  yes: flag('-y, --yes', 'do not ask'),
  timeout: numberOption('--timeout SECONDS', 'bound of the whole operation (default: FAILOVER_TIMEOUT)', {
    min: 1,
    max: 86_400,
  }),
  noRollback: flag('--no-rollback', 'leave everything as it stands when a step fails, instead of turning back'),
  output: outputOption(['json', 'yaml']),
} as const;
