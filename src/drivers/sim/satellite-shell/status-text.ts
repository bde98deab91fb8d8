import { isConnected, isSuspended, outOfSyncKib, type Peer, type Replica } from '../drbd/replica.ts';
import { donePercentage } from '../drbd/status-report.ts';
import type { OwnReplica } from './arguments.ts';

export interface StatusOptions {
  readonly verbose: boolean;
  readonly statistics: boolean;
}

/** One resource as `drbdsetup status` shows it to people (LINBIT/drbd-utils `user/v9/drbdsetup.c`, `resource_status` and on). */
export function statusText(own: OwnReplica, now: number, options: StatusOptions): string {
  const { replica } = own;
  const lines = [resourceLine(own, options), deviceLine(own, options)];
  for (const peer of replica.peers.values()) {
    lines.push(connectionLine(replica, peer, options));
    const words = peerDeviceWords(own, peer, now, options);
    if (words.length > 0) lines.push(wrapped(4, 8, words));
  }
  return `${lines.join('\n')}\n\n`;
}

/** `no`, or every reason why I/O stands still (`susp_str`). */
export function suspendedText({ suspended }: Replica): string {
  const { user, noData, fencing, quorum } = suspended;
  const reasons = Object.entries({ user, 'no-data': noData, fencing, quorum }).filter(([, holds]) => holds);
  return reasons.length === 0 ? 'no' : reasons.map(([reason]) => reason).join(',');
}

export function yesNo(truth: boolean): 'yes' | 'no' {
  return truth ? 'yes' : 'no';
}

/** The disk below DRBD: a logical volume, as LINSTOR names it. */
export function backingDevice({ resource, replica }: OwnReplica): string {
  return replica.disk === 'Diskless' ? 'none' : `/dev/linstor_pool1/${resource.name}_00000`;
}

/** Whose requests wait: those from above wait while I/O is suspended. */
export function blockedText(replica: Replica): 'upper' | 'no' {
  return isSuspended(replica) && !replica.forceIoFailures ? 'upper' : 'no';
}

/** Sectors of this node's unanswered writes to a peer. */
export function inFlightSectors(replica: Replica, peer: Peer): number {
  return 8 * replica.inFlight.filter(({ awaiting }) => awaiting.includes(peer.node)).length;
}

function resourceLine({ resource, replica }: OwnReplica, { verbose, statistics }: StatusOptions): string {
  const suspended = suspendedText(replica);
  return wrapped(0, 4, [
    resource.name,
    ...(verbose ? [`node-id:${replica.nodeId}`] : []),
    `role:${replica.role}`,
    ...(verbose || suspended !== 'no' ? [`suspended:${suspended}`] : []),
    ...(verbose || replica.forceIoFailures ? [`force-io-failures:${yesNo(replica.forceIoFailures)}`] : []),
    ...(statistics && verbose ? ['write-ordering:flush'] : []),
  ]);
}

function deviceLine(own: OwnReplica, { verbose, statistics }: StatusOptions): string {
  const { resource, replica } = own;
  const blocked = blockedText(replica);
  return wrapped(2, 6, [
    ...(verbose ? ['volume:0', `minor:${resource.minor}`] : []),
    `disk:${replica.disk}`,
    ...(replica.disk === 'Diskless' ? [`client:${yesNo(replica.kind === 'diskless')}`] : []),
    ...(verbose ? [`backing_dev:${backingDevice(own)}`] : []),
    ...(verbose || !replica.quorum ? [`quorum:${yesNo(replica.quorum)}`] : []),
    `open:${yesNo(replica.openers.size > 0)}`,
    ...(statistics ? [...(verbose ? [`size:${resource.sizeKib}`] : []), 'read:0', 'written:0'] : []),
    ...(statistics && verbose ? ['al-writes:0', 'bm-writes:0', 'upper-pending:0', 'lower-pending:0'] : []),
    ...(statistics && verbose ? ['al-suspended:no'] : []),
    ...(verbose || blocked !== 'no' ? [`blocked:${blocked}`] : []),
  ]);
}

function connectionLine(replica: Replica, peer: Peer, { verbose }: StatusOptions): string {
  return wrapped(2, 6, [
    peer.node,
    ...(verbose ? [`node-id:${peer.nodeId}`] : []),
    ...(verbose || !isConnected(peer) ? [`connection:${peer.connection}`] : []),
    ...(verbose || isConnected(peer) ? [`role:${peer.role}`] : []),
    ...(verbose ? ['tls:no', 'congested:no', `ap-in-flight:${inFlightSectors(replica, peer)}`, 'rs-in-flight:0'] : []),
  ]);
}

function peerDeviceWords(
  { resource }: OwnReplica,
  peer: Peer,
  now: number,
  { verbose, statistics }: StatusOptions,
): readonly string[] {
  const isOff = peer.replication === 'Off';
  const done = donePercentage(peer, now);
  const outOfSync = outOfSyncKib(resource, peer);
  return [
    ...(verbose ? ['volume:0'] : []),
    ...(verbose || (!isOff && peer.replication !== 'Established') ? [`replication:${peer.replication}`] : []),
    ...(verbose || !isOff ? [`peer-disk:${peer.disk}`] : []),
    ...(peer.disk === 'Diskless' && peer.kind === 'diskless' ? ['peer-client:yes'] : []),
    ...(done === undefined ? [] : [`done:${done.toFixed(2)}`]),
    ...(verbose ? ['resync-suspended:no'] : []),
    ...(statistics ? ['received:0', 'sent:0'] : []),
    ...(statistics && (verbose || outOfSync > 0) ? [`out-of-sync:${outOfSync}`] : []),
    ...(statistics && verbose ? ['pending:0', 'unacked:0'] : []),
  ];
}

const columns = 80;

/** Words on lines of 80 columns behind the indentation; what does not fit goes on further to the right (`wrap_printf`). */
function wrapped(indent: number, hanging: number, words: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= columns) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines.map((text, index) => `${' '.repeat(index === 0 ? indent : hanging)}${text}`).join('\n');
}
