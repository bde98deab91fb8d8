import { withGroupFromList } from '../../model/listed-groups.ts';
import type { CommandContext } from '../context.ts';
import { type FailoverPlan, planFailover } from '../failover-plan.ts';
import { type Standing, standingOf } from '../failover-standing.ts';
import { failoverSubjects, observe } from '../observe.ts';
import type { OpenSites } from '../sites.ts';
import type { SiteName } from '../../model/site.ts';
import type { SiteFailoverOrder } from './order.ts';
import { inParallel } from './in-parallel.ts';
import { type SelectedGroup, selectGroups } from './selection.ts';

/** The turn of one group: when, and what an order to move it comes to now. */
export interface Turn extends SelectedGroup {
  readonly standing: Standing;
}

/** A turn of a planned failover. */
export interface Move extends Turn {
  readonly plan: FailoverPlan;
}

/** Groups that go together. The next wave begins when all of them have arrived. */
export interface Wave<One extends Turn = Turn> {
  readonly number: number;
  readonly moves: readonly One[];
}

export interface SiteFailoverPlan<One extends Turn = Turn> {
  readonly source: SiteName;
  readonly target: SiteName;
  /** In the order in which they go. */
  readonly waves: readonly Wave<One>[];
}

/** Looks take many reads each, and one that is not answered takes its time. */
export const looksAtOnce = 8;

/** What an order would do, from one look at each namespace that it means. Throws as `selectGroups` does. */
export async function planSiteFailover(
  order: SiteFailoverOrder,
  sites: OpenSites,
  { clock }: CommandContext,
): Promise<SiteFailoverPlan<Move>> {
  const { target, withoutRoom } = order;
  const clusters = [sites.primary, sites.dr];
  const source = target === sites.dr ? sites.primary : sites.dr;
  const reach = { driver: sites.driver, clock, storage: sites.storage };
  const selected = await selectGroups(order, clusters, reach);
  const namespaces = [...new Set(selected.map(({ namespace }) => namespace))];
  const moves = await inParallel(namespaces, looksAtOnce, async (namespace): Promise<readonly Move[]> => {
    const observation = await observe(reach, clusters, failoverSubjects(target), { namespace, group: '' });
    return selected
      .filter((one) => one.namespace === namespace)
      .map((one) => {
        const direction = { namespace, group: one.group, source, target, withoutRoom };
        const plan = planFailover(withGroupFromList(observation, one), direction);
        return { ...one, plan, standing: standingOf(plan) };
      });
  });
  return { source, target, waves: wavesOf(moves.flat()) };
}

/** Turns as waves, in their order. */
export function wavesOf<One extends Turn>(turns: readonly One[]): readonly Wave<One>[] {
  const numbers = [...new Set(turns.map(({ wave }) => wave))].toSorted((a, b) => a - b);
  return numbers.map((number) => ({ number, moves: turns.filter(({ wave }) => wave === number) }));
}

/** True for a group that an order sends on its way, or follows. */
export function goes({ standing }: Turn): boolean {
  return standing.kind === 'ready' || standing.kind === 'underWay';
}
