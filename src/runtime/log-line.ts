import type { Effect } from '../machines/definition.ts';
import { type Instant, timestamp } from '../model/instant.ts';
import type { Outcome } from '../model/request.ts';
import type { LogKeys } from './ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a controller's log before it is text: a constant sentence and keys. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly keys: LogKeys;
}

/** A line as `kubectl logs` shows it: JSON, without a line break. */
export function logText(at: Instant, { level, message, keys }: LogLine): string {
  return JSON.stringify({ time: timestamp(at), level, msg: message, ...keys });
}

/** Where a group's machine runs. */
export interface GroupPlace {
  readonly cluster: string;
  readonly namespace: string;
  readonly group: string;
}

/** What became of one order of a group's machine to one of its VMs; undefined for what is no such order. */
export function reconcileLine(
  { cluster, namespace, group }: GroupPlace,
  effect: Effect,
  outcome: Outcome,
): LogLine | undefined {
  const { request } = effect;
  if (request.api !== 'kube' || effect.name === 'reportStatus') return undefined;
  return {
    level: outcome.kind === 'applied' ? 'info' : 'warn',
    message: 'reconcile_vm_state',
    keys: {
      cluster,
      protectionGroup: `${namespace}/${group}`,
      virtualMachine: request.name ?? '',
      order: effect.name,
      outcome: outcome.kind,
      ...(outcome.kind === 'applied' ? {} : { message: outcome.message }),
    },
  };
}
