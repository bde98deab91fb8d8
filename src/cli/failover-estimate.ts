import type { FailoverTimeouts } from '../model/failover.ts';
import type { VirtualMachineReading } from '../model/member-reading.ts';
import { numberAt, textAt } from '../model/json.ts';
import type { VirtualMachineShape } from '../twin/demo-objects.ts';
import type { FailoverPlan } from './failover-plan.ts';

/** How long a failover takes, as a range of whole seconds. */
export interface FailoverEstimate {
  readonly least: number;
  readonly most: number;
}

const rehearsals = 6;

/** Grace period of a VM that sets none (`DefaultGracePeriodSeconds` of kubevirt/kubevirt). */
const kubevirtGraceSeconds = 30;

const roundedTo = 5;

/**
 * The time that this failover would take: it is played in the simulated world several times, with different luck, by the
 * same machine that would run it. Undefined when it did not succeed there within its time limits.
 */
export async function estimateFailover(
  plan: FailoverPlan,
  timeouts: FailoverTimeouts,
): Promise<FailoverEstimate | undefined> {
  // A simulator is much to load: only a dry run pays for it.
  const [{ rehearse }, { readProductDefinitions }] = await Promise.all([
    import('../twin/rehearsal.ts'),
    import('./product-files.ts'),
  ]);
  const definitions = await readProductDefinitions();
  const virtualMachines = new Map(plan.view.source.virtualMachines.map((vm) => [vm.name, shapeOf(vm)]));
  const range = rehearse({ virtualMachines, timeouts, definitions, runs: rehearsals });
  if (range === undefined) return undefined;
  return {
    least: Math.floor(range.leastSeconds / roundedTo) * roundedTo,
    most: Math.ceil((range.mostSeconds + 1) / roundedTo) * roundedTo,
  };
}

/** What the rehearsal needs of a VM. One whose definition is not known is rehearsed as an ordinary one. */
function shapeOf(vm: VirtualMachineReading): VirtualMachineShape | undefined {
  const object = vm.object.known ? vm.object.value : undefined;
  if (object === undefined) return undefined;
  const strategy = textAt(object, 'spec', 'runStrategy');
  return {
    gracePeriodSeconds:
      numberAt(object, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds') ?? kubevirtGraceSeconds,
    disks: vm.claims.length,
    // A Manual VM runs because somebody started it; in a rehearsal nobody does.
    ...(strategy === 'RerunOnFailure' ? { runStrategy: strategy } : {}),
  };
}
