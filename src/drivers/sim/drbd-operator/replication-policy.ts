import { type Json, listAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { defaultOptions, type DrbdOptions, optionsFromText } from '../drbd/options.ts';

/** A DRBDReplicationPolicy, as its schema has it. */
export interface ReplicationPolicy {
  /** The clusters that hold one copy each. */
  readonly clusters: readonly string[];
  /** The cluster in which a node without a copy votes. */
  readonly tiebreaker: string | undefined;
  readonly options: DrbdOptions;
}

export function replicationPolicyOf(policy: KubeObject): ReplicationPolicy {
  const clusters = listAt(policy, 'spec', 'clusters').filter((name: Json) => typeof name === 'string');
  const tiebreaker = textAt(policy, 'spec', 'tiebreaker');
  const votes = clusters.length + (tiebreaker === undefined ? 0 : 1);
  return {
    clusters,
    tiebreaker,
    options: optionsFromText(
      {
        protocol: textAt(policy, 'spec', 'protocol') ?? 'C',
        quorum: textAt(policy, 'spec', 'quorum') ?? (votes >= 3 ? 'majority' : 'off'),
        'on-no-quorum': textAt(policy, 'spec', 'onNoQuorum') ?? 'suspend-io',
        ...operatorOptions,
      },
      defaultOptions,
    ),
  };
}

/** What the operator sets on every volume: a copy that has no data to go by waits, and one that was overtaken lets go. */
const operatorOptions: Readonly<Record<string, string>> = {
  'rr-conflict': 'retry-connect',
  'on-no-data-accessible': 'suspend-io',
  'on-suspended-primary-outdated': 'force-secondary',
};
