import { drbdCommands } from '../../model/drbd-command.ts';
import { isSameJson } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { replacedSite } from '../../model/recovery/recovery-request.ts';
import { takesSnapshot } from '../../model/recovery/snapshots.ts';
import { type ApiRequest, commandLine, type ExecRequest } from '../../model/request.ts';
import type { SafetyRule } from '../definition.ts';
import { commonRules, isReport } from '../request-rules.ts';
import { ruleOfEffects } from '../safety-rule.ts';
import type { RecoveryContext } from './context.ts';

/** The commands of each state in which DRBD is told something, by how they begin. */
const commandsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  reuniting: [
    ['drbdsetup', 'secondary'],
    ['drbdsetup', 'primary', '--force'],
    ['drbdadm', 'connect'],
    ['drbdadm', 'disconnect'],
  ],
  needsAttention: [['drbdadm', 'disconnect']],
  comparing: [['drbdsetup', 'verify']],
  repairing: [['drbdsetup', 'invalidate']],
};

/** What every pass of a recovery keeps. */
export const recoveryRules: readonly SafetyRule<RecoveryContext>[] = [
  ...commonRules,
  {
    property: 'S8',
    brokenBy: ({ before, after }) =>
      after.context.epoch < before.context.epoch
        ? `the epoch falls from ${before.context.epoch} to ${after.context.epoch}`
        : undefined,
  },
  ruleOfEffects('S5', ({ request }, { after }) =>
    request.api === 'linstor' && !(takesSnapshot(request) && after.state === 'snapshotting')
      ? `tells LINSTOR to ${request.method} ${request.path} in the state ${after.state}`
      : undefined,
  ),
  ruleOfEffects('S10', ({ request }) =>
    request.api === 'kube' && request.resource.plural !== resources.lease.plural
      ? `orders ${request.resource.plural} on ${request.site}`
      : undefined,
  ),
  ruleOfEffects('S5', ({ request }, { after }) =>
    isCommand(request) && !isOfState(request, after.state)
      ? `runs ${commandLine(request)} in the state ${after.state}`
      : undefined,
  ),
  ruleOfEffects('S29', ({ request }, { after }) =>
    isCommand(request) ? unaccepted(request, after.context) : undefined,
  ),
];

function isCommand(request: ApiRequest): request is ExecRequest {
  return request.api === 'exec' && !isReport(request);
}

/** What DRBD is told, without the precondition before it. */
function toldIn({ command }: ExecRequest): readonly string[] {
  return command.slice(8);
}

function isOfState(request: ExecRequest, state: string): boolean {
  const told = toldIn(request);
  return (commandsOf[state] ?? []).some((start) => isSameJson(told.slice(0, start.length), start));
}

/** What a person has not accepted: data that are discarded or replaced where nobody has given them up. */
function unaccepted(
  request: ExecRequest,
  { request: order, satellites, givenUp, survivors }: RecoveryContext,
): string | undefined {
  const told = toldIn(request);
  const node = satellites.find(({ site, pod }) => site === request.site && pod === request.pod)?.node ?? '';
  const accepts = (kind: string): boolean => order.consents.some((consent) => consent.kind === kind);
  const wrong = (why: string): string => `runs ${commandLine(request)} on ${node}, ${why}`;
  if (told.includes('--discard-my-data')) {
    const isGivenUp = givenUp.some(
      (given) =>
        given.node === node &&
        isSameJson(told, drbdCommands.connectDiscarding(given.resource, survivors[given.resource] ?? '')),
    );
    return isGivenUp && accepts('DiscardCopy') ? undefined : wrong('whose data nobody has given up');
  }
  if (told[1] === 'invalidate')
    return accepts('ReplaceBlocks') && request.site === replacedSite(order)
      ? undefined
      : wrong('whose blocks nobody has given up');
  if (told[1] === 'secondary' && told.includes('--force'))
    return accepts('DemoteByForce') ? undefined : wrong('which nobody has accepted');
  const isPromoted = told[1] === 'primary';
  return isPromoted && survivors[told.at(-1) ?? ''] !== node ? wrong('whose copy does not survive') : undefined;
}
