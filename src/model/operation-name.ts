import { digestOf } from './digest.ts';
import { type Instant, second } from './instant.ts';

/** How many characters an operation's name has behind that of its group: with 52 of that and a hyphen it is a DNS label. */
const suffixLength = 10;

/** Who orders: a run of a program on a host, by one person. */
export interface OrderingRun {
  readonly user: string;
  readonly host: string;
  readonly run: string;
}

/**
 * The name of a new operation: its group, the second in which it was ordered in base 36, and a digest of who orders. Two who
 * order within one second get two names, so that the Lease decides between them, and whoever finds an object of this name knows
 * it for their own. A recovery's begins with `r`, so that it is that of no failover.
 */
export function operationName(group: string, kind: 'failover' | 'recovery', now: Instant, who: OrderingRun): string {
  const time = `${kind === 'recovery' ? 'r' : ''}${Math.floor(now / second).toString(36)}`;
  return `${group}-${time}${digestOf([who.user, who.host, who.run]).slice(0, suffixLength - time.length)}`;
}
