import { keepLast } from '../../model/memo.ts';
import { type RecoveryEvidence, recoveryEvidence, unmetNeeds } from '../../model/recovery/recovery-evidence.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import type { RecoveryContext } from './context.ts';

const lastEvidence = keepLast<RecoveryEvidence>();

/** What is seen now, as a person is shown it before a recovery. */
export function evidenceIn({ request }: Pick<RecoveryContext, 'request'>, view: RecoveryView): RecoveryEvidence {
  return lastEvidence([view, request], () => recoveryEvidence(request, view));
}

/** What speaks against doing what was asked for, in sentences; empty when nothing does. */
export function objections({ request }: Pick<RecoveryContext, 'request'>, view: RecoveryView): readonly string[] {
  const evidence = evidenceIn({ request }, view);
  return [
    ...failoverObjections(view),
    ...evidence.obstacles,
    ...unmetNeeds(evidence, request.consents).map(({ need: { kind, statement }, isStale }) =>
      isStale ? `what ${kind} was accepted for has changed since` : `nobody has accepted ${kind}: ${statement}`,
    ),
  ];
}

/** An operation that has stopped half-way is gone on with before anything else is done to the group. */
function failoverObjections({ failovers }: RecoveryView): readonly string[] {
  if (!failovers.known) return [`whether a failover is under way is not known: ${failovers.why}`];
  return failovers.value.map((name) => `the failover ${name} has not ended`);
}
