import type { Replica } from '../../drivers/sim/drbd/replica.ts';
import { conditionOf } from '../../model/condition-of.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../model/kube.ts';
import type { Stage } from '../stage.ts';

/** An object as it was, with what counts of it. */
export interface ConcernedObject {
  /** `cluster1 virtualmachines/vm-1` */
  readonly name: string;
  readonly state: JsonObject;
}

/**
 * The objects that a sentence is about: those whose names it holds, every group and operation, what belongs to a VM that it
 * names, and the replicas of its volumes as the kernels know them.
 */
export function objectsConcerned({ twin, groups }: Stage, sentence: string): readonly ConcernedObject[] {
  const words = new Set(sentence.split(/[^\w.-]+/));
  const named = (object: KubeObject): boolean => words.has(object.metadata.name);
  const found: ConcernedObject[] = [];
  for (const { name: site } of twin.sites) {
    const { api } = twin.world.cluster(site);
    for (const [resource, isConcerned, shorten] of shown) {
      for (const object of api.list(resource)) {
        if (isConcerned === 'always' || (isConcerned === 'named' && named(object)) || isOfNamedVm(object, words))
          found.push({ name: `${site} ${resource.plural}/${object.metadata.name}`, state: shorten(object) });
      }
    }
  }
  for (const volume of groups.flatMap(({ volumes }) => volumes)) {
    const isOfNamed = twin.guests.all().some(({ vm, disks }) => words.has(vm) && disks.includes(volume));
    if (!words.has(volume) && !isOfNamed) continue;
    for (const replica of twin.kernel.resource(volume)?.replicas.values() ?? [])
      found.push({ name: `${replica.node} replica/${volume}`, state: replicaState(replica) });
  }
  return found;
}

type Shorten = (object: KubeObject) => JsonObject;

const shown: readonly (readonly [ResourceType, 'always' | 'named' | 'ofVm', Shorten])[] = [
  [
    resources.protectionGroup,
    'always',
    (group) => ({
      ...only(at(group, 'spec'), ['desiredState', 'epoch']),
      ...only(at(group, 'status'), ['currentState', 'role']),
      ...Object.fromEntries(
        listAt(group, 'status', 'conditions').map((each) => [textAt(each, 'type') ?? '', textAt(each, 'status') ?? '']),
      ),
    }),
  ],
  [
    resources.failover,
    'always',
    (operation) => ({
      ...only(at(operation, 'spec'), ['targetCluster', 'cancel']),
      ...only(at(operation, 'status'), ['phase', 'holder', 'epoch', 'reason']),
      machine: textAt(operation, 'status', 'record', 'state') ?? 'none',
      steps: Object.fromEntries(
        listAt(operation, 'status', 'steps').map((step) => [textAt(step, 'name') ?? '', textAt(step, 'state') ?? '']),
      ),
    }),
  ],
  [resources.lease, 'named', (lease) => only(at(lease, 'spec'), ['holderIdentity', 'renewTime', 'leaseTransitions'])],
  [
    resources.virtualMachine,
    'named',
    (vm) => ({
      ...only(at(vm, 'spec'), ['running', 'runStrategy']),
      ...only(at(vm, 'status'), ['printableStatus', 'ready']),
    }),
  ],
  [resources.virtualMachineInstance, 'named', (vmi) => only(at(vmi, 'status'), ['phase', 'nodeName'])],
  [
    resources.pod,
    'ofVm',
    (pod) => ({
      ...only(at(pod, 'spec'), ['nodeName']),
      ...only(at(pod, 'status'), ['phase']),
      ...only(pod.metadata as unknown as JsonObject, ['deletionTimestamp']),
    }),
  ],
  [
    resources.node,
    'named',
    (node) => ({
      taints: listAt(node, 'spec', 'taints').map((taint) => textAt(taint, 'key') ?? ''),
      Ready: conditionOf(node, 'Ready')?.status ?? 'not reported',
    }),
  ],
  [
    resources.persistentVolume,
    'named',
    (volume) => ({
      ...only(at(volume, 'status'), ['phase']),
      claim: textAt(volume, 'spec', 'claimRef', 'name') ?? 'none',
    }),
  ],
];

function isOfNamedVm({ metadata }: KubeObject, words: ReadonlySet<string>): boolean {
  const vm = metadata.labels?.['vm.kubevirt.io/name'];
  return vm !== undefined && words.has(vm);
}

function only(object: Json | undefined, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = at(object, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

function replicaState({ running, role, disk, quorum, openers, suspended }: Replica): JsonObject {
  if (!running) return { running };
  return {
    role,
    disk,
    quorum,
    openers: [...openers.keys()],
    suspended: Object.entries(suspended).flatMap(([why, isSuspended]) => (isSuspended ? [why] : [])),
  };
}
