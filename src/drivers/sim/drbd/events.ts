import { dropSecondSource } from './connection.ts';
import type { Detection } from './detection.ts';
import { failDisk } from './disk.ts';
import type { DrbdEventKind, DrbdHost } from './host.ts';
import { shakeHands } from './meeting.ts';
import type { DrbdResource, Replica } from './replica.ts';
import { finishResync, startResync } from './resync.ts';
import { demoteUnused } from './roles.ts';
import { finishVerify } from './verify.ts';

/** What takes time in the kernel has come to its end; `a` and `b` are the nodes that the event names. */
export function handleEvent(
  host: DrbdHost,
  detection: Detection,
  resource: DrbdResource,
  kind: DrbdEventKind,
  a: Replica,
  b: Replica,
): void {
  switch (kind) {
    case 'drbd.lost':
      detection.loseSilentPeers(resource, a);
      break;
    case 'drbd.connect':
      shakeHands(host, resource, a.node, b.node);
      break;
    case 'drbd.sync-start':
      if (!host.reaches(a.node, b.node)) break;
      if (startResync(host, resource, a, b) === 'refused') dropSecondSource(host, resource, a, b);
      break;
    case 'drbd.sync-end':
      finishResync(host, resource, a, b);
      break;
    case 'drbd.verify-end':
      finishVerify(host, resource, a, b);
      break;
    case 'drbd.demote':
      demoteUnused(host, resource, a);
      break;
    case 'drbd.disk-failed':
      failDisk(host, resource, a);
      break;
  }
}
