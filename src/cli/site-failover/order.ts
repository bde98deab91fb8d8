import { allNamespaces } from '../../model/read-plan.ts';
import type { FailoverOrder } from '../failover-run.ts';
import type { GivenWaves } from './given-waves.ts';

/** What a failover, or a failback, of several groups was asked to do. */
export interface SiteFailoverOrder
  extends Pick<
    FailoverOrder,
    | 'settings'
    | 'namespace'
    | 'target'
    | 'dryRun'
    | 'yes'
    | 'rollBack'
    | 'withoutRoom'
    | 'timeoutSeconds'
    | 'consentFile'
    | 'output'
  > {
  /** Label selector, as Kubernetes has it; absent: every group of the namespace, or of all namespaces. */
  readonly selector: string | undefined;
  /** Which groups go when; absent: their annotations say. */
  readonly waves: GivenWaves | undefined;
  /** How many groups of a wave are on their way at the same time. */
  readonly parallel: number;
  /** Begin a wave although not every group of the earlier ones has arrived. */
  readonly continueOnFailure: boolean;
}

/** The namespace of an order for programs; none where all are meant, for each group has its own. */
export function placeField({ namespace }: Pick<SiteFailoverOrder, 'namespace'>): { readonly namespace?: string } {
  return namespace === allNamespaces ? {} : { namespace };
}
