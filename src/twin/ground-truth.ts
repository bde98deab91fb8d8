import type { Guest } from '../drivers/sim/guests.ts';
import type { Twin } from './twin.ts';

/**
 * Watches what really happens in a twin, whatever its objects say: no VM may execute on two clusters at once, and no guest
 * may begin to execute on a disk that lacks an acknowledged write.
 */
export function watchGroundTruth({ guests, kernel, world }: Pick<Twin, 'guests' | 'kernel' | 'world'>): {
  readonly breaches: readonly string[];
  readonly starts: readonly string[];
} {
  const breaches: string[] = [];
  const starts: string[] = [];
  const begun = new Set(guests.all().map((guest) => guest.podUid));
  guests.onChange((guest: Guest) => {
    const clusters = new Set(guests.executing(guest.namespace, guest.vm).map((one) => one.cluster));
    if (clusters.size > 1) breaches.push(`${world.now}: ${guest.vm} executes on ${[...clusters].join(' and ')}`);
    if (guest.executesSince === undefined || begun.has(guest.podUid)) return;
    begun.add(guest.podUid);
    starts.push(`${guest.vm} on ${guest.cluster}`);
    for (const disk of guest.disks) {
      const missing = kernel.missingCount(disk, guest.node);
      if (missing > 0)
        breaches.push(`${world.now}: ${guest.vm} starts on ${guest.node} without ${missing} writes of ${disk}`);
    }
  });
  return { breaches, starts };
}
