import { instantOf } from './instant.ts';
import { objectAt, textAt, type JsonObject } from './json.ts';
import type { KubeObject } from './kube.ts';
import type { ProtectionGroup } from './protection-group.ts';

/** When an operation was taken up, or else ordered; 0 when it does not tell. A copy is younger than what it tells of. */
export function orderedAt(operation: KubeObject): number {
  const started = instantOf(textAt(operation, 'status', 'startTime'));
  return started ?? instantOf(operation.metadata.creationTimestamp) ?? 0;
}

/**
 * `status.lastOperation` of a group: the newest of the failovers that its site knows of, its own and copies of others'. It goes
 * into a merge patch, so what is over is null; undefined when there is none.
 */
export function lastOperationField(group: ProtectionGroup, failovers: readonly KubeObject[]): JsonObject | undefined {
  const newest = failovers.toSorted((a, b) => orderedAt(b) - orderedAt(a))[0];
  if (newest === undefined) return undefined;
  const optional = Object.entries({
    sourceCluster: textAt(newest, 'spec', 'sourceCluster'),
    targetCluster: textAt(newest, 'spec', 'targetCluster'),
    startTime: textAt(newest, 'status', 'startTime'),
    completionTime: textAt(newest, 'status', 'completionTime'),
  });
  const shown = objectAt(group.object, 'status', 'lastOperation');
  return {
    name: newest.metadata.name,
    phase: textAt(newest, 'status', 'phase') ?? 'Pending',
    ...Object.fromEntries(
      optional.flatMap(([name, value]) => ((value ?? shown[name]) === undefined ? [] : [[name, value ?? null]])),
    ),
  };
}
