import type { Known } from '../../model/known.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { LeaseReadings } from './leases.ts';

/** What every operation sees of itself, whatever else it looks at. */
export interface OperationSight {
  readonly leases: LeaseReadings;
  /** The operation's own object, which is its journal; undefined when it was deleted. */
  readonly operation: Known<KubeObject | undefined>;
  readonly cancelRequested: boolean;
}
