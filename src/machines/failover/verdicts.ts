import type { FailoverView } from '../../model/failover-view.ts';
import type { Finding } from '../../model/findings.ts';
import type { Instant } from '../../model/instant.ts';
import type { OperationVerdict } from '../../model/projection.ts';
import { supersededVerdict } from '../operation/verdicts.ts';
import { claimOf, type FailoverContext } from './context.ts';

/** The sentence for the deadline that has passed, with what it waited for. */
export function timeUpReason(context: FailoverContext, now: Instant): string {
  const step = context.steps.find((candidate) => candidate.state === 'running');
  const waited = context.blockers.length === 0 ? '' : `: ${context.blockers.join('; ')}`;
  const { drbdWait, whole } = context.deadlines;
  if (whole !== undefined && now >= whole) {
    return `FAILOVER_TIMEOUT (${context.request.timeouts.failoverSeconds} s) is over${waited}`;
  }
  if (drbdWait !== undefined && step?.name === 'awaitRelease') {
    return `DRBD_WAIT_TIME (${context.request.timeouts.drbdWaitSeconds} s) is over and the locks are not released${waited}`;
  }
  return `TAINT_REMOVAL_WINDOW (${context.request.timeouts.taintRemovalWindowSeconds} s) is over${waited}`;
}

export function notReady(context: FailoverContext, errors: readonly Finding[]): OperationVerdict {
  return {
    kind: 'refused',
    because: 'notReady',
    reason: errors.map((finding) => finding.what).join('; '),
    remedy: errors[0]?.remedy ?? `pgctl validate protectiongroup ${context.request.group}`,
  };
}

export function superseded(context: FailoverContext, view: FailoverView): OperationVerdict {
  const { group, target } = context.request;
  return supersededVerdict(claimOf(context), view.leases, `pgctl failover ${group} --to ${target}`);
}

export function cancelled(context: FailoverContext): OperationVerdict {
  const began = context.steps.some((step) => step.startedAt !== undefined);
  return {
    kind: 'cancelled',
    reason: began ? `given up; all VMs run on ${context.request.source} again` : 'given up before anything was changed',
    remedy: `pgctl failover ${context.request.group} --to ${context.request.target}`,
  };
}

export function rolledBack(context: FailoverContext): OperationVerdict {
  return {
    kind: 'rolledBack',
    reason: context.setback?.reason ?? 'the operation was turned back',
    remedy: `all VMs run on ${context.request.source} again; remove the cause, then: pgctl validate protectiongroup ${context.request.group}`,
  };
}

export function failed(context: FailoverContext, now: Instant): OperationVerdict {
  return {
    kind: 'failed',
    because: 'timeout',
    reason: timeUpReason(context, now),
    remedy: goOn(context),
  };
}

function goOn({ request: { mode, group, target, source } }: FailoverContext): string {
  if (mode === 'Planned')
    return `nothing was turned back (--no-rollback); go on with: pgctl failover ${group} --to ${target}`;
  return `nothing was started on ${target}, and ${source} was not told to run again; look again and go on: pgctl failover ${group} --to ${target} --unplanned`;
}

export function notStarted(context: FailoverContext): OperationVerdict {
  return {
    kind: 'needsAttention',
    reason: `VM_START_TIMEOUT (${context.request.timeouts.vmStartSeconds} s) is over${because(context)}`,
    remedy: `look at the VMs on ${context.request.target}: pgctl describe protectiongroup ${context.request.group}; or go back: pgctl failover ${context.request.group} --to ${context.request.source}`,
  };
}

export function notForced(context: FailoverContext): OperationVerdict {
  const { group, target, timeouts } = context.request;
  return {
    kind: 'needsAttention',
    reason: `DRBD_WAIT_TIME (${timeouts.drbdWaitSeconds} s) is over and DRBD on ${target} could not be made to promote${because(context)}`,
    remedy: `nothing was started; look at DRBD on ${target} (drbdadm status in its satellite), then: pgctl failover ${group} --to ${target} --unplanned`,
  };
}

export function notRolledBack(context: FailoverContext): OperationVerdict {
  const first = context.setback?.reason ?? 'the operation was turned back';
  return {
    kind: 'needsAttention',
    reason: `${first}; then the source did not come back in time${because(context)}`,
    remedy: `look at the VMs on ${context.request.source}: pgctl describe protectiongroup ${context.request.group}`,
  };
}

function because(context: FailoverContext): string {
  return context.blockers.length === 0 ? '' : `: ${context.blockers.join('; ')}`;
}
