import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { conditionOf } from '../model/condition-of.ts';
import { lastDrillIn } from '../model/drill-record.ts';
import { instantOf, type Instant, type Millis, second } from '../model/instant.ts';
import { listAt, textAt } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import { isRecovery } from '../model/operation-sites.ts';

/** What is looked at when somebody asks for the metrics. */
export interface MetricSources {
  readonly isLeader: () => boolean;
  readonly queueDepth: () => number;
  /** The groups that the controller reconciles. */
  readonly groups: () => readonly KubeObject[];
  /** The operations that it knows. */
  readonly operations: () => readonly KubeObject[];
}

/** Seconds, from a pass that finds nothing to do up to one that waits for silent sites. */
const passBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds, from a step that had nothing to wait for up to the longest time-outs. */
const stepBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1800];

/** The metrics of one controller's process, in the form that Prometheus reads. */
export class ControllerMetrics {
  readonly #registry = new Registry();
  readonly #passes = this.#histogram('reconcile_seconds', 'Duration of passes over an object', ['result'], passBuckets);
  readonly #calls = this.#counter('api_requests_total', 'Calls to Kubernetes APIs and LINSTOR, by what was answered', [
    'site',
    'verb',
    'code',
  ]);
  readonly #steps = this.#histogram(
    'operation_step_seconds',
    'Duration of the steps of operations; step "acquireLease" is the wait for the lock on the group',
    ['operation', 'step'],
    stepBuckets,
  );
  readonly #heartbeat = this.#gauge(
    'heartbeat_heard_timestamp_seconds',
    'When the quorum cluster took a heartbeat of a cluster last; 0: not yet',
    ['cluster'],
  );

  /** Adds what is looked at each time that somebody asks, among it the process's own processor time and memory. */
  observe({ isLeader, queueDepth, groups, operations }: MetricSources): void {
    collectDefaultMetrics({ register: this.#registry });
    this.#watched('leader', 'Whether this process works for its cluster', [], (gauge) => gauge.set(Number(isLeader())));
    this.#watched('queue_depth', 'Objects that are due and wait for their turn', [], (gauge) =>
      gauge.set(queueDepth()),
    );
    // Of the leader alone: two processes that follow one cluster would tell everything twice.
    const led = (objects: () => readonly KubeObject[]): readonly KubeObject[] => (isLeader() ? objects() : []);
    for (const [name, help, type] of groupConditions)
      this.#watched(name, help, ['namespace', 'group'], (gauge) => {
        for (const group of led(groups)) setCondition(gauge, group, type);
      });
    const since = 'Since when the condition Ready is what it is';
    this.#watched('group_ready_since_timestamp_seconds', since, ['namespace', 'group'], (gauge) => {
      for (const group of led(groups)) setTime(gauge, labelsOf(group), transitionTimeOf(group, 'Ready'));
    });
    const last = 'When the last operation of its kind on a group ended, and with what phase';
    this.#watched('last_operation_timestamp_seconds', last, ['namespace', 'group', 'operation', 'phase'], (gauge) => {
      for (const operation of lastOperations(led(operations)))
        setTime(gauge, operationLabels(operation), textAt(operation, 'status', 'completionTime'));
    });
    const drill = 'When the last planned failover or failback of a group that succeeded had ended';
    this.#watched('last_drill_timestamp_seconds', drill, ['namespace', 'group'], (gauge) => {
      for (const ofGroup of byGroup(led(operations)))
        setTime(gauge, groupLabelsOf(ofGroup[0]), lastDrillIn(ofGroup)?.endedAt);
    });
  }

  noteReconcile(result: 'done' | 'failed', duration: Millis): void {
    this.#passes.observe({ result }, duration / second);
  }

  /** `code`: the HTTP status, or why there was none. */
  noteCall(site: string, verb: string, code: string): void {
    this.#calls.inc({ site, verb, code });
  }

  noteStep(operation: string, step: string, duration: Millis): void {
    this.#steps.observe({ operation, step }, duration / second);
  }

  /** Only where there is a quorum cluster to be told: elsewhere nobody is to miss heartbeats. */
  expectHeartbeats(cluster: string): void {
    this.#heartbeat.set({ cluster }, 0);
  }

  noteHeartbeat(cluster: string, at: Instant): void {
    this.#heartbeat.set({ cluster }, at / second);
  }

  /** The page for Prometheus, and its media type. */
  async page(): Promise<{ readonly text: string; readonly type: string }> {
    return { text: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) {
    return new Histogram({ name: prefix + name, help, labelNames, buckets, registers: [this.#registry] });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]) {
    return new Counter({ name: prefix + name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]) {
    return new Gauge({ name: prefix + name, help, labelNames, registers: [this.#registry] });
  }

  /** A gauge that is set anew each time: what is gone is not told of any more. */
  #watched<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    look: (gauge: Gauge<Label>) => void,
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      name: prefix + name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        look(gauge);
      },
    });
  }
}

const prefix = 'site_recovery_';

const groupConditions = [
  ['group_ready', 'Whether a planned failover of the group would start now (condition Ready)', 'Ready'],
  ['group_replicated', 'Whether every volume is in sync on both sites (condition Replicated)', 'Replicated'],
  ['group_split_brain', 'Whether copies have parted (condition SplitBrain)', 'SplitBrain'],
  ['group_superseded', 'Whether a newer order has given the group away (condition Superseded)', 'Superseded'],
  ['group_verified', 'Whether nothing is in doubt about the copies (condition Verified)', 'Verified'],
] as const;

type GroupLabel = 'namespace' | 'group';

/** 1 or 0; a condition that is Unknown, or not there, is not told of. */
function setCondition(gauge: Gauge<GroupLabel>, group: KubeObject, type: string): void {
  const status = conditionOf(group, type)?.status;
  if (status === 'True' || status === 'False') gauge.set(labelsOf(group), Number(status === 'True'));
}

function setTime<Label extends string>(
  gauge: Gauge<Label>,
  labels: Readonly<Record<Label, string>>,
  time: string | undefined,
): void {
  const at = instantOf(time);
  if (at !== undefined) gauge.set(labels, at / second);
}

function transitionTimeOf(group: KubeObject, type: string): string | undefined {
  const conditions = listAt(group, 'status', 'conditions');
  return textAt(
    conditions.find((condition) => textAt(condition, 'type') === type),
    'lastTransitionTime',
  );
}

function labelsOf({ metadata }: KubeObject): Readonly<Record<GroupLabel, string>> {
  return { namespace: metadata.namespace ?? '', group: metadata.name };
}

/** The labels of the group that an operation is about. */
function groupLabelsOf(operation: KubeObject): Readonly<Record<GroupLabel, string>> {
  return { namespace: operation.metadata.namespace ?? '', group: textAt(operation, 'spec', 'protectionGroup') ?? '' };
}

function byGroup(operations: readonly KubeObject[]): readonly [KubeObject, ...KubeObject[]][] {
  const groups = new Map<string, [KubeObject, ...KubeObject[]]>();
  for (const operation of operations) {
    const { namespace, group } = groupLabelsOf(operation);
    const key = `${namespace}/${group}`;
    groups.set(key, [operation, ...(groups.get(key) ?? [])]);
  }
  return [...groups.values()];
}

function operationLabels(operation: KubeObject) {
  const kind = isRecovery(operation) ? 'recovery' : 'failover';
  return { ...groupLabelsOf(operation), operation: kind, phase: textAt(operation, 'status', 'phase') ?? '' };
}

/** The operation of each kind on each group that has ended last. */
function lastOperations(operations: readonly KubeObject[]): Iterable<KubeObject> {
  const last = new Map<string, KubeObject>();
  const endOf = (operation: KubeObject | undefined): string => textAt(operation, 'status', 'completionTime') ?? '';
  for (const operation of operations) {
    const { namespace, group, operation: kind } = operationLabels(operation);
    const key = `${namespace}/${group}/${kind}`;
    if (endOf(operation) > endOf(last.get(key))) last.set(key, operation);
  }
  return last.values();
}
