import { conditionOf } from './condition-of.ts';
import { isSameJson, listAt, textAt } from './json.ts';
import { type KubeObject, resources } from './kube.ts';

/** A change of an object as a watch tells it: `old` is absent for a new object, `object` carries the last state of a deleted one. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: { readonly plural: string };
  readonly object: KubeObject;
  readonly old?: KubeObject;
}

type Trait = (object: KubeObject) => unknown;

const deletion: Trait = (object) => object.metadata.deletionTimestamp;
const phase: Trait = (object) => textAt(object, 'status', 'phase');

/** What a pass over a group depends on, by type: a change of anything else need not wake anybody. */
const traits: Readonly<Record<string, readonly Trait[]>> = {
  [resources.protectionGroup.plural]: [(object) => object.metadata.generation, deletion],
  [resources.virtualMachine.plural]: [(object) => object.metadata.generation, deletion, startRequests],
  [resources.virtualMachineInstance.plural]: [phase, deletion, readiness],
  [resources.pod.plural]: [phase, deletion],
  [resources.persistentVolumeClaim.plural]: [phase, deletion],
  [resources.volumeAttachment.plural]: [deletion],
  [resources.lease.plural]: [(object) => textAt(object, 'spec', 'holderIdentity')],
  [resources.failover.plural]: [(object) => object.metadata.generation, phase],
};

/** True for a change that may change what a group's or an operation's machine decides. */
export function isSignificant({ type, resource, object, old }: ObjectChange): boolean {
  const watched = traits[resource.plural];
  if (watched === undefined) return false;
  if (type !== 'MODIFIED' || old === undefined) return true;
  return watched.some((trait) => !isSameJson(trait(object), trait(old)));
}

// A Manual VM is started by a request, which KubeVirt takes away when it has obeyed.
function startRequests(vm: KubeObject): unknown {
  return listAt(vm, 'status', 'stateChangeRequests');
}

function readiness(vmi: KubeObject): unknown {
  return ['Ready', 'Paused'].map((condition) => conditionOf(vmi, condition)?.status);
}
