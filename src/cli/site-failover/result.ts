import type { OperationView } from '../../model/projection.ts';
import type { CommandError } from '../command-error.ts';
import { type ExitName, exitOfVerdict } from '../exit-codes.ts';
import { operationDocument } from '../operation-document.ts';
import type { OperationEnd } from '../operation-run.ts';
import type { Turn } from './plan.ts';

/** Exits of a failover that has not brought its group to the target, from the gravest on: what a person has to see first. */
const gravity = [
  'needsAttention',
  'error',
  'timedOut',
  'rolledBack',
  'cancelled',
  'held',
  'notReady',
] as const satisfies readonly ExitName[];

/**
 * What became of one group: it is there, its turn did not come, Ctrl-C left it to the controllers, or the exit that a failover of
 * this group alone would have had.
 */
export type ResultKind = 'moved' | 'alreadyThere' | 'notBegun' | 'left' | (typeof gravity)[number];

export interface GroupResult extends Pick<Turn, 'namespace' | 'group' | 'wave'> {
  readonly result: ResultKind;
  /** Why it did not arrive, and what to do. */
  readonly reason?: string;
  readonly remedy?: string;
  /** Absent where no operation of this call moved it. */
  readonly operation?: OperationView;
}

/** True when all VMs of the group run on the target. */
export function hasArrived({ result }: GroupResult): boolean {
  return result === 'moved' || result === 'alreadyThere';
}

/** The result of a group that is not moved, where there is one before anything begins: it is there already, or cannot go. */
export function settledResult(turn: Turn): GroupResult | undefined {
  const { standing } = turn;
  if (standing.kind === 'alreadyThere') return { ...placeOf(turn), result: 'alreadyThere' };
  return standing.kind === 'cannot' ? failedResult(turn, standing.error) : undefined;
}

/** The result of a group whose turn does not come. */
export function didNotBegin(turn: Turn, why: string): GroupResult {
  return settledResult(turn) ?? { ...placeOf(turn), result: 'notBegun', reason: why };
}

/** The result of a group that a command error kept back. */
export function failedResult(turn: Turn, { message, reason, remedy, exit }: CommandError): GroupResult {
  // Of what is not ready the message says no more than that.
  const why = [
    ...(exit === 'notReady' && reason !== undefined ? [] : [message]),
    ...(reason === undefined ? [] : [reason]),
  ];
  return {
    ...placeOf(turn),
    result: troubleOf(exit),
    reason: why.join(': '),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** The result of a group whose operation has ended, or was left. */
export function endedResult(turn: Turn, target: string, end: OperationEnd): GroupResult {
  const place = placeOf(turn);
  if (end.how === 'left') {
    const reason = `operation ${end.operation.name} goes on without pgctl: the Failover Controller finishes it`;
    return { ...place, result: 'left', reason, remedy: `Follow it: pgctl failover ${place.group} --to ${target}` };
  }
  const { view } = end;
  const exit = view.verdict === undefined ? 'error' : exitOfVerdict(view.verdict);
  const told = view.verdict === undefined || view.verdict.kind === 'succeeded' ? {} : view.verdict;
  const { reason, remedy } = told as { readonly reason?: string; readonly remedy?: string };
  return {
    ...place,
    result: exit === 'ok' ? 'moved' : troubleOf(exit),
    ...(reason === undefined ? {} : { reason }),
    ...(remedy === undefined ? {} : { remedy }),
    operation: view,
  };
}

function placeOf({ namespace, group, wave }: Turn): Pick<GroupResult, 'namespace' | 'group' | 'wave'> {
  return { namespace, group, wave };
}

function troubleOf(exit: ExitName): (typeof gravity)[number] {
  return gravity.find((name) => name === exit) ?? 'error';
}

/** The exit of the whole: the gravest of its groups. */
export function exitOfAll(results: readonly GroupResult[]): ExitName {
  const exits = new Set(results.map(exitOfResult));
  return gravity.find((exit) => exits.has(exit)) ?? 'ok';
}

function exitOfResult({ result }: GroupResult): ExitName {
  if (result === 'moved' || result === 'alreadyThere') return 'ok';
  if (result === 'left') return 'timedOut';
  return result === 'notBegun' ? 'notReady' : result;
}

/** A result as programs read it. */
export function resultDocument({ group, operation, ...rest }: GroupResult): unknown {
  return {
    protectionGroup: group,
    ...rest,
    ...(operation === undefined ? {} : { operation: operationDocument(operation) }),
  };
}
