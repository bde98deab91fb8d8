import { withGroupFromList } from '../../model/group-overview.ts';
import type { CommandContext } from '../context.ts';
import { type FailoverPlan, planFailover } from '../failover-plan.ts';
import { type Standing, standingOf } from '../failover-standing.ts';
import { failoverSubjects, observe } from '../observe.ts';
import type { OpenSites } from '../sites.ts';
import type { SiteName } from '../../model/site.ts';
import type { SiteFailoverOrder } from './order.ts';
import { type SelectedGroup, selectGroups } from './selection.ts';

/** One group of a plan: what it would come to if it were moved now. */
export interface Move extends SelectedGroup {
  readonly plan: FailoverPlan;
  readonly standing: Standing;
}

/** Groups that go together. The next wave begins when all of them have arrived. */
export interface Wave {
  readonly number: number;
  readonly moves: readonly Move[];
}

export interface SiteFailoverPlan {
  readonly source: SiteName;
  readonly target: SiteName;
  /** In the order in which they go. */
  readonly waves: readonly Wave[];
}

/** What an order would do, from one look at everything. Throws as `selectGroups` does. */
export async function planSiteFailover(
  order: SiteFailoverOrder,
  sites: OpenSites,
  { clock }: CommandContext,
): Promise<SiteFailoverPlan> {
  const { namespace, target } = order;
  const source = target === sites.dr ? sites.primary : sites.dr;
  const scope = { namespace, group: '' };
  const reach = { driver: sites.driver, clock };
  const observation = await observe(reach, [sites.primary, sites.dr], failoverSubjects(target), scope);
  const selected = await selectGroups(order, observation, sites);
  const moves = selected.map((one): Move => {
    const direction = { namespace, group: one.group, source, target };
    const plan = planFailover(withGroupFromList(observation, one.group), direction);
    return { ...one, plan, standing: standingOf(plan) };
  });
  const numbers = [...new Set(moves.map(({ wave }) => wave))];
  const waves = numbers.map((number) => ({ number, moves: moves.filter(({ wave }) => wave === number) }));
  return { source, target, waves };
}

/** True for a group that an order sends on its way, or follows. */
export function goes({ standing }: Move): boolean {
  return standing.kind === 'ready' || standing.kind === 'underWay';
}
