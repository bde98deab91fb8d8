import { second, timestamp } from '../../../../model/instant.ts';
import { at, listAt, numberAt, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { isFinal, runStrategyOf } from './virtual-machine.ts';

const longestDelaySeconds = 300;

/**
 * `status.startFailure`: counts VMIs that ended before they ever ran; a running one ends the count, and so does a strategy
 * that starts nothing again. The n-th start after failures waits 10 s times n squared and up to half as much again,
 * 300 s at most (`syncStartFailureStatus` and `calculateStartBackoffTime` in `pkg/virt-controller/watch/vm/vm.go`).
 */
export function startFailureOf(port: ClusterPort, vm: KubeObject, vmi: KubeObject | undefined): JsonObject | undefined {
  const present = at(vm, 'status', 'startFailure') === undefined ? undefined : objectAt(vm, 'status', 'startFailure');
  if (!isRestarting(vm)) return undefined;
  if (vmi === undefined) return present;
  if (hasRun(vmi)) return undefined;
  if (!isFinal(vmi) || textAt(present, 'lastFailedVMIUID') === vmi.metadata.uid) return present;
  const count = (numberAt(present, 'consecutiveFailCount') ?? 0) + 1;
  const base = 10 * count * count;
  const jitter = count === 1 ? 0 : port.random.integer(0, base / 2);
  const delay = Math.min(base + jitter, longestDelaySeconds) * second;
  return {
    consecutiveFailCount: count,
    lastFailedVMIUID: vmi.metadata.uid,
    retryAfterTimestamp: timestamp(port.wallNow + delay),
  };
}

/** True for a VM that is started again after a failure. */
export function isRestarting(vm: KubeObject): boolean {
  const strategy = runStrategyOf(vm);
  return strategy === 'Always' || strategy === 'RerunOnFailure' || strategy === 'Once';
}

function hasRun(vmi: KubeObject): boolean {
  return listAt(vmi, 'status', 'phaseTransitionTimestamps').some((entry) => textAt(entry, 'phase') === 'Running');
}
