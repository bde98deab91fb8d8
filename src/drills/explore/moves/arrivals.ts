import { type Json, listAt } from '../../../model/json.ts';
import type { KubeRequest, Outcome } from '../../../model/request.ts';
import { applyRequest, silence } from '../apply-request.ts';
import { at, cell, type Cells, column, has, late, trouble } from '../cells.ts';
import { afterOwner, type DriverState } from '../driver.ts';
import type { Place } from '../places.ts';
import { nothing, type SmallWorld } from '../small-world.ts';

/** What a request comes to: the process that has heard of it, and the object, by their numbers. */
export interface Arrival {
  readonly driver: number;
  readonly object: number;
  /** The thing has another version now. A journal has one even where its new record says the same: the times in it differ. */
  readonly changes: boolean;
}

/** What requests of operations come to when they arrive: each is performed once on each object, and never again. */
export class Arrivals {
  readonly #world: SmallWorld;
  readonly #known = new Map<number, Arrival>();
  readonly #asked = new Map<number, number>();

  constructor(world: SmallWorld) {
    this.#world = world;
  }

  /** Number of the object that a request is for; of a node, whether it carries the taint. */
  objectAt(cells: Cells, { kind, site, cell: index }: Place): number {
    return kind === 'node' ? Number(has(cells, trouble.tainted(site))) : at(cells, index);
  }

  /** What the request of a process that is under way comes to. */
  of(driver: number, request: KubeRequest, place: Place, cells: Cells): Arrival {
    const object = this.objectAt(cells, place);
    const key = driver * 0x10000 + object;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { number, outcome } =
      place.kind === 'node'
        ? this.#onNode(cells, request, place.site)
        : this.#world.apply(object, request, place.thing);
    const changes = number !== object || (place.kind === 'operation' && outcome.kind === 'applied');
    const arrival = { driver: this.#world.drivers.heard(driver, outcome), object: number, changes };
    this.#known.set(key, arrival);
    return arrival;
  }

  /** What becomes of a process that has asked whose the journal is, and has seen this object; `nothing`: no answer. */
  afterAsking(driver: number, journal: number): number {
    const key = driver * 0x10000 + journal;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const state = this.#world.drivers.valueOf(driver) as Extract<DriverState, { readonly phase: 'asking' }>;
    const body = this.#world.objects.valueOf(journal) as unknown as Json;
    const outcome: Outcome = journal === nothing ? silence('nobody') : { kind: 'applied', status: 200, body };
    const next = this.#world.drivers.numberOf(afterOwner(state, outcome));
    this.#asked.set(key, next);
    return next;
  }

  /** Writes what a thing has become. That is an older version then for everybody who has seen it. */
  change(next: Cells, place: Place, { object: after, changes }: Arrival): void {
    if (!changes) return;
    if (place.kind === 'node') next[cell.trouble] = at(next, cell.trouble) ^ trouble.tainted(place.site);
    else next[place.cell] = after;
    if (place.kind === 'group') noteLate(next, place.site);
    this.#world.outdate(next, place.thing);
  }

  #onNode(cells: Cells, request: KubeRequest, site: number): ReturnType<SmallWorld['apply']> {
    const { object, outcome } = applyRequest(this.#world.answers.node(cells, site), request);
    return { number: Number(listAt(object, 'spec', 'taints').length > 0), outcome };
  }
}

/** The orders of a site's group controller that are under way were given before its group was told otherwise. */
function noteLate(next: Cells, site: number): void {
  for (let place = cell.columns + column.pending + site; place < next.length; place += column.width)
    if (at(next, place) !== 0) next[place] = at(next, place) | late;
}
