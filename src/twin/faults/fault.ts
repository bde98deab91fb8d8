import type { Millis } from '../../model/instant.ts';
import type { Origin } from '../../drivers/sim/network.ts';
import type { Twin } from '../twin.ts';

/** A fault as a person orders it; which fields count depends on the kind. */
export interface FaultOrder {
  readonly kind: string;
  readonly site?: string;
  readonly peer?: string;
  readonly node?: string;
  readonly vm?: string;
  readonly namespace?: string;
  readonly plane?: string;
  readonly how?: string;
  /** A part of a cluster that is not ours, as `virt-controller`. */
  readonly component?: string;
  /** As in a path: `leases`. */
  readonly resource?: string;
  /** How much: the unit is the kind's. */
  readonly by?: number;
}

/** A fault whose order has been understood, ready to be done and undone. */
export interface PreparedFault {
  /** One line for people: `the API of cluster1 does not answer`. */
  readonly says: string;
  /** What it breaks; when a fault that breaks the same is healed, this one is done again. */
  readonly breaks: readonly string[];
  act(): void;
  heal(): void;
}

/** One kind of fault. `prepare` changes nothing, and throws a FaultError for an order that cannot be carried out. */
export interface FaultKind {
  readonly kind: string;
  readonly about: string;
  /** Options that it reads, as the command line has them: `--site CLUSTER`. */
  readonly options: readonly string[];
  prepare(twin: Twin, order: FaultOrder): PreparedFault;
}

/** The order cannot be carried out; the message says why and what is possible. */
export class FaultError extends Error {}

/** The site of an order, which must exist; `otherwise` when the order names none. */
export function siteOf(twin: Twin, name: string | undefined, otherwise?: string): string {
  const names = twin.sites.map((site) => site.name);
  const site = name ?? otherwise;
  if (site === undefined) throw new FaultError(`--site is missing: one of ${names.join(', ')}`);
  if (!names.includes(site)) throw new FaultError(`There is no site ${site} here: ${names.join(', ')}`);
  return site;
}

/** One of the possible values of an option, the first by default. */
export function choice<Value extends string>(
  option: string,
  given: string | undefined,
  possible: readonly [Value, ...Value[]],
): Value {
  const found = possible.find((value) => value === (given ?? possible[0]));
  if (found === undefined) throw new FaultError(`Expected ${option} to be ${possible.join(' or ')}, got "${given}"`);
  return found;
}

/** The amount of an order, which must be there. */
export function amountOf({ kind, by }: FaultOrder): number {
  if (by === undefined) throw new FaultError(`${kind} needs an amount, \`by\``);
  return by;
}

/** The place of hosts that an order names: a site, or the operator's desk. */
export function placeOf(twin: Twin, name: string | undefined): Origin {
  return name === 'operator' ? name : siteOf(twin, name);
}

/** Does a further step of a fault after a while; it has to look whether the fault is still on. */
export function later({ world }: Twin, delay: Millis, step: () => void): void {
  world.route('fault-step', ({ payload }) => (payload as () => void)());
  world.schedule(delay, 'fault-step', '', step);
}
