import { isObject } from '../difference.ts';

/** A recorded life cycle: what was done, and every change of the objects, in order. */
export interface Trace {
  readonly purpose: string;
  readonly steps: readonly TraceStep[];
  readonly timeline: readonly TimelineEntry[];
  readonly objects: readonly ObjectEvent[];
  /** `vm/NAME`: printableStatus, `vmi/NAME`: phase; each with its time. */
  readonly sequences: Readonly<Record<string, readonly (readonly [number, string])[]>>;
}

export interface TraceStep {
  readonly t_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly result: unknown;
}

export interface TimelineEntry {
  readonly kind: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface ObjectEvent {
  readonly t_ms: number;
  readonly type: string;
  readonly kind: string;
  readonly name: string;
  readonly object: Readonly<Record<string, unknown>>;
}

export function traceOf(recording: unknown): Trace {
  if (!isObject(recording)) throw new Error('it is no object');
  for (const field of ['steps', 'timeline', 'objects']) {
    if (!Array.isArray(recording[field])) throw new Error(`it lacks the list \`${field}\``);
  }
  if (!isObject(recording.sequences)) throw new Error('it lacks `sequences`');
  return { purpose: '', ...recording } as unknown as Trace;
}

/** Values that each field took in order, without repetition, by `kind/name field`. */
export type Histories = ReadonlyMap<string, readonly string[]>;

/** printableStatus and phase as the recording sums them up, conditions of VMs and VMIs as `Status:Reason` from its timeline. */
export function recordedHistories(trace: Trace): Histories {
  const found = new Map<string, string[]>();
  for (const [subject, values] of Object.entries(trace.sequences)) {
    found.set(
      subject,
      values.map(([, value]) => value),
    );
  }
  for (const entry of trace.timeline) {
    const prefix = entry.kind === 'VirtualMachine' ? 'vm' : entry.kind === 'VirtualMachineInstance' ? 'vmi' : undefined;
    if (prefix === undefined) continue;
    for (const [field, value] of Object.entries(entry)) {
      if (typeof value !== 'string' || !/^(True|False|Unknown)(:\w*)?$/.test(value)) continue;
      append(found, `${prefix}/${entry.name} ${field}`, value);
    }
  }
  return found;
}

export function append(histories: Map<string, string[]>, key: string, value: string): void {
  const values = histories.get(key);
  if (values === undefined) histories.set(key, [value]);
  else if (values.at(-1) !== value) values.push(value);
}
