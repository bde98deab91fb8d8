import type { Breach } from '../../../runtime/breach.ts';
import { reachOf } from '../answers.ts';
import { at, cell, type Cells, column, history, sites } from '../cells.ts';
import { type DriverState, looksOf, plannedReads } from '../driver.ts';
import { ended } from '../driver-states.ts';
import { type DriverProcess, processes } from '../processes.ts';
import type { SmallWorld } from '../small-world.ts';

/** What a look may come to, with the state by its number. */
export interface KnownLook {
  /** What has passed by then, in words. */
  readonly after: string;
  readonly driver: number;
  readonly isLate: boolean;
  readonly breach?: Breach;
}

/** What every look of a process comes to: the machine is stepped once for each different view of the world, and never again. */
export class Looks {
  readonly #world: SmallWorld;
  readonly #known = new Map<string, readonly KnownLook[]>();
  readonly #key: number[] = [];

  constructor(world: SmallWorld) {
    this.#world = world;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The looks of a process that is ready for one. What changes nothing is left out. */
  from(cells: Cells, process: number, driver: number): readonly KnownLook[] {
    const { home, operation } = processes[process] as DriverProcess;
    const reach = reachOf(cells, home);
    const lapsed = this.#lapsed(cells, process);
    const key = this.#keyOf(cells, driver, operation, reach | (lapsed << 4));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#look(
      cells,
      driver,
      reach,
      new Set(sites.filter((_site, site) => (lapsed & (1 << site)) !== 0)),
    );
    this.#known.set(key, found);
    return found;
  }

  /** True when a process goes on and has not stalled: it renews its Leases. */
  isAlive(cells: Cells, process: number): boolean {
    return at(cells, cell.drivers + process) > ended && (at(cells, cell.history) & history.stalled(process)) === 0;
  }

  #look(cells: Cells, driver: number, reach: number, lapsed: ReadonlySet<string>): readonly KnownLook[] {
    const { drivers, answers, machines } = this.#world;
    const state = drivers.valueOf(driver) as Extract<DriverState, { readonly phase: 'ready' }>;
    const outcomes = answers.to(plannedReads(machines.failover, state), cells, reach);
    const looks = new Map<number, KnownLook>();
    for (const { after, isLate, state: next, breach } of looksOf(machines.failover, state, outcomes, lapsed)) {
      const number = drivers.numberOf(next);
      if (breach !== undefined) looks.set(number, { after, driver: number, isLate, breach });
      else if (number !== driver && !looks.has(number)) looks.set(number, { after, driver: number, isLate });
    }
    return [...looks.values()];
  }

  /** Everything that a look may depend on, as a text of one unit a cell. */
  #keyOf(cells: Cells, driver: number, operation: number, surroundings: number): string {
    const key = this.#key;
    const { state } = this.#world.drivers.facts(driver);
    key.length = 0;
    key.push(driver, surroundings, at(cells, cell.operations + operation));
    for (let site = 0; site < 3; site++) key.push(at(cells, cell.leases + site));
    if (state !== 'acquiringLease') {
      key.push(at(cells, cell.trouble), at(cells, cell.groups), at(cells, cell.groups + 1));
      for (let begin = cell.columns; begin < cells.length; begin += column.width)
        key.push(at(cells, begin), at(cells, begin + 1), at(cells, begin + column.guests));
    }
    if (state === 'preflight') key.push(at(cells, cell.operations + 1 - operation));
    return String.fromCharCode(...key);
  }

  /** The sites, one bit each, on which the Lease is held by another process that does not renew it any more. */
  #lapsed(cells: Cells, process: number): number {
    let lapsed = 0;
    for (let site = 0; site < 3; site++) {
      const { holder } = this.#world.facts(at(cells, cell.leases + site));
      if (holder >= 0 && holder !== process && !this.isAlive(cells, holder)) lapsed |= 1 << site;
    }
    return lapsed;
  }
}
