/** States of DRBD 9 in their exact spelling (LINBIT/drbd-headers `linux/drbd.h`, `drbd_strings.c`). */
export type Role = 'Primary' | 'Secondary' | 'Unknown';

export type DiskState =
  | 'Diskless'
  | 'Attaching'
  | 'Detaching'
  | 'Failed'
  | 'Negotiating'
  | 'Inconsistent'
  | 'Outdated'
  | 'DUnknown'
  | 'Consistent'
  | 'UpToDate';

export type ConnectionState =
  | 'StandAlone'
  | 'Disconnecting'
  | 'Unconnected'
  | 'Timeout'
  | 'BrokenPipe'
  | 'NetworkFailure'
  | 'ProtocolError'
  | 'TearDown'
  | 'Connecting'
  | 'Connected';

export type ReplicationState =
  | 'Off'
  | 'Established'
  | 'WFBitMapS'
  | 'WFBitMapT'
  | 'SyncSource'
  | 'SyncTarget'
  | 'PausedSyncS'
  | 'PausedSyncT'
  | 'VerifyS'
  | 'VerifyT';

const diskOrder: Readonly<Record<DiskState, number>> = {
  Diskless: 0,
  Attaching: 1,
  Detaching: 2,
  Failed: 3,
  Negotiating: 4,
  Inconsistent: 5,
  Outdated: 6,
  DUnknown: 7,
  Consistent: 8,
  UpToDate: 9,
};

/** Compares disk states as DRBD does: negative when `a` is the worse one. `DUnknown` stands between Outdated and Consistent. */
export function compareDisks(a: DiskState, b: DiskState): number {
  return diskOrder[a] - diskOrder[b];
}

/** True when the disk holds some data of the volume, be it old or mixed. */
export function hasData(disk: DiskState): boolean {
  return diskOrder[disk] >= diskOrder.Inconsistent && disk !== 'DUnknown';
}
