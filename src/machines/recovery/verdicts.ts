import type { OperationVerdict } from '../../model/projection.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { replacedSite } from '../../model/recovery/recovery-request.ts';
import { supersededVerdict } from '../operation/verdicts.ts';
import { claimOf, type RecoveryContext } from './context.ts';

/** The command that does what was asked for once more. */
export function againCommand({ request }: Pick<RecoveryContext, 'request'>): string {
  const { action, group, survivor, repair } = request;
  if (action === 'Resolve') return `pgctl recover ${group} --survivor ${survivor}`;
  return `pgctl verify protectiongroup ${group}${repair === undefined ? '' : ` --repair ${repair}`}`;
}

export function superseded(context: RecoveryContext, view: RecoveryView): OperationVerdict {
  return supersededVerdict(claimOf(context), view.leases, againCommand(context));
}

export function notReady(context: RecoveryContext, objections: readonly string[]): OperationVerdict {
  return {
    kind: 'refused',
    because: 'notReady',
    reason: objections.join('; '),
    remedy: `nothing was done; look again: pgctl recover ${context.request.group}`,
  };
}

export function cancelled(context: RecoveryContext): OperationVerdict {
  return {
    kind: 'cancelled',
    reason: 'a person asked for the operation to be given up; nothing was changed',
    remedy: againCommand(context),
  };
}

/** What is to be given up cannot be kept first. */
export function notKept(context: RecoveryContext): OperationVerdict {
  return {
    kind: 'failed',
    because: 'error',
    reason: `what is given up could not be kept${because(context)}`,
    remedy: `nothing was given up; without a snapshot: ${againCommand(context)} --no-snapshot`,
  };
}

export function apart(context: RecoveryContext): OperationVerdict {
  return {
    kind: 'needsAttention',
    reason: `the copies do not come together, and nothing has changed for five minutes${because(context)}`,
    remedy: `look at them, and go on: ${againCommand(context)}`,
  };
}

export function notCompared(context: RecoveryContext): OperationVerdict {
  const why = context.comparisons.flatMap(({ resource, node, peer, result, message }) =>
    result === 'Unknown' ? [`${resource} on ${node} and ${peer}: ${message ?? 'no result'}`] : [],
  );
  return {
    kind: 'failed',
    because: 'error',
    reason: `not every copy could be compared to the end: ${(why.length > 0 ? why : context.blockers).join('; ')}`,
    remedy: `pgctl verify protectiongroup ${context.request.group}`,
  };
}

export function different(context: RecoveryContext): OperationVerdict {
  const { group, other } = context.request;
  return {
    kind: 'needsAttention',
    reason: `copies differ: ${differing(context).join(', ')}`,
    remedy: `have the blocks of one cluster replaced: pgctl verify protectiongroup ${group} --repair ${other}`,
  };
}

export function notRepaired(context: RecoveryContext): OperationVerdict {
  const site = replacedSite(context.request);
  return {
    kind: 'needsAttention',
    reason: `copies differ, and the blocks on ${site} are not replaced${because(context)}: ${differing(context).join(', ')}`,
    remedy: `remove the cause, then: pgctl verify protectiongroup ${context.request.group} --repair ${site}`,
  };
}

function differing({ comparisons }: RecoveryContext): readonly string[] {
  return comparisons.flatMap(({ resource, node, peer, result, differingKib }) =>
    result === 'Different' ? [`${resource} on ${node} and ${peer} (${differingKib ?? '?'} KiB)`] : [],
  );
}

function because({ blockers }: RecoveryContext): string {
  return blockers.length === 0 ? '' : ` (${blockers.join('; ')})`;
}
