import { flag, numberOption, option, optionalPositional, type ValuesOf } from './command.ts';
import { usageError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import {
  allNamespacesFlag,
  checkObjectName,
  checkOneNamespace,
  namespaceOption,
  placeOfSeveral,
} from './group-arguments.ts';
import { outputOption } from './output.ts';
import { readWaves } from './site-failover/given-waves.ts';

/** What failover and failback both take. */
export const failoverArguments = {
  name: optionalPositional('NAME', 'name of the protection group', { suggest: 'protectionGroups' }),
  all: flag('--all', 'every protection group of the namespace, instead of NAME'),
  selector: option(
    '-l, --selector SELECTOR',
    'the protection groups with these labels, instead of NAME: tier=db,env!=test',
  ),
  namespace: namespaceOption,
  everywhere: allNamespacesFlag,
  dryRun: flag('--dry-run', 'check everything and estimate the time; nothing is changed'),
  yes: flag('-y, --yes', 'do not ask'),
  timeout: numberOption('--timeout SECONDS', 'bound of the whole operation (default: FAILOVER_TIMEOUT)', {
    min: 1,
    max: 86_400,
  }),
  noRollback: flag('--no-rollback', 'leave everything as it stands when a step fails, instead of turning back'),
  withoutRoom: flag(
    '--without-room',
    'begin although the target has no room for all VMs now, for an autoscaler adds nodes; recorded in the operation',
  ),
  parallel: numberOption('--parallel N', 'with several groups: so many of a wave at the same time (default: 4)', {
    min: 1,
    max: 64,
  }),
  waves: option(
    '--waves WAVES',
    'with several groups: which go first, whatever their annotations say: dns-pg,db-pg/app-pg; who is not named goes last',
  ),
  continueOnFailure: flag(
    '--continue-on-failure',
    'with several groups: begin the next wave although not all of the last one have arrived',
  ),
  output: outputOption(['json', 'yaml']),
} as const;

/** What is said of waves by both. */
export const aboutWaves =
  'With --all or -l many groups go, each by an operation of its own: those that cannot go are listed with their reasons, then it asks once. The annotation siterecovery.trilio.io/wave of a group (a whole number, default 0) says when: lower waves go first, and the next one begins when all of the last have arrived. --waves says it for this time. With -A those of every namespace go together, a wave being the same in all of them. Run it again to move what has not arrived. The exit code is the gravest of all groups.';

type FailoverValues = ValuesOf<typeof failoverArguments>;

const defaultParallel = 4;

/** Fills in what failover and failback share. Throws unless it is said in one way which groups are meant. */
export async function completeFailover(values: FailoverValues, context: CommandContext) {
  checkMeant(values);
  const { name, namespace, everywhere, noRollback, timeout, parallel = defaultParallel, waves, ...rest } = values;
  const place = await placeOfSeveral({ namespace, everywhere }, context);
  checkOneNamespace({ name, namespace: place.namespace });
  const given = { parallel, waves: waves === undefined ? undefined : readWaves(waves) };
  return { ...place, ...rest, ...given, group: name, rollBack: !noRollback, timeoutSeconds: timeout };
}

/** Nothing that is only for several groups stands beside the name of one. */
function checkMeant({ name, all, selector, parallel, waves, continueOnFailure }: FailoverValues): void {
  const ways = [name !== undefined, all, selector !== undefined].filter(Boolean).length;
  if (ways === 0) throw usageError('NAME is missing', 'Name a protection group, or give --all or -l SELECTOR');
  if (ways > 1) throw usageError('NAME, --all and --selector exclude one another', 'Give one of them');
  if (name === undefined) return;
  checkObjectName(name, 'protection group');
  const ofSeveral = {
    '--parallel': parallel,
    '--waves': waves,
    '--continue-on-failure': continueOnFailure || undefined,
  };
  for (const [given, value] of Object.entries(ofSeveral)) {
    if (value === undefined) continue;
    throw usageError(`${given} is for several protection groups`, 'Leave it out, or give --all or -l SELECTOR');
  }
}
