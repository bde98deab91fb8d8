import { conditionOf } from './condition-of.ts';
import { listAt, textAt } from './json.ts';
import { type KubeObject, resources } from './kube.ts';
import { isLauncherPod, podIsFinal } from './launcher-pod.ts';
import { instanceBlocker, podBlocker } from './start-blocker.ts';
import { isFinal } from './virtual-machine.ts';

/** A change of an object as a watch tells it: `old` is absent for a new object, `object` carries the last state of a deleted one. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: { readonly plural: string };
  readonly object: KubeObject;
  readonly old?: KubeObject;
}

/** What a pass over a group depends on in objects of one type. */
interface Bearing {
  readonly traits: readonly ((object: KubeObject) => string | number | boolean | undefined)[];
  /** True for an object that shows as if it were not there: that it comes or goes changes nothing. */
  readonly isNothing?: (object: KubeObject) => boolean;
}

const deletion = (object: KubeObject): string | undefined => object.metadata.deletionTimestamp;
const generation = (object: KubeObject): number | undefined => object.metadata.generation;
const phase = (object: KubeObject): string | undefined => textAt(object, 'status', 'phase');

/** A change of anything else need not wake anybody. */
const bearings: Readonly<Record<string, Bearing>> = {
  [resources.protectionGroup.plural]: { traits: [generation, deletion] },
  [resources.virtualMachine.plural]: { traits: [generation, deletion, startRequests] },
  [resources.virtualMachineInstance.plural]: {
    traits: [powerPhase, deletion, readiness, (vmi) => instanceBlocker({ vmi })?.reason],
    // One that has ended is missed only by a VM that starts again without it, and then the next one shows.
    isNothing: isFinal,
  },
  [resources.pod.plural]: {
    traits: [podIsFinal, (pod) => podBlocker([pod])?.reason],
    isNothing: (pod) => podIsFinal(pod) || !isLauncherPod(pod),
  },
  [resources.persistentVolumeClaim.plural]: { traits: [phase, deletion] },
  [resources.volumeAttachment.plural]: { traits: [deletion] },
  [resources.lease.plural]: { traits: [(object) => textAt(object, 'spec', 'holderIdentity')] },
  [resources.failover.plural]: { traits: [generation, phase] },
};

/** True for a change that may change what a group's or an operation's machine decides. */
export function isSignificant({ type, resource, object, old }: ObjectChange): boolean {
  const bearing = bearings[resource.plural];
  if (bearing === undefined) return false;
  const { traits, isNothing = () => false } = bearing;
  if (type !== 'MODIFIED' || old === undefined) return !isNothing(object);
  if (isNothing(object)) return !isNothing(old);
  if (isNothing(old)) return true;
  for (const trait of traits) if (trait(object) !== trait(old)) return true;
  return false;
}

// A Manual VM is started by a request, which KubeVirt takes away when it has obeyed.
function startRequests(vm: KubeObject): string {
  const requests = listAt(vm, 'status', 'stateChangeRequests');
  return requests.length === 0 ? '' : JSON.stringify(requests);
}

/** On its way to run an instance is starting, whatever the phase is called. */
function powerPhase(vmi: KubeObject): string {
  const name = textAt(vmi, 'status', 'phase') ?? '';
  return name === 'Running' || name === 'Unknown' || isFinal(vmi) ? name : 'starting';
}

function readiness(vmi: KubeObject): string {
  return `${conditionOf(vmi, 'Ready')?.status} ${conditionOf(vmi, 'Paused')?.status}`;
}
