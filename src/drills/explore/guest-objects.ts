import type { KubeObject } from '../../model/kube.ts';
import { timestamp } from '../../model/instant.ts';
import { type Cells, at, column, columnOf, has, stage, stageIn, trouble } from './cells.ts';
import { now } from './essence.ts';
import type { MachineScenery } from './scenery.ts';

/** What a site shows of the guest of a VM, as KubeVirt and Kubernetes report it. */
export interface GuestObjects {
  readonly instance?: KubeObject;
  readonly pod?: KubeObject;
  readonly attachment?: KubeObject;
}

/** The objects of a guest on a site, at the stage that it has come to. A node that is lost reports nothing new. */
export function guestObjects(
  scenery: MachineScenery,
  cells: Cells,
  virtualMachine: number,
  site: number,
): GuestObjects {
  const { instances, pods, attachments } = scenery;
  const [instance, pod, attachment] = [instances[site], pods[site], attachments[site]] as [
    KubeObject,
    KubeObject,
    KubeObject,
  ];
  switch (stageIn(at(cells, columnOf(virtualMachine) + column.guests), site)) {
    case stage.starting:
      return { instance: inPhase(instance, 'Scheduling'), pod: inPhase(pod, 'Pending'), attachment };
    case stage.executing:
      return { instance: has(cells, trouble.nodeLost(site)) ? silent(instance) : instance, pod, attachment };
    case stage.stopping: {
      const metadata = { ...instance.metadata, deletionTimestamp: timestamp(now) };
      return { instance: { ...instance, metadata }, pod, attachment };
    }
    case stage.ended:
      return { attachment };
    default:
      return {};
  }
}

function inPhase(object: KubeObject, phase: string): KubeObject {
  return { ...object, status: { phase } };
}

/** The phase stays Running when the node is gone; that the pod is not ready is all that tells of it. */
function silent(instance: KubeObject): KubeObject {
  return { ...instance, status: { ...instance.status, conditions: [{ type: 'Ready', status: 'False' }] } };
}
