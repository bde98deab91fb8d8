import { textAt } from './json.ts';
import { type KubeObject, resources } from './kube.ts';
import type { SiteName } from './site.ts';

/** The last time that a group was seen to go to another cluster. */
export interface DrillRecord {
  /** The operation that proved it. */
  readonly name: string;
  readonly target: SiteName;
  /** When it had succeeded, RFC 3339. */
  readonly endedAt: string;
}

/**
 * The last drill among operations; undefined when there is none. A drill is a planned failover, or failback, that succeeded:
 * every VM was stopped on one cluster and ran on the other. An unplanned one proves less, for nothing had to be let go of, and one
 * that was turned back proves nothing of the other cluster.
 */
export function lastDrillIn(operations: readonly KubeObject[]): DrillRecord | undefined {
  let last: DrillRecord | undefined;
  for (const operation of operations) {
    const endedAt = textAt(operation, 'status', 'completionTime');
    if (endedAt === undefined || !isDrill(operation) || endedAt <= (last?.endedAt ?? '')) continue;
    last = { name: operation.metadata.name, target: textAt(operation, 'spec', 'targetCluster') ?? '', endedAt };
  }
  return last;
}

function isDrill(operation: KubeObject): boolean {
  return (
    operation.kind === resources.failover.kind &&
    textAt(operation, 'spec', 'mode') !== 'Unplanned' &&
    textAt(operation, 'status', 'phase') === 'Succeeded'
  );
}
