import type { Instant } from '../../model/instant.ts';
import { type LeaseSighting, lapseOf } from '../../model/lease.ts';
import type { Deadline } from '../definition.ts';
import type { OperationContext } from './context.ts';

/** The deadlines of a context, and when the Leases lapse that somebody else is seen to hold. */
export function operationDeadlines({ deadlines, leases }: OperationContext): readonly Deadline[] {
  const found: Deadline[] = [];
  for (const name in deadlines) found.push({ name, at: deadlines[name as keyof typeof deadlines] as Instant });
  for (const site in leases) found.push({ name: `leaseLapse/${site}`, at: lapseOf(leases[site] as LeaseSighting) });
  return found;
}

/** Sets a deadline of a context. */
export function withDeadline<Context extends OperationContext>(
  context: Context,
  name: keyof Context['deadlines'] & string,
  at: Instant,
): Pick<Context, 'deadlines'> {
  return { deadlines: { ...context.deadlines, [name]: at } };
}

/** Sets a deadline that another process may have set already: a take-over does not prolong it. */
export function keepDeadline<Context extends OperationContext>(
  context: Context,
  name: keyof Context['deadlines'] & string,
  at: Instant,
): Pick<Context, 'deadlines'> {
  const { [name]: set = at } = context.deadlines as Readonly<Record<string, Instant>>;
  return withDeadline(context, name, set);
}
