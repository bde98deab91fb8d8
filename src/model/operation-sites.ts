import { textAt } from './json.ts';
import { type KubeObject, resources } from './kube.ts';
import type { SiteName } from './site.ts';

/** The site that keeps an operation's object, which is its journal, and the other site of the group. */
export function operationSites(operation: KubeObject): { readonly home: SiteName; readonly peer: SiteName } {
  const [home, peer] = isRecovery(operation) ? ['driverCluster', 'otherCluster'] : ['targetCluster', 'sourceCluster'];
  return { home: textAt(operation, 'spec', home ?? '') ?? '', peer: textAt(operation, 'spec', peer ?? '') ?? '' };
}

/** True for a recovery or a comparison, false for a failover. */
export function isRecovery({ kind }: KubeObject): boolean {
  return kind === resources.recovery.kind;
}
