import { type HeldOperations } from '../model/operation-history.ts';
import { readingOf } from '../model/observation.ts';
import type { SiteName } from '../model/site.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { observeOperations } from './observe.ts';
import type { OpenSites } from './sites.ts';

/** What the sites told of operations, and which did not tell. */
export interface OperationsRead {
  readonly held: readonly HeldOperations[];
  readonly silent: readonly { readonly site: SiteName; readonly why: string }[];
}

/** Reads the operations of a namespace, or of all, from both sites of a group. Throws when neither tells. */
export async function readOperations(
  { driver, primary, dr }: OpenSites,
  namespace: string,
  context: CommandContext,
): Promise<OperationsRead> {
  const sites = [primary, dr];
  const observation = await observeOperations({ driver, clock: context.clock }, sites, namespace);
  const readings = sites.map((site) => ({
    site,
    kinds: (['operations', 'recoveries'] as const).map((subject) => readingOf(observation, site, subject)),
  }));
  const held = readings.flatMap(({ site, kinds }) => {
    const told = kinds.flatMap((reading) => (reading.known ? [reading.value] : []));
    return told.length === 0 ? [] : [{ site, objects: told.flat() }];
  });
  const silent = readings.flatMap(({ site, kinds }) => {
    const [why] = kinds.flatMap((reading) => (reading.known ? [] : [reading.why]));
    return why === undefined ? [] : [{ site, why }];
  });
  if (held.length > 0) return { held, silent };
  throw new CommandError('No cluster told which operations there were', {
    reason: silent.map(({ why }) => why).join('; '),
    remedy: 'See which clusters answer: pgctl config test',
  });
}

/** A line for each site that did not tell: what it alone holds is not shown. */
export function silentLines({ silent }: OperationsRead): readonly string[] {
  return silent.map(({ site, why }) => `⚠ Operations that only ${site} holds are not shown: ${why}`);
}
