import { resources } from '../../../model/kube.ts';
import type { KubeRequest } from '../../../model/request.ts';
import { at, cell, has, sites, trouble, used } from '../cells.ts';
import { callerOf } from '../processes.ts';
import { orders } from '../scenery.ts';
import type { Budgets } from '../settings.ts';
import { nothing, type SmallWorld } from '../small-world.ts';
import { thing } from '../versions.ts';
import { type Gathering, kinds, moveOf } from './move.ts';

/** The moves of a person: an operation is given up, or the way back is ordered, at whatever moment. */
export function gatherPersonMoves(world: SmallWorld, budgets: Budgets, to: Gathering): void {
  if (used.acts(to.from) >= budgets.acts) return;
  for (let operation = 0; operation < orders.length; operation++) {
    const { target } = orders[operation] as (typeof orders)[number];
    if (has(to.from, trouble.siteCutOff(sites.indexOf(target)))) continue;
    const number = at(to.from, cell.operations + operation);
    if (number === nothing) order(world, to, operation);
    else cancel(world, to, operation, number);
  }
}

function order(world: SmallWorld, to: Gathering, operation: number): void {
  const next = to.fresh();
  next[cell.used] = at(next, cell.used) + used.act;
  world.order(next, operation);
  to.found(moveOf(kinds.order, callerOf(operation)));
}

function cancel(world: SmallWorld, to: Gathering, operation: number, number: number): void {
  const { unfinished, cancelled } = world.facts(number);
  if (!unfinished || cancelled) return;
  const next = to.fresh();
  next[cell.used] = at(next, cell.used) + used.act;
  next[cell.operations + operation] = world.apply(number, cancelRequest(operation), thing.operation(operation)).number;
  world.outdate(next, thing.operation(operation));
  to.found(moveOf(kinds.cancel, callerOf(operation)));
}

function cancelRequest(operation: number): KubeRequest {
  const { name, namespace, target: site } = orders[operation] as (typeof orders)[number];
  return {
    api: 'kube',
    site,
    verb: 'patch',
    patch: 'merge',
    resource: resources.failover,
    namespace,
    name,
    body: { spec: { cancel: true } },
  };
}
