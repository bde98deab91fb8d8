import type { ExecRequest } from './request.ts';
import { onSatellite, type Satellite } from './satellite.ts';

/** What was seen of a resource on a node, and must be so still when a command begins. */
export interface DrbdPrecondition {
  readonly resource: string;
  readonly role: 'Primary' | 'Secondary';
  /** With a peer, by name and node number: the current generation of the data, as it counts towards that peer. */
  readonly generation?: { readonly peer: string; readonly peerNodeId: number; readonly current: string };
}

/** Exit code of `guardedScript` when something is not as it was seen: nothing was done. */
export const preconditionFailed = 90;

/**
 * Runs a command only while role and data generation of a resource are as they were seen: DRBD's own commands take no
 * precondition. Arguments: resource, role, node number of a peer or `-`, current generation, then the command. The lowest bit
 * of a generation only tells whether somebody is Primary; it is looked past.
 */
export const guardedScript = `resource=$1 role=$2 peer=$3 current=$4; shift 4
seen=$(drbdsetup status "$resource" | sed -n '1s/.* role:\\([A-Za-z]*\\).*/\\1/p')
[ "$seen" = "$role" ] || { echo "role is \${seen:-not reported}, not $role" >&2; exit ${preconditionFailed}; }
if [ "$peer" != - ]; then
  even='s/1$/0/;s/3$/2/;s/5$/4/;s/7$/6/;s/9$/8/;s/B$/A/;s/D$/C/;s/F$/E/'
  seen=$(drbdsetup get-gi "$resource" "$peer" 0 | cut -d: -f1 | sed "$even")
  [ "$seen" = "$current" ] || { echo "data generation is \${seen:-not reported}, not $current" >&2; exit ${preconditionFailed}; }
fi
exec "$@"`;

/** One command to DRBD, in the words of both: as it is typed on the node, and as a DRBDOperation has it. */
export interface DrbdCommand {
  readonly program: readonly string[];
  readonly operation: { readonly type: DrbdOperationType; readonly peer?: string };
}

export type DrbdOperationType =
  | 'ForcePrimary'
  | 'Demote'
  | 'DemoteByForce'
  | 'Connect'
  | 'ConnectDiscarding'
  | 'Disconnect'
  | 'Verify'
  | 'InvalidateMarked';

/** A program in LINSTOR's satellite that runs only while its precondition holds. */
export function guardedProgram(
  satellite: Satellite,
  { resource, role, generation }: DrbdPrecondition,
  program: readonly string[],
): ExecRequest {
  const seen = generation === undefined ? ['-', '-'] : [String(generation.peerNodeId), generation.current];
  return onSatellite(satellite, ['sh', '-c', guardedScript, 'drbd-guarded', resource, role, ...seen, ...program]);
}

/**
 * The commands that recovery is made of, as drbdsetup(8) and drbdadm(8) have them. Connections are named: without a name
 * drbdadm stops at the first one that is not StandAlone.
 */
export const drbdCommands = {
  /** Takes the disk as it is for the newest data, quorum or not. The peers' data counts as old from then on. */
  forcePrimary: (resource: string): DrbdCommand => ({
    program: ['drbdsetup', 'primary', '--force', resource],
    operation: { type: 'ForcePrimary' },
  }),
  demote: (resource: string): DrbdCommand => ({
    program: ['drbdsetup', 'secondary', resource],
    operation: { type: 'Demote' },
  }),
  /** Openers get I/O errors from then on; a write that hangs is told to have succeeded, and is lost. */
  demoteByForce: (resource: string): DrbdCommand => ({
    program: ['drbdsetup', 'secondary', '--force', resource],
    operation: { type: 'DemoteByForce' },
  }),
  connect: (resource: string, peer: string): DrbdCommand => ({
    program: ['drbdadm', 'connect', `${resource}:${peer}`],
    operation: { type: 'Connect', peer },
  }),
  /** This node's data is given up for the peer's, split brain or not: only for a connection that is StandAlone. */
  connectDiscarding: (resource: string, peer: string): DrbdCommand => ({
    program: ['drbdadm', 'connect', '--discard-my-data', `${resource}:${peer}`],
    operation: { type: 'ConnectDiscarding', peer },
  }),
  disconnect: (resource: string, peer: string): DrbdCommand => ({
    program: ['drbdadm', 'disconnect', `${resource}:${peer}`],
    operation: { type: 'Disconnect', peer },
  }),
  /** Compares the disks from their beginning: without `--start` an interrupted run goes on, and passes over what it has read. */
  verify: (resource: string, peer: { readonly node: string; readonly nodeId: number }): DrbdCommand => ({
    program: ['drbdsetup', 'verify', resource, String(peer.nodeId), '0', '--start=0'],
    operation: { type: 'Verify', peer: peer.node },
  }),
  /** This node's blocks that are marked come again from its peer. DRBD does not look at the role: the precondition must. */
  invalidateMarked: (minor: number): DrbdCommand => ({
    program: ['drbdsetup', 'invalidate', String(minor), '--reset-bitmap=no'],
    operation: { type: 'InvalidateMarked' },
  }),
} as const;
