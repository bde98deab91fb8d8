import type { Instant } from '../../model/instant.ts';
import type { StepState, StepView, VirtualMachineView } from '../../model/projection.ts';

/** Marks a step as begun, every step before it that still runs as done. A step that was begun keeps its start. */
export function beginStep<Name extends string>(
  steps: readonly StepView<Name>[],
  name: Name,
  now: Instant,
  virtualMachines: readonly string[] = [],
): readonly StepView<Name>[] {
  const present = steps.some((step) => step.name === name);
  const all: readonly StepView<Name>[] = present ? steps : [...steps, { name, state: 'pending', virtualMachines: [] }];
  return all.map((step) => {
    if (step.name === name) {
      if (step.startedAt !== undefined) return step;
      const members = virtualMachines.map((vm): VirtualMachineView => ({ name: vm, state: 'pending' }));
      return { ...step, state: 'running', startedAt: now, virtualMachines: members };
    }
    return step.state === 'running' ? withoutMessage({ ...step, state: 'done', finishedAt: now }) : step;
  });
}

/** Ends the step that runs. Steps that were never begun stay `pending`: they were not executed. */
export function endStep<Name extends string>(
  steps: readonly StepView<Name>[],
  state: StepState,
  now: Instant,
  message?: string,
): readonly StepView<Name>[] {
  return steps.map((step) => {
    if (step.state !== 'running') return step;
    const ended: StepView<Name> = withoutMessage({ ...step, state, finishedAt: now });
    return message === undefined ? ended : { ...ended, message };
  });
}

/** Writes into the running step what it waits for, and what has become of each VM. */
export function noteProgress<Name extends string>(
  steps: readonly StepView<Name>[],
  now: Instant,
  blockers: readonly string[],
  members?: readonly VirtualMachineView[],
): readonly StepView<Name>[] {
  return steps.map((step) => {
    if (step.state !== 'running') return step;
    const noted = members === undefined ? step : { ...step, virtualMachines: mergeMembers(step, members, now) };
    return blockers.length === 0 ? withoutMessage(noted) : { ...noted, message: blockers.join('; ') };
  });
}

/** The members with the time at which each came to its state. */
export function mergeMembers(
  step: StepView<string>,
  members: readonly VirtualMachineView[],
  now: Instant,
): readonly VirtualMachineView[] {
  return members.map((member) => {
    const before = step.virtualMachines.find((candidate) => candidate.name === member.name);
    const at = before?.state === member.state && before.at !== undefined ? before.at : now;
    return { ...member, at };
  });
}

/** The step without what it waited for. */
export function withoutMessage<Name extends string>(step: StepView<Name>): StepView<Name> {
  const { message: _message, ...rest } = step;
  return rest;
}
