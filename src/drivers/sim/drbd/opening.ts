import type { Millis } from '../../../model/instant.ts';
import type { DrbdHost } from './host.ts';
import type { OpenResult } from './port.ts';
import { quorumOf } from './quorum.ts';
import { stateChangeTexts } from './refusals.ts';
import { type DrbdResource, isConnected, isSuspended, type Replica } from './replica.ts';
import { promote, refusalToPromote } from './roles.ts';
import { reachesData, settle } from './settle.ts';

/** auto-promote-timeout: 20 tenths of a second. */
const autoPromoteTimeout: Millis = 2000;

/** Begin of open calls that are still trying, by `resource|node|opener`. */
export type OpenAttempts = Map<string, Millis>;

/** open(2) on the device (drbd/drbd_main.c drbd_open): read-write promotes and may have to wait for it. */
export function openDevice(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  attempts: OpenAttempts,
  opener: string,
  mode: 'rw' | 'ro',
): OpenResult {
  const present = replica.openers.get(opener);
  if (present !== undefined && (present.mode === mode || present.mode === 'rw')) return { kind: 'open' };
  const key = `${resource.name}|${replica.node}|${opener}`;
  const result = replica.forceIoFailures
    ? refused('ENOTRECOVERABLE', 'State not recoverable')
    : mode === 'rw'
      ? openForWriting(host, resource, replica)
      : openForReading(replica);
  if (result === 'wait') {
    const since = attempts.get(key);
    if (since === undefined) attempts.set(key, host.now);
    if (since === undefined || host.now - since < autoPromoteTimeout) return { kind: 'pending' };
    attempts.delete(key);
    return mode === 'rw'
      ? readOnlyFileSystem(refusalToPromote(host, resource, replica)?.code)
      : refused('EMEDIUMTYPE', 'Wrong medium type');
  }
  attempts.delete(key);
  if (result.kind === 'open') {
    replica.openers.set(opener, { mode, since: host.now, closing: false });
    settle(host, resource, replica);
  }
  return result;
}

function openForWriting(host: DrbdHost, resource: DrbdResource, replica: Replica): OpenResult | 'wait' {
  if (replica.role === 'Primary') return { kind: 'open' };
  if (!replica.options['auto-promote']) return readOnlyFileSystem('-1');
  const refusal = refusalToPromote(host, resource, replica);
  if (refusal === undefined) {
    promote(host, resource, replica, false);
    return { kind: 'open' };
  }
  const waits = refusal.code === '-1' || refusal.code === '-10' || (refusal.code === '-2' && isConnecting(replica));
  return waits ? 'wait' : readOnlyFileSystem(refusal.code);
}

function openForReading(replica: Replica): OpenResult | 'wait' {
  const primarySeen = [...replica.peers.values()].some((peer) => isConnected(peer) && peer.role === 'Primary');
  if (primarySeen && replica.role !== 'Primary') {
    return refused('EMEDIUMTYPE', 'Wrong medium type');
  }
  if (isSuspended(replica) || !quorumOf(replica).quorum) return refused('ENODATA', 'No data available');
  if (reachesData(replica)) return { kind: 'open' };
  return isConnecting(replica) ? 'wait' : refused('ENODATA', 'No data available');
}

function isConnecting(replica: Replica): boolean {
  for (const peer of replica.peers.values()) if (peer.connection === 'Connecting') return true;
  return false;
}

function readOnlyFileSystem(code: keyof typeof stateChangeTexts | undefined): OpenResult {
  const why = code === undefined ? '' : ` (Auto-promote failed: ${stateChangeTexts[code]} (${code}))`;
  return refused('EROFS', `Read-only file system${why}`);
}

function refused(errno: string, text: string): OpenResult {
  return { kind: 'refused', errno, text };
}
