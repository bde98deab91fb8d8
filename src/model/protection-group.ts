import { listAt, numberAt, textAt } from './json.ts';
import { oncePer } from './memo.ts';
import { apiVersionOf, type KubeObject, resources } from './kube.ts';

export type DesiredState = 'running' | 'stopped';
export type CurrentState = 'running' | 'stopped' | 'mixed' | 'unknown';

/** What a site's VMs of the group do: `Both` is the sign of a split brain. */
export type ObservedRole = 'Active' | 'Standby' | 'None' | 'Both';

/** A ProtectionGroup as read from one site. */
export interface ProtectionGroup {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly desiredState: DesiredState;
  /** Grows with each operation on the group; 0 before the first. */
  readonly epoch: number;
  readonly virtualMachines: readonly string[];
  readonly currentState: CurrentState;
  readonly observedGeneration: number | undefined;
  readonly object: KubeObject;
}

/** Reads a ProtectionGroup object. The schema's defaults stand in for absent fields. */
export const protectionGroupOf = oncePer((object: KubeObject): ProtectionGroup => {
  const current = textAt(object, 'status', 'currentState');
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? 'default',
    resourceVersion: object.metadata.resourceVersion ?? '',
    generation: object.metadata.generation ?? 0,
    desiredState: textAt(object, 'spec', 'desiredState') === 'stopped' ? 'stopped' : 'running',
    epoch: numberAt(object, 'spec', 'epoch') ?? 0,
    virtualMachines: listAt(object, 'spec', 'virtualMachines').flatMap((entry) => textAt(entry, 'name') ?? []),
    currentState: current === 'running' || current === 'stopped' || current === 'mixed' ? current : 'unknown',
    observedGeneration: numberAt(object, 'status', 'observedGeneration'),
    object,
  };
});

/** A new ProtectionGroup. The DR side's is always created `stopped`: the schema's default would start its VMs. */
export function newProtectionGroup(
  name: string,
  namespace: string,
  virtualMachines: readonly string[],
  desiredState: DesiredState,
): KubeObject {
  return {
    apiVersion: apiVersionOf(resources.protectionGroup),
    kind: resources.protectionGroup.kind,
    metadata: { name, namespace },
    spec: { desiredState, virtualMachines: virtualMachines.map((vm) => ({ name: vm })) },
  };
}

/** Power of one VM as far as `currentState` is concerned. */
export type PowerState = 'running' | 'starting' | 'stopping' | 'stopped' | 'unknown';

/**
 * Folds the VMs' states: all running, all stopped, `unknown` when any cannot be told, else `mixed`.
 * A group without VMs is stopped.
 */
export function currentStateOf(powers: readonly PowerState[]): CurrentState {
  if (powers.some((power) => power === 'unknown')) return 'unknown';
  if (powers.every((power) => power === 'stopped')) return 'stopped';
  return powers.every((power) => power === 'running') ? 'running' : 'mixed';
}
