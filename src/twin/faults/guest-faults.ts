import type { Guest } from '../../drivers/sim/guests.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, FaultError } from './fault.ts';
import { guestFault, vmOf } from './vm-faults.ts';

/** A guest that does not hear the power button. */
export const guestDeaf: FaultKind = guestFault('guest-deaf', 'ignores-acpi', {
  about: "a VM's guest does not shut down when it is asked to, and ends when its grace period is over",
  says: 'ignores the request to shut down',
});

/** qemu crashes. */
export const guestCrash: FaultKind = {
  kind: 'guest-crash',
  about: 'the guest of a VM crashes, wherever it runs',
  options: ['--vm VM', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const { vm, namespace } = vmOf(twin, order);
    const guests = executing(twin, namespace, vm);
    return {
      says: `the guest of ${namespace}/${vm} crashes`,
      breaks: [],
      act: () => guests.forEach(({ podUid }) => twin.guests.endByItself(podUid, 'crashed')),
      heal: () => undefined,
    };
  },
};

/** A guest stands still, with its devices open. */
export const guestPaused: FaultKind = {
  kind: 'guest-paused',
  about: 'the guest of a VM is paused by hand, and goes on when it is mended',
  options: ['--vm VM', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const { vm, namespace } = vmOf(twin, order);
    const guests = executing(twin, namespace, vm);
    return {
      says: `the guest of ${namespace}/${vm} is paused`,
      breaks: [],
      act: () => guests.forEach(({ podUid }) => twin.guests.pause(podUid)),
      heal: () => guests.forEach(({ podUid }) => twin.guests.resume(podUid)),
    };
  },
};

function executing(twin: Twin, namespace: string, vm: string): readonly Guest[] {
  const guests = twin.guests.executing(namespace, vm);
  if (guests.length === 0) throw new FaultError(`VM ${namespace}/${vm} runs nowhere`);
  return guests;
}
