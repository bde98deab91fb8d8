import type { FailoverMode } from '../../model/failover.ts';
import type { SiteView } from '../../model/group-view.ts';
import type { Instant } from '../../model/instant.ts';
import type { StepName, StepState, StepView, VirtualMachineView } from '../../model/projection.ts';

const forwardSteps: Readonly<Record<FailoverMode, readonly StepName[]>> = {
  Planned: ['stopSource', 'awaitRelease', 'removeTaints', 'startTarget', 'monitorStartup'],
  Unplanned: ['stopSource', 'awaitRelease', 'forceVolumes', 'removeTaints', 'startTarget', 'monitorStartup'],
};

/** The steps of an operation that has not begun. */
export function pendingSteps(mode: FailoverMode): readonly StepView[] {
  return forwardSteps[mode].map((name) => ({ name, state: 'pending', virtualMachines: [] }));
}

/** Marks a step as begun, every step before it that still runs as done. A step that was begun keeps its start. */
export function beginStep(
  steps: readonly StepView[],
  name: StepName,
  now: Instant,
  virtualMachines: readonly string[] = [],
): readonly StepView[] {
  const present = steps.some((step) => step.name === name);
  const all: readonly StepView[] = present ? steps : [...steps, { name, state: 'pending', virtualMachines: [] }];
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
export function endStep(
  steps: readonly StepView[],
  state: StepState,
  now: Instant,
  message?: string,
): readonly StepView[] {
  return steps.map((step) => {
    if (step.state !== 'running') return step;
    const ended: StepView = withoutMessage({ ...step, state, finishedAt: now });
    return message === undefined ? ended : { ...ended, message };
  });
}

/** Writes into the running step what it waits for, and what has become of each VM. */
export function noteProgress(
  steps: readonly StepView[],
  now: Instant,
  blockers: readonly string[],
  members?: readonly VirtualMachineView[],
): readonly StepView[] {
  return steps.map((step) => {
    if (step.state !== 'running') return step;
    const noted = members === undefined ? step : { ...step, virtualMachines: mergeMembers(step, members, now) };
    return blockers.length === 0 ? withoutMessage(noted) : { ...noted, message: blockers.join('; ') };
  });
}

/** VMs of a site that are to stop. */
export function stoppingMembers(site: SiteView): readonly VirtualMachineView[] {
  return site.virtualMachines.map((vm) =>
    vm.power.state === 'stopped'
      ? { name: vm.name, state: 'stopped' }
      : { name: vm.name, state: 'pending', message: vm.power.message },
  );
}

/** VMs of a site that are to start. */
export function startingMembers(site: SiteView): readonly VirtualMachineView[] {
  return site.virtualMachines.map((vm) => {
    if (vm.power.state === 'running') return { name: vm.name, state: 'running' };
    const state = vm.power.state === 'starting' ? 'starting' : 'pending';
    return { name: vm.name, state, message: vm.power.message };
  });
}

/** The order to start has been seen: in the step that gave it every VM counts as starting. A later step keeps its own. */
export function noteOrdered(
  steps: readonly StepView[],
  now: Instant,
  virtualMachines: readonly string[],
): readonly StepView[] {
  const members = virtualMachines.map((name): VirtualMachineView => ({ name, state: 'starting' }));
  return steps.map((step) =>
    step.name === 'startTarget' && step.state === 'running'
      ? withoutMessage({ ...step, virtualMachines: mergeMembers(step, members, now) })
      : step,
  );
}

function mergeMembers(
  step: StepView,
  members: readonly VirtualMachineView[],
  now: Instant,
): readonly VirtualMachineView[] {
  return members.map((member) => {
    const before = step.virtualMachines.find((candidate) => candidate.name === member.name);
    const at = before?.state === member.state && before.at !== undefined ? before.at : now;
    return { ...member, at };
  });
}

function withoutMessage(step: StepView): StepView {
  const { message: _message, ...rest } = step;
  return rest;
}
