import { unfinishedOperations } from '../../model/failover.ts';
import { type Observation, readingOf } from '../../model/observation.ts';
import { type RecoveryRequest, recoveryRequestOf } from '../../model/recovery/recovery-request.ts';
import type { SiteName } from '../../model/site.ts';
import { CommandError } from '../command-error.ts';

/** The recovery of a group that nobody has ended, where a site that answers tells of one. */
export function recoveryUnderWay(
  observation: Observation,
  sites: readonly SiteName[],
  group: string,
): RecoveryRequest | undefined {
  const [found] = sites.flatMap((site) => {
    const recoveries = readingOf(observation, site, 'recoveries');
    return recoveries.known ? unfinishedOperations(recoveries.value, group) : [];
  });
  return found && recoveryRequestOf(found);
}

/** Refuses to begin what is another than what is under way. `follow`: the command that follows that. */
export function anotherUnderWay({ name, group, action }: RecoveryRequest, follow: string): CommandError {
  return new CommandError(`${group} has an operation at this moment: ${name} (${action})`, {
    reason: 'a group has one operation at a time',
    remedy: `Follow it to its end first: ${follow}`,
    exit: 'held',
  });
}
