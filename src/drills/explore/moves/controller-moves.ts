import type { Breach } from '../../../runtime/breach.ts';
import { reachOf } from '../answers.ts';
import { at, cell, type Cells, column, columnOf, late } from '../cells.ts';
import { virtualMachinesIn } from '../safety.ts';
import type { SmallWorld } from '../small-world.ts';
import { type Gathering, kinds, moveOf } from './move.ts';

/** The moves of the Protection Group Controllers: each looks and orders, and each order arrives when it arrives. */
export class ControllerMoves {
  readonly #world: SmallWorld;
  readonly #orders = new Map<string, readonly number[] | Breach>();

  constructor(world: SmallWorld) {
    this.#world = world;
  }

  get looks(): number {
    return this.#orders.size;
  }

  gather(to: Gathering): void {
    for (const site of [0, 1]) {
      if (!this.#arrive(to, site)) this.#look(to, site);
    }
  }

  #look(to: Gathering, site: number): void {
    const orders = this.#ordersFrom(to.from, site);
    const next = to.fresh();
    if (!isOrders(orders)) {
      to.breaks(orders.property, `a pass is dropped: ${orders.what}`);
      to.found(moveOf(kinds.reconcile, site));
      return;
    }
    if (orders.length === 0) return;
    orders.forEach((order, index) => {
      next[columnOf(index) + column.pending + site] = order;
    });
    to.found(moveOf(kinds.reconcile, site));
  }

  /** What the controller orders of each VM; empty when nothing of any. */
  #ordersFrom(from: Cells, site: number): readonly number[] | Breach {
    const reach = reachOf(from, site);
    // The operations that a site keeps are those towards it: they never take the group away from it.
    const key: number[] = [site, reach, at(from, cell.trouble), at(from, cell.groups), at(from, cell.groups + 1)];
    for (let begin = cell.columns; begin < from.length; begin += column.width)
      key.push(at(from, begin + column.machines + site), at(from, begin + column.guests));
    const text = String.fromCharCode(...key);
    const known = this.#orders.get(text);
    if (known !== undefined) return known;
    const controller = this.#world.controllers[site] as SmallWorld['controllers'][number];
    const requests = controller.ordersAfter(this.#world.answers.to(controller.plan, from, reach));
    const { scenery, virtualMachines } = this.#world;
    const found = !isOrders(requests)
      ? requests
      : requests.length === 0
        ? []
        : scenery.virtualMachines.map((_scenery, index) => virtualMachines.orderIn(requests, index, site));
    this.#orders.set(text, found);
    return found;
  }

  /** True while orders of the site's controller are under way: it looks again when all have been answered. */
  #arrive(to: Gathering, site: number): boolean {
    let isWaiting = false;
    for (let index = 0; index < virtualMachinesIn(to.from); index++) {
      const begin = columnOf(index);
      const order = at(to.from, begin + column.pending + site) & ~late;
      if (order === 0) continue;
      isWaiting = true;
      const next = to.fresh();
      next[begin + column.pending + site] = 0;
      const power = at(to.from, begin + column.machines + site);
      next[begin + column.machines + site] = this.#world.virtualMachines.after(power, order);
      to.found(moveOf(kinds.obey, site, index));
    }
    return isWaiting;
  }
}

function isOrders<Order>(found: readonly Order[] | Breach): found is readonly Order[] {
  return Array.isArray(found);
}
