import type { Instant } from '../../../model/instant.ts';
import { type Json, at, listAt, numberAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { ageOf } from './age.ts';
import type { Printer } from './printer.ts';

const none = '<none>';

/** Pods, with the status that people know (`printPod` of `pkg/printers/internalversion/printers.go`). */
export const podPrinter: Printer = {
  cells: (pod, now) => {
    const statuses = listAt(pod, 'status', 'containerStatuses');
    const ready = statuses.filter(
      (status) => at(status, 'ready') === true && at(status, 'state', 'running') !== undefined,
    );
    return [
      pod.metadata.name,
      `${ready.length}/${listAt(pod, 'spec', 'containers').length}`,
      podStatus(pod),
      restarts(statuses, now),
      ageOf(pod.metadata.creationTimestamp, now),
      textAt(listAt(pod, 'status', 'podIPs')[0], 'ip') ?? textAt(pod, 'status', 'podIP') ?? none,
      textAt(pod, 'spec', 'nodeName') ?? none,
      textAt(pod, 'status', 'nominatedNodeName') ?? none,
      readinessGates(pod),
    ];
  },
  conditions: (pod) => finished[textAt(pod, 'status', 'phase') ?? ''] ?? [],
};

const finished: Readonly<Record<string, readonly Json[]>> = {
  Succeeded: [
    { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
  ],
  Failed: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
};

function podStatus(pod: KubeObject): string {
  const deleting = pod.metadata.deletionTimestamp !== undefined;
  const phase = textAt(pod, 'status', 'phase') ?? '';
  const reason = textAt(pod, 'status', 'reason');
  if (deleting && reason === 'NodeLost') return 'Unknown';
  if (deleting && phase !== 'Succeeded' && phase !== 'Failed') return 'Terminating';
  return initStatus(pod) ?? containerStatus(pod, gateStatus(pod) ?? reason ?? phase);
}

function gateStatus(pod: KubeObject): string | undefined {
  const scheduled = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === 'PodScheduled');
  return textAt(scheduled, 'reason') === 'SchedulingGated' ? 'SchedulingGated' : undefined;
}

/** `Init:…` while an init container is not done. */
function initStatus(pod: KubeObject): string | undefined {
  const statuses = listAt(pod, 'status', 'initContainerStatuses');
  const restartable = new Set(
    listAt(pod, 'spec', 'initContainers')
      .filter((container) => textAt(container, 'restartPolicy') === 'Always')
      .map((container) => textAt(container, 'name')),
  );
  for (const [index, status] of statuses.entries()) {
    const terminated = at(status, 'state', 'terminated');
    if (terminated !== undefined && numberAt(terminated, 'exitCode') === 0) continue;
    if (restartable.has(textAt(status, 'name')) && at(status, 'started') === true) continue;
    if (terminated !== undefined) return `Init:${terminatedText(terminated)}`;
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (waiting !== undefined && waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${listAt(pod, 'spec', 'initContainers').length}`;
  }
  return undefined;
}

function containerStatus(pod: KubeObject, otherwise: string): string {
  let text = otherwise;
  let hasRunning = false;
  for (const status of listAt(pod, 'status', 'containerStatuses').toReversed()) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = at(status, 'state', 'terminated');
    if (waiting !== undefined && waiting !== '') text = waiting;
    else if (terminated !== undefined) text = terminatedText(terminated);
    else if (at(status, 'ready') === true && at(status, 'state', 'running') !== undefined) hasRunning = true;
  }
  if (text !== 'Completed' || !hasRunning) return text;
  const ready = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return textAt(ready, 'status') === 'True' ? 'Running' : 'NotReady';
}

function terminatedText(terminated: Json): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== undefined && reason !== '') return reason;
  const signal = numberAt(terminated, 'signal') ?? 0;
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}`;
}

/** `3 (5m ago)`: how often, and when last. */
function restarts(statuses: readonly Json[], now: Instant): string {
  const count = statuses.reduce<number>((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0);
  const last = statuses
    .map((status) => textAt(status, 'lastState', 'terminated', 'finishedAt') ?? '')
    .reduce((latest, each) => (each > latest ? each : latest), '');
  return count === 0 || last === '' ? String(count) : `${count} (${ageOf(last, now)} ago)`;
}

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return none;
  const conditions = listAt(pod, 'status', 'conditions');
  const met = gates.filter((gate) =>
    conditions.some(
      (each) => textAt(each, 'type') === textAt(gate, 'conditionType') && textAt(each, 'status') === 'True',
    ),
  );
  return `${met.length}/${gates.length}`;
}
