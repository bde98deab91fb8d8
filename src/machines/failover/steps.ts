import type { FailoverMode } from '../../model/failover.ts';
import type { SiteView } from '../../model/group-view.ts';
import type { Instant } from '../../model/instant.ts';
import type { StepName, StepView, VirtualMachineView } from '../../model/projection.ts';
import { mergeMembers, withoutMessage } from '../operation/steps.ts';

const forwardSteps: Readonly<Record<FailoverMode, readonly StepName[]>> = {
  Planned: ['stopSource', 'awaitRelease', 'removeTaints', 'startTarget', 'monitorStartup'],
  Unplanned: ['stopSource', 'awaitRelease', 'forceVolumes', 'removeTaints', 'startTarget', 'monitorStartup'],
};

/** The steps of an operation that has not begun. */
export function pendingSteps(mode: FailoverMode): readonly StepView[] {
  return forwardSteps[mode].map((name) => ({ name, state: 'pending', virtualMachines: [] }));
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
