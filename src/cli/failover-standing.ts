import { CommandError } from './command-error.ts';
import type { FailoverPlan, UnfinishedOperation } from './failover-plan.ts';

/** What an order to move a group to its target comes to now. */
export type Standing =
  | { readonly kind: 'alreadyThere' }
  /** An operation moves it there already: it is gone on with. */
  | { readonly kind: 'underWay'; readonly operation: UnfinishedOperation }
  | { readonly kind: 'ready' }
  | { readonly kind: 'cannot'; readonly error: CommandError };

/** How a group stands to being moved to the target of a plan. */
export function standingOf(plan: FailoverPlan): Standing {
  const { unfinished, target } = plan;
  if (unfinished !== undefined) {
    return unfinished.target === target
      ? { kind: 'underWay', operation: unfinished }
      : { kind: 'cannot', error: movesElsewhere(plan, unfinished) };
  }
  if (plan.isDone) return { kind: 'alreadyThere' };
  if (plan.keptStarting.length > 0) return { kind: 'cannot', error: notAllRun(plan) };
  return plan.isReady ? { kind: 'ready' } : { kind: 'cannot', error: notReady(plan) };
}

function movesElsewhere({ view }: FailoverPlan, { object, target }: UnfinishedOperation): CommandError {
  const { group } = view.scope;
  return new CommandError(`Operation ${object.metadata.name} moves ${group} to ${target} at this moment`, {
    reason: 'a group has one operation at a time',
    remedy: `Follow it to its end first: pgctl failover ${group} --to ${target}`,
    exit: 'held',
  });
}

/** An earlier operation brought the group here, and not every VM came up: there is nothing to order again, but a cause to remove. */
function notAllRun({ view, checks, keptStarting, source, target }: FailoverPlan): CommandError {
  const { group } = view.scope;
  const remedies = checks.flatMap(({ findings }) => findings.map(({ remedy }) => remedy));
  const repair =
    remedies.find((remedy) => remedy.startsWith('pgctl sync')) ?? `pgctl describe protectiongroup ${group}`;
  return new CommandError(`${group} is on ${target} already, and not all of its VMs run there`, {
    reason: keptStarting.map(({ name, power }) => `${name} is ${power.state}: ${power.message}`).join('; '),
    remedy: `Remove the cause, and ${target} starts them by itself: ${repair}; or go back: pgctl failover ${group} --to ${source}`,
    exit: 'needsAttention',
  });
}

function notReady({ view, checks, source, target }: FailoverPlan): CommandError {
  const { group } = view.scope;
  const silent = view.source.group.known ? undefined : view.source.group.why;
  if (silent !== undefined) {
    return new CommandError(`Planned failover of ${group} refused: the source ${source} cannot be read`, {
      reason: `${silent}. A planned failover stops the VMs there first, and proves it; without an answer they may still run`,
      remedy: `Bring ${source} back within reach (pgctl config test), then run it again. Where it is lost: pgctl failover ${group} --to ${target} --unplanned --dry-run`,
      exit: 'notReady',
    });
  }
  const errors = checks.flatMap((line) => line.findings.filter((finding) => finding.severity === 'error'));
  const [first] = errors;
  return new CommandError(`${group} is not ready for failover to ${target}`, {
    reason: errors.map((finding) => `${finding.what} (${finding.why})`).join('; '),
    remedy: first?.remedy ?? `pgctl validate protectiongroup ${group}`,
    exit: 'notReady',
  });
}
