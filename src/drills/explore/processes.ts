import { orders } from './scenery.ts';
import { sites } from './cells.ts';

/** A process that may drive an operation. */
export interface DriverProcess {
  /** Also its identity in Leases and journals. */
  readonly name: string;
  /** Number of the operation that it drives. */
  readonly operation: number;
  /** The site in which it runs; undefined: at a person's desk. */
  readonly home: number | undefined;
  /** Takes over what others have left, and waits for that as long as it takes. */
  readonly patient: boolean;
}

/** The processes by their numbers: of each operation the pgctl that was called for it, and the target's Failover Controller. */
export const processes: readonly DriverProcess[] = orders.flatMap(({ name, target }, operation) => [
  { name: `pgctl/${name}`, operation, home: undefined, patient: false },
  { name: `failover-controller/${target}`, operation, home: sites.indexOf(target), patient: true },
]);

/** Number of the process of an operation that is called by a person, and of the one that takes over. */
export function callerOf(operation: number): number {
  return 2 * operation;
}
