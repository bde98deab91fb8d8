import { resources } from '../../model/kube.ts';
import { replacedSite } from '../../model/recovery/recovery-request.ts';
import { takesSnapshot } from '../../model/recovery/snapshots.ts';
import type { SafetyRule } from '../definition.ts';
import { type DrbdTold, drbdToldBy, toldLine } from '../drbd-told.ts';
import { commonRules } from '../request-rules.ts';
import { ruleOfEffects } from '../safety-rule.ts';
import type { RecoveryContext } from './context.ts';

/** What DRBD may be told in each state in which it is told something. */
const toldIn: Readonly<Record<string, readonly DrbdTold['type'][]>> = {
  snapshotting: ['Snapshot'],
  reuniting: ['Demote', 'DemoteByForce', 'ForcePrimary', 'Connect', 'ConnectDiscarding', 'Disconnect'],
  needsAttention: ['Disconnect'],
  comparing: ['Verify'],
  repairing: ['InvalidateMarked'],
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
    request.api === 'kube' && !mayChange.has(request.resource.plural)
      ? `orders ${request.resource.plural} on ${request.site}`
      : undefined,
  ),
  ruleOfEffects('S5', ({ request }, { after }) => {
    const told = drbdToldBy(request, []);
    return told === undefined || toldIn[after.state]?.includes(told.type) === true
      ? undefined
      : `runs ${toldLine(told)} in the state ${after.state}`;
  }),
  ruleOfEffects('S29', ({ request }, { after }) => {
    const told = drbdToldBy(request, after.context.satellites);
    return told === undefined ? undefined : unaccepted(told, after.context);
  }),
];

/** A recovery holds Leases, and orders DRBD Operator; what else it does has no object. */
const mayChange: ReadonlySet<string> = new Set([resources.lease.plural, resources.drbdOperation.plural]);

/** What a person has not accepted: data that are discarded or replaced where nobody has given them up. */
function unaccepted(told: DrbdTold, { request: order, givenUp, survivors }: RecoveryContext): string | undefined {
  const { node, resource, peer } = told;
  const accepts = (kind: string): boolean => order.consents.some((consent) => consent.kind === kind);
  const wrong = (why: string): string => `runs ${toldLine(told)} on ${node}, ${why}`;
  switch (told.type) {
    case 'ConnectDiscarding': {
      const isGivenUp = givenUp.some((given) => given.node === node && given.resource === resource);
      const isForSurvivor = peer !== undefined && peer === survivors[resource];
      return isGivenUp && isForSurvivor && accepts('DiscardCopy') ? undefined : wrong('whose data nobody has given up');
    }
    case 'InvalidateMarked':
      return accepts('ReplaceBlocks') && told.request.site === replacedSite(order)
        ? undefined
        : wrong('whose blocks nobody has given up');
    case 'DemoteByForce':
      return accepts('DemoteByForce') ? undefined : wrong('which nobody has accepted');
    case 'ForcePrimary':
      return survivors[resource] === node ? undefined : wrong('whose copy does not survive');
    default:
      return undefined;
  }
}
