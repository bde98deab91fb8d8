/** Answer of the kernel to open(2). `pending`: auto-promotion is still being tried (up to 2 s); the caller asks again later. */
export type OpenResult =
  | { readonly kind: 'open' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly errno: string; readonly text: string };

/** Answer to a write. `pending`: not yet acknowledged (unanswered peer or suspended I/O); its fate shows in the ledger. */
export type WriteResult =
  | { readonly kind: 'acked'; readonly seq: number }
  | { readonly kind: 'pending'; readonly seq: number }
  | { readonly kind: 'error'; readonly errno: string };

/** What a process on a node sees of DRBD: the device of a resource. An opener is named by the caller (a pod, a mount). */
export interface DrbdPort {
  /** Opens the device; asking again for the same opener is harmless. Opening read-write promotes the replica. */
  open(resource: string, node: string, opener: string, mode: 'rw' | 'ro'): OpenResult;
  /** Closes it; the last read-write close demotes the replica. Closing what is not open is harmless. */
  close(resource: string, node: string, opener: string): void;
  /** One numbered write by an opener that holds the device read-write. */
  write(resource: string, node: string, opener: string): WriteResult;
  /** True while the node runs and the resource is up on it, with a disk or without. */
  hasDevice(resource: string, node: string): boolean;
}
