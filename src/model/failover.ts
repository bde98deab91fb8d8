import { copiedFrom } from './definition-copy/marks.ts';
import { type Consent, consentFields, consentsOf } from './consent.ts';
import { flagAt, listAt, numberAt, textAt } from './json.ts';
import { apiVersionOf, type KubeObject, resources } from './kube.ts';
import type { SiteName } from './site.ts';
import { backendField, type StorageBackend, storageBackendOf } from './storage-backend.ts';

/** Label of every operation on a group: its name. */
export const groupLabel = 'siterecovery.trilio.io/protection-group';

export type FailoverMode = 'Planned' | 'Unplanned';

export type FailoverPhase =
  | 'Pending'
  | 'Running'
  | 'Succeeded'
  | 'RolledBack'
  | 'Cancelled'
  | 'Failed'
  | 'NeedsAttention';

/** Time limits of an operation in seconds, from the settings of the page. */
export interface FailoverTimeouts {
  readonly failoverSeconds: number;
  readonly vmStartSeconds: number;
  readonly drbdWaitSeconds: number;
  readonly taintRemovalWindowSeconds: number;
}

/** What was asked for: the spec of a Failover object. */
export interface FailoverRequest {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
  readonly source: SiteName;
  readonly target: SiteName;
  readonly mode: FailoverMode;
  /** False: a failure before the first start leaves everything as it is (`--no-rollback`). */
  readonly rollBack: boolean;
  /** True: a person expects the target to get nodes for VMs for which it has no room now (`--without-room`). */
  readonly withoutRoom?: true;
  /** What keeps the group's volumes; LINSTOR where it is absent. */
  readonly storageBackend?: StorageBackend;
  readonly timeouts: FailoverTimeouts;
  /** What a person has accepted; only an unplanned one has any. */
  readonly consents?: readonly Consent[];
  readonly requestedBy: { readonly user: string; readonly host: string; readonly client: string };
}

/** The Failover object of a new operation. It lives on the target, which any failover needs alive. */
export function newFailover(request: FailoverRequest): KubeObject {
  return {
    apiVersion: apiVersionOf(resources.failover),
    kind: resources.failover.kind,
    metadata: {
      name: request.name,
      namespace: request.namespace,
      labels: { [groupLabel]: request.group },
    },
    spec: {
      protectionGroup: request.group,
      sourceCluster: request.source,
      targetCluster: request.target,
      mode: request.mode,
      rollback: request.rollBack,
      ...(request.withoutRoom === undefined ? {} : { withoutRoom: request.withoutRoom }),
      ...(request.storageBackend === undefined ? {} : { storageBackend: request.storageBackend }),
      timeouts: { ...request.timeouts },
      ...(request.consents === undefined ? {} : { consents: consentFields(request.consents) }),
      requestedBy: { ...request.requestedBy },
    },
  };
}

/** Reads the request back from a Failover object; absent limits are the page's defaults. */
export function failoverRequestOf(object: KubeObject): FailoverRequest {
  const text = (...path: string[]): string => textAt(object, 'spec', ...path) ?? '';
  const isUnplanned = text('mode') === 'Unplanned';
  const seconds = (field: string, fallback: number): number => numberAt(object, 'spec', 'timeouts', field) ?? fallback;
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? 'default',
    group: text('protectionGroup'),
    source: text('sourceCluster'),
    target: text('targetCluster'),
    mode: isUnplanned ? 'Unplanned' : 'Planned',
    ...(isUnplanned ? { consents: consentsOf(listAt(object, 'spec', 'consents')) } : {}),
    rollBack: flagAt(object, 'spec', 'rollback') ?? true,
    ...(flagAt(object, 'spec', 'withoutRoom') === true ? { withoutRoom: true } : {}),
    ...backendField(storageBackendOf(textAt(object, 'spec', 'storageBackend'))),
    timeouts: {
      failoverSeconds: seconds('failoverSeconds', 300),
      vmStartSeconds: seconds('vmStartSeconds', 120),
      drbdWaitSeconds: seconds('drbdWaitSeconds', 30),
      taintRemovalWindowSeconds: seconds('taintRemovalWindowSeconds', 30),
    },
    requestedBy: {
      user: text('requestedBy', 'user'),
      host: text('requestedBy', 'host'),
      client: text('requestedBy', 'client'),
    },
  };
}

/** True while nobody has brought the operation to an end. The copy of one tells of an end only. */
export function isUnfinished(object: KubeObject): boolean {
  if (copiedFrom(object) !== undefined) return false;
  const phase = textAt(object, 'status', 'phase');
  return phase === undefined || phase === 'Pending' || phase === 'Running';
}

/** True when a person asked to give the operation up. */
export function cancelIsRequested(object: KubeObject): boolean {
  return flagAt(object, 'spec', 'cancel') === true;
}

/** The group's operations that nobody has ended, oldest first. */
export function unfinishedOperations(operations: readonly KubeObject[], group: string): readonly KubeObject[] {
  return operations
    .filter((operation) => isUnfinished(operation) && textAt(operation, 'spec', 'protectionGroup') === group)
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
}
