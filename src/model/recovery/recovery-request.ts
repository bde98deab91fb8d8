import { type Consent, consentFields, consentsOfKinds } from '../consent.ts';
import { groupLabel } from '../failover.ts';
import { flagAt, listAt, textAt } from '../json.ts';
import { apiVersionOf, type KubeObject, resources } from '../kube.ts';
import type { SiteName } from '../site.ts';

/**
 * What a person can accept in a recovery.
 * - `DiscardCopy`: what a copy was given since it parted from the survivor is lost.
 * - `DemoteByForce`: whoever has a volume open gets I/O errors.
 * - `ReplaceBlocks`: where a comparison finds a difference the blocks of one cluster are replaced.
 */
export const recoveryConsentKinds = ['DiscardCopy', 'DemoteByForce', 'ReplaceBlocks'] as const;
export type RecoveryConsentKind = (typeof recoveryConsentKinds)[number];
export type RecoveryConsent = Consent<RecoveryConsentKind>;

export type RecoveryPhase = 'Pending' | 'Running' | 'Succeeded' | 'Cancelled' | 'Failed' | 'NeedsAttention';

/** What was asked for: the spec of a Recovery object. */
export interface RecoveryRequest {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
  /** `Resolve` brings copies together again and compares them; `Verify` only compares. */
  readonly action: 'Resolve' | 'Verify';
  /** The cluster that keeps the object, and the other one of the group. */
  readonly driver: SiteName;
  readonly other: SiteName;
  /** Resolve: the cluster whose copies are kept. */
  readonly survivor?: SiteName;
  /** Verify: the cluster whose blocks are replaced where copies differ. */
  readonly repair?: SiteName;
  /** Resolve: whether the storage keeps a snapshot of what is given up. */
  readonly snapshot: boolean;
  readonly consents: readonly RecoveryConsent[];
  readonly requestedBy: { readonly user: string; readonly host: string; readonly client: string };
}

/** The Recovery object of a new operation. */
export function newRecovery(request: RecoveryRequest): KubeObject {
  const { name, namespace, group, action, driver, other, survivor, repair, snapshot, consents, requestedBy } = request;
  return {
    apiVersion: apiVersionOf(resources.recovery),
    kind: resources.recovery.kind,
    metadata: { name, namespace, labels: { [groupLabel]: group } },
    spec: {
      protectionGroup: group,
      action,
      driverCluster: driver,
      otherCluster: other,
      ...(survivor === undefined ? {} : { survivorCluster: survivor }),
      ...(repair === undefined ? {} : { repair }),
      snapshot,
      ...(consents.length === 0 ? {} : { consents: consentFields(consents) }),
      requestedBy: { ...requestedBy },
    },
  };
}

/** Reads the request back from a Recovery object. */
export function recoveryRequestOf(object: KubeObject): RecoveryRequest {
  const text = (...path: string[]): string => textAt(object, 'spec', ...path) ?? '';
  const isResolve = text('action') === 'Resolve';
  const repair = textAt(object, 'spec', 'repair');
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? 'default',
    group: text('protectionGroup'),
    action: isResolve ? 'Resolve' : 'Verify',
    driver: text('driverCluster'),
    other: text('otherCluster'),
    ...(isResolve ? { survivor: text('survivorCluster') } : {}),
    ...(!isResolve && repair !== undefined ? { repair } : {}),
    snapshot: flagAt(object, 'spec', 'snapshot') ?? true,
    consents: consentsOfKinds(listAt(object, 'spec', 'consents'), recoveryConsentKinds),
    requestedBy: {
      user: text('requestedBy', 'user'),
      host: text('requestedBy', 'host'),
      client: text('requestedBy', 'client'),
    },
  };
}

/** True for a recovery that compares copies and changes none, such as one that was due by its schedule. */
export function isComparison({ kind, spec }: KubeObject): boolean {
  return kind === resources.recovery.kind && spec?.action === 'Verify' && spec.repair === undefined;
}

/** The cluster whose blocks may be replaced by those of the other one. */
export function replacedSite({ action, driver, other, survivor, repair }: RecoveryRequest): SiteName | undefined {
  if (action === 'Verify') return repair;
  return survivor === driver ? other : driver;
}
