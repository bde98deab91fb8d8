import { attachCommand, detachCommand } from './disk.ts';
import type { DrbdHost } from './host.ts';
import { newCurrentUuidCommand } from './initial-data.ts';
import type { CommandResult } from './refusals.ts';
import { invalidateCommand, invalidateRemoteCommand } from './repair.ts';
import type { DrbdResource, Replica } from './replica.ts';
import { verifyCommand } from './verify.ts';

/** Commands of drbdadm and drbdsetup about disks and their content, on one node. `peer` is a node name. */
export type DrbdAdministration =
  | { readonly kind: 'detach'; readonly force?: boolean }
  | { readonly kind: 'attach' }
  | { readonly kind: 'invalidate'; readonly resetBitmap?: boolean }
  | { readonly kind: 'invalidate-remote'; readonly peer: string; readonly resetBitmap?: boolean }
  /** `fromStart`: `--start=0`; without it an interrupted verify goes on, and does not look at its beginning again. */
  | { readonly kind: 'verify'; readonly peer: string; readonly fromStart?: boolean }
  | { readonly kind: 'new-current-uuid'; readonly clearBitmap?: boolean };

/**
 * True for a command that everybody has to answer before anything changes: all but a forced detach, and a new generation
 * (drbd/drbd_state.c do_change_disk_state, do_change_repl_state).
 */
export function asksEverybody(command: DrbdAdministration): boolean {
  return command.kind !== 'new-current-uuid' && !(command.kind === 'detach' && command.force);
}

export function administer(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  command: DrbdAdministration,
): CommandResult {
  switch (command.kind) {
    case 'detach':
      return detachCommand(host, resource, replica, command.force ?? false);
    case 'attach':
      return attachCommand(host, resource, replica);
    case 'invalidate':
      return invalidateCommand(host, resource, replica, command);
    case 'invalidate-remote':
      return invalidateRemoteCommand(host, resource, replica, command.peer, command);
    case 'verify':
      return verifyCommand(host, resource, replica, command.peer, command.fromStart ?? false);
    case 'new-current-uuid':
      return newCurrentUuidCommand(host, resource, replica, command.clearBitmap ?? false);
  }
}
