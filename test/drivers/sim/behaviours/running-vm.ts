import { powerResource } from '../../../../src/drivers/sim/kubevirt-admission/power-subresources.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareDisk, virtualMachine } from './manifests.ts';

const second = 1000;

/** A cluster with a bound disk and a VM that runs on it. */
export function runningVm(spec: JsonObject, graceSeconds = 30): ClusterLab {
  const lab = new ClusterLab();
  prepareDisk(lab);
  lab.send(resources.virtualMachine, virtualMachine(spec, graceSeconds));
  lab.runFor(second);
  if (spec.runStrategy === 'Manual') start(lab);
  lab.runUntil(() => lab.get(resources.virtualMachine, 'vm1')?.status?.ready === true);
  lab.runFor(3 * second);
  return lab;
}

/** Status of the answer to a start by hand. */
export function start(lab: ClusterLab): number {
  return power(lab, 'start');
}

export function power(lab: ClusterLab, action: 'start' | 'stop' | 'restart'): number {
  const place = { resource: powerResource, namespace: 'shop', name: 'vm1', subresource: action };
  return lab.api.request({ verb: 'update', ...place }).status;
}

/** The pod uid of the guest that lives; '' when there is none. */
export function guestOf(lab: ClusterLab): string {
  return lab.guests.all().find((guest) => guest.phase !== 'ended')?.podUid ?? '';
}
