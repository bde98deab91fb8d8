import { type Instant, timestamp } from '../instant.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf, type KubeObject, resources } from '../kube.ts';
import type { SiteName } from '../site.ts';
import { type Comparison, comparisonStatus } from './comparison.ts';

/** Who compared what, and when. */
export interface VerifyOrder {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
  /** The cluster that keeps the record, and the other one of the group. */
  readonly driver: SiteName;
  readonly other: SiteName;
  /** Where blocks were to be replaced, and what was accepted for it. */
  readonly repair?: { readonly site: SiteName; readonly statement: string; readonly givenAt: Instant };
  readonly requestedBy: { readonly user: string; readonly host: string; readonly client: string };
}

/** The Recovery object of a comparison of all copies of a group. */
export function newVerify({ name, namespace, group, driver, other, repair, requestedBy }: VerifyOrder): KubeObject {
  return {
    apiVersion: apiVersionOf(resources.recovery),
    kind: resources.recovery.kind,
    metadata: { name, namespace, labels: { 'siterecovery.trilio.io/protection-group': group } },
    spec: {
      protectionGroup: group,
      action: 'Verify',
      driverCluster: driver,
      otherCluster: other,
      ...(repair === undefined ? {} : repairFields(repair, requestedBy.user)),
      requestedBy: { ...requestedBy },
    },
  };
}

function repairFields({ site, statement, givenAt }: NonNullable<VerifyOrder['repair']>, givenBy: string): JsonObject {
  return { repair: site, consents: [{ kind: 'ReplaceBlocks', statement, givenBy, givenAt: timestamp(givenAt) }] };
}

/** The verdict: it succeeds only when every two copies were compared to the end, and none differs any more. */
export function verifyStatus(
  group: string,
  comparisons: readonly Comparison[],
  startedAt: Instant,
  now: Instant,
): JsonObject {
  const different = comparisons.filter(({ result }) => result === 'Different');
  const isEqual =
    comparisons.length > 0 && comparisons.every(({ result }) => result === 'Equal' || result === 'Repaired');
  const verdict = isEqual
    ? { phase: 'Succeeded', reason: 'Equal' }
    : different.length > 0
      ? {
          phase: 'NeedsAttention',
          reason: 'Different',
          message: `copies differ: ${different.map(({ resource }) => resource).join(', ')}`,
          nextCommand: `pgctl recover ${group}`,
        }
      : {
          phase: 'Failed',
          reason: 'NotCompared',
          message: 'not every copy could be compared to the end',
          nextCommand: `pgctl verify protectiongroup ${group}`,
        };
  return {
    ...verdict,
    startTime: timestamp(startedAt),
    completionTime: timestamp(now),
    volumes: comparisons.map(comparisonStatus),
  };
}
