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
