import { guardedScript, type DrbdOperationType } from '../model/drbd-command.ts';
import { drbdReportScript } from '../model/drbd-report.ts';
import { at, textAt } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import { type ApiRequest, commandLine, type ExecRequest, type KubeRequest } from '../model/request.ts';
import type { Satellite } from '../model/satellite.ts';

// What DRBD is told by a request, read from the request itself: safety rules look at what is sent, not at what was meant.

/** A request by which DRBD is told something. */
export interface DrbdTold {
  readonly request: ExecRequest | KubeRequest;
  /** Undefined for a command that no machine has. */
  readonly type: DrbdOperationType | 'Snapshot' | undefined;
  /** The node that is told; empty when no satellite is known of that pod. */
  readonly node: string;
  /** Empty where the command names none. */
  readonly resource: string;
  readonly peer: string | undefined;
  /** Whether it is carried out only while role and data are as they were seen. A snapshot changes neither. */
  readonly isGuarded: boolean;
}

/** What DRBD is told by a request; undefined for one that only asks, or is about something else. */
export function drbdToldBy(request: ApiRequest, satellites: readonly Satellite[]): DrbdTold | undefined {
  if (request.api === 'exec') return isReport(request) ? undefined : byProgram(request, satellites);
  const isOrder = request.api === 'kube' && request.resource.plural === resources.drbdOperation.plural;
  return isOrder && request.verb !== 'get' && request.verb !== 'list' ? byOperation(request) : undefined;
}

/** True for a command that only asks. */
export function isReport({ command }: ExecRequest): boolean {
  return command[2] === drbdReportScript;
}

/** True for a command that runs only while role and data of its volume are as they were seen. */
function isGuarded({ command }: ExecRequest): boolean {
  return command[2] === guardedScript;
}

/** What DRBD is told, in one line. */
export function toldLine({ request, type, resource, peer }: DrbdTold): string {
  if (request.api === 'exec') return commandLine(request);
  return `${type ?? 'an unknown operation'} of ${resource}${peer === undefined ? '' : ` towards ${peer}`}`;
}

function byProgram(request: ExecRequest, satellites: readonly Satellite[]): DrbdTold {
  const program = isGuarded(request) ? request.command.slice(8) : request.command;
  const [resource = '', peer] = (program.at(-1) ?? '').split(':');
  return {
    request,
    type: programs.find(({ start }) => start.every((word, index) => program[index] === word))?.type,
    node: satellites.find(({ site, pod }) => site === request.site && pod === request.pod)?.node ?? '',
    resource,
    peer,
    isGuarded: isGuarded(request),
  };
}

/** How each command begins, as drbdsetup(8) and drbdadm(8) have it; the longer ones first. */
const programs: readonly { readonly start: readonly string[]; readonly type: DrbdOperationType }[] = [
  { start: ['drbdsetup', 'primary', '--force'], type: 'ForcePrimary' },
  { start: ['drbdsetup', 'secondary', '--force'], type: 'DemoteByForce' },
  { start: ['drbdsetup', 'secondary'], type: 'Demote' },
  { start: ['drbdadm', 'connect', '--discard-my-data'], type: 'ConnectDiscarding' },
  { start: ['drbdadm', 'connect'], type: 'Connect' },
  { start: ['drbdadm', 'disconnect'], type: 'Disconnect' },
  { start: ['drbdsetup', 'verify'], type: 'Verify' },
  { start: ['drbdsetup', 'invalidate'], type: 'InvalidateMarked' },
];

function byOperation(request: KubeRequest): DrbdTold {
  const type = textAt(request.body, 'spec', 'type');
  const known: readonly string[] = [...programs.map((each) => each.type), 'Snapshot'];
  const isKnown = request.verb === 'create' && type !== undefined && known.includes(type);
  return {
    request,
    type: isKnown ? (type as DrbdTold['type']) : undefined,
    node: textAt(request.body, 'spec', 'node') ?? '',
    resource: textAt(request.body, 'spec', 'volume') ?? '',
    peer: textAt(request.body, 'spec', 'peer'),
    isGuarded: type === 'Snapshot' || at(request.body, 'spec', 'precondition') !== undefined,
  };
}
