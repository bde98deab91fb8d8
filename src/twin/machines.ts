import type { MachineDefinition } from '../machines/definition.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import type { RecoveryContext } from '../machines/recovery/context.ts';
import { recoveryDefinition } from '../machines/recovery/definition.ts';
import type { ProtectionGroupContext } from '../machines/protection-group/context.ts';
import { protectionGroupDefinition } from '../machines/protection-group/definition.ts';
import type { FailoverView } from '../model/failover-view.ts';
import type { LocalGroupView } from '../model/group-view.ts';
import type { RecoveryView } from '../model/recovery/recovery-view.ts';

/** The machines that the hosts of a twin step. */
export interface TwinMachines {
  readonly failover: MachineDefinition<FailoverContext, FailoverView>;
  readonly recovery: MachineDefinition<RecoveryContext, RecoveryView>;
  readonly protectionGroup: MachineDefinition<ProtectionGroupContext, LocalGroupView>;
}

/** Those of the product. A drill of the drills puts broken ones in their place. */
export const productMachines: TwinMachines = {
  failover: failoverDefinition,
  recovery: recoveryDefinition,
  protectionGroup: protectionGroupDefinition,
};
