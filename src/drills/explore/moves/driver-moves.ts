import type { KubeRequest, Outcome } from '../../../model/request.ts';
import { applyRequest, silence } from '../apply-request.ts';
import { reaches, reachOf } from '../answers.ts';
import { at, cell, type Cells, column, has, history, late, sites, trouble, used } from '../cells.ts';
import { afterEffect, afterOwner, afterWrite, type DriverState, looksOf, plannedReads } from '../driver.ts';
import type { Breach } from '../../../runtime/breach.ts';
import { callerOf, processes } from '../processes.ts';
import type { Budgets } from '../settings.ts';
import { ended, nothing, type Place, placeOf, type SmallWorld } from '../small-world.ts';
import { judgeOrder, judgeSuccess } from '../safety.ts';
import { type Gathering, kinds, moveOf } from './move.ts';

/** What a look may come to, with states by their numbers. */
interface KnownLook {
  readonly after: string;
  readonly driver: number;
  readonly succeeds: boolean;
  readonly breach?: Breach;
}

/** What the request that is under way comes to when it meets an object. */
interface KnownArrival {
  readonly driver: number;
  readonly object: number;
}

/** What is known of a process's state from its number alone. */
interface DriverFacts {
  readonly phase: DriverState['phase'] | 'absent';
  readonly state: string;
  /** The request that is under way, and what it is for. */
  readonly request?: KubeRequest;
  readonly place?: Place;
}

/** The moves of the processes that drive operations: each goes on, dies, stalls, or loses a request. */
export class DriverMoves {
  readonly #world: SmallWorld;
  readonly #budgets: Budgets;
  readonly #facts: DriverFacts[] = [];
  readonly #looks = new Map<string, readonly KnownLook[]>();
  readonly #arrivals = new Map<number, KnownArrival>();
  readonly #key: number[] = [];

  constructor(world: SmallWorld, budgets: Budgets) {
    this.#world = world;
    this.#budgets = budgets;
  }

  get looks(): number {
    return this.#looks.size;
  }

  gather(to: Gathering): void {
    for (let process = 0; process < processes.length; process++) {
      const driver = at(to.from, cell.drivers + process);
      if (driver <= ended) this.#start(to, process);
      else this.#goOn(to, process, driver);
    }
  }

  /** What a look came to, in words. */
  wordsOfLook(from: Cells, process: number, which: number): string {
    const driver = at(from, cell.drivers + process);
    const look = this.#looksFrom(from, process, driver)[which];
    if (look === undefined) return 'looks';
    const before = this.#factsOf(driver).state;
    const { phase, state } = this.#factsOf(look.driver);
    const next = phase === 'ended' ? 'ends' : state === before ? `stays in ${state}` : `${before} → ${state}`;
    return `looks${look.after === '' ? '' : `, and ${look.after}`}: ${next}`;
  }

  /** The request that a process has under way, in words. */
  wordsOfRequest(from: Cells, process: number): string {
    const { request, state } = this.#factsOf(at(from, cell.drivers + process));
    if (request === undefined) return 'its request';
    if (request.resource.kind === 'Failover') return `the journal on ${request.site}: ${state}`;
    const { spec } = (request.body ?? {}) as { readonly spec?: { readonly desiredState?: string } };
    const what = spec?.desiredState === undefined ? '' : ` to ${spec.desiredState}`;
    return `${request.verb} ${request.resource.kind} on ${request.site}${what}`;
  }

  /** Whether it arrives, in words, and what it meets there. */
  arrives(from: Cells, process: number): string {
    const driver = at(from, cell.drivers + process);
    const { request, place } = this.#factsOf(driver);
    if (request === undefined || place === undefined) return 'arrives';
    if (!reaches(reachOf(from, processes[process]?.home), request)) return 'is not answered';
    const object = this.#numberAt(from, place);
    return this.#arrival(driver, object, from, place).object === object ? 'arrives, and changes nothing' : 'arrives';
  }

  #start(to: Gathering, process: number): void {
    const { operation, patient } = processes[process] as (typeof processes)[number];
    if (!patient || !this.#world.facts(at(to.from, cell.operations + operation)).unfinished) return;
    // A new operation is left to the one who created it, for as long as that one goes on.
    if (this.#isAlive(to.from, callerOf(operation))) return;
    to.fresh()[cell.drivers + process] = this.#world.started(process);
    to.found(moveOf(kinds.start, process));
  }

  #goOn(to: Gathering, process: number, driver: number): void {
    const { phase } = this.#factsOf(driver);
    if (phase === 'ready') this.#look(to, process, driver);
    else if (phase === 'asking') this.#ask(to, process, driver);
    else this.#arrive(to, process, driver);
    if (used.crashes(to.from) < this.#budgets.crashes) {
      const next = to.fresh();
      next[cell.used] = at(next, cell.used) + used.crash;
      next[cell.drivers + process] = nothing;
      next[cell.history] = at(next, cell.history) & ~history.stalled(process);
      to.found(moveOf(kinds.crash, process));
    }
    if (used.faults(to.from) < this.#budgets.faults && (at(to.from, cell.history) & history.stalled(process)) === 0) {
      const next = to.fresh();
      next[cell.used] = at(next, cell.used) + used.fault;
      next[cell.history] = at(next, cell.history) | history.stalled(process);
      to.found(moveOf(kinds.stall, process));
    }
  }

  #look(to: Gathering, process: number, driver: number): void {
    // What a controller has sent arrives before a process comes to look: its request is on its way for a moment only.
    if (hasLateOrder(to.from)) return;
    const looks = this.#looksFrom(to.from, process, driver);
    for (let which = 0; which < looks.length; which++) {
      const look = looks[which] as KnownLook;
      to.fresh()[cell.drivers + process] = look.driver;
      if (look.succeeds) judgeSuccess(to, process);
      if (look.breach !== undefined) to.breaks(look.breach.property, `a pass is dropped: ${look.breach.what}`);
      to.found(moveOf(kinds.look, process, which));
    }
  }

  #looksFrom(from: Cells, process: number, driver: number): readonly KnownLook[] {
    const { home, operation } = processes[process] as (typeof processes)[number];
    const reach = reachOf(from, home);
    const lapsed = this.#lapsed(from, process);
    const key = this.#keyOf(from, driver, operation, reach | (lapsed << 4));
    const known = this.#looks.get(key);
    if (known !== undefined) return known;
    const state = this.#world.drivers.valueOf(driver) as Extract<DriverState, { readonly phase: 'ready' }>;
    const definition = this.#world.machines.failover;
    const outcomes = this.#world.answers.to(plannedReads(definition, state), from, reach);
    const lapsedSites = new Set(sites.filter((_site, number) => (lapsed & (1 << number)) !== 0));
    const looks = new Map<number, KnownLook>();
    for (const { after, state: next, breach } of looksOf(definition, state, outcomes, lapsedSites)) {
      const number = this.#world.drivers.numberOf(next);
      const succeeds = next.phase === 'storing' && next.record.state === 'succeeded';
      if (breach !== undefined) looks.set(number, { after, driver: number, succeeds, breach });
      else if (number !== driver && !looks.has(number)) looks.set(number, { after, driver: number, succeeds });
    }
    const found = [...looks.values()];
    this.#looks.set(key, found);
    return found;
  }

  /** Everything that a look may depend on, as a text of one unit a cell. */
  #keyOf(from: Cells, driver: number, operation: number, surroundings: number): string {
    const key = this.#key;
    const { state } = this.#factsOf(driver);
    key.length = 0;
    key.push(driver, surroundings, at(from, cell.operations + operation));
    for (let site = 0; site < 3; site++) key.push(at(from, cell.leases + site));
    if (state !== 'acquiringLease') {
      key.push(at(from, cell.trouble), at(from, cell.groups), at(from, cell.groups + 1));
      for (let begin = cell.columns; begin < from.length; begin += column.width)
        key.push(at(from, begin), at(from, begin + 1), at(from, begin + column.guests));
    }
    if (state === 'preflight') key.push(at(from, cell.operations + 1 - operation));
    return String.fromCharCode(...key);
  }

  /** The sites, one bit each, on which the Lease is held by another process that has died, ended or stalled. */
  #lapsed(from: Cells, process: number): number {
    let lapsed = 0;
    for (let site = 0; site < 3; site++) {
      const { holder } = this.#world.facts(at(from, cell.leases + site));
      if (holder >= 0 && holder !== process && !this.#isAlive(from, holder)) lapsed |= 1 << site;
    }
    return lapsed;
  }

  #isAlive(from: Cells, process: number): boolean {
    return at(from, cell.drivers + process) > ended && (at(from, cell.history) & history.stalled(process)) === 0;
  }

  #ask(to: Gathering, process: number, driver: number): void {
    const { home, operation } = processes[process] as (typeof processes)[number];
    const state = this.#world.drivers.valueOf(driver) as Extract<DriverState, { readonly phase: 'asking' }>;
    const site = sites.indexOf(state.record.context.request.target);
    const object = this.#world.objects.valueOf(at(to.from, cell.operations + operation));
    const outcome: Outcome =
      (reachOf(to.from, home) & (1 << site)) === 0 || object === undefined
        ? silence(sites[site] ?? '')
        : { kind: 'applied', status: 200, body: object as never };
    to.fresh()[cell.drivers + process] = this.#world.drivers.numberOf(afterOwner(state, outcome));
    to.found(moveOf(kinds.ask, process));
  }

  /** What was sent arrives, or does not. */
  #arrive(to: Gathering, process: number, driver: number): void {
    const { request, place, phase } = this.#factsOf(driver);
    if (request === undefined || place === undefined) return;
    const { home } = processes[process] as (typeof processes)[number];
    const kind = phase === 'storing' ? kinds.store : kinds.act;
    if (!reaches(reachOf(to.from, home), request)) {
      to.fresh()[cell.drivers + process] = this.#unheard(driver);
      to.found(moveOf(kind, process));
      return;
    }
    const object = this.#numberAt(to.from, place);
    const arrival = this.#arrival(driver, object, to.from, place);
    const next = to.fresh();
    next[cell.drivers + process] = arrival.driver;
    this.#change(next, place, object, arrival.object);
    if (object !== arrival.object)
      judgeOrder(to, this.#world, process, { place, request, before: object, after: arrival.object }, next);
    to.found(moveOf(kind, process));
    if (used.faults(to.from) >= this.#budgets.faults) return;
    this.#lose(to, process, driver, moveOf(kinds.loseRequest, process));
    // Of an effect only the arrival counts: that its answer is lost makes no difference to the machine.
    if (phase === 'storing' && object !== arrival.object)
      this.#change(
        this.#lose(to, process, driver),
        place,
        object,
        arrival.object,
        to,
        moveOf(kinds.loseAnswer, process),
      );
  }

  #lose(to: Gathering, process: number, driver: number, move?: number): Cells {
    const next = to.fresh();
    next[cell.used] = at(next, cell.used) + used.fault;
    next[cell.drivers + process] = this.#unheard(driver);
    if (move !== undefined) to.found(move);
    return next;
  }

  /** Writes what a thing has become, which is an older version then for everybody who has seen it. */
  #change(next: Cells, place: Place, before: number, after: number, to?: Gathering, move?: number): void {
    if (before !== after) {
      if (place.kind === 'node') next[cell.trouble] = at(next, cell.trouble) ^ trouble.tainted(place.site);
      else next[place.cell] = after;
      if (place.kind === 'group') noteLate(next, place.site);
      for (let process = 0; process < processes.length; process++) {
        const index = cell.drivers + process;
        next[index] = this.#world.outdated(at(next, index), place.thing);
      }
    }
    if (move !== undefined) to?.found(move);
  }

  /** Number of the object that a request is for; of a node, whether it carries the taint. */
  #numberAt(from: Cells, { kind, site, cell: index }: Place): number {
    return kind === 'node' ? Number(has(from, trouble.tainted(site))) : at(from, index);
  }

  #arrival(driver: number, object: number, from: Cells, place: Place): KnownArrival {
    const key = driver * 0x10000 + object;
    const known = this.#arrivals.get(key);
    if (known !== undefined) return known;
    const { request } = this.#factsOf(driver) as { readonly request: KubeRequest };
    let number: number;
    let outcome: Outcome;
    if (place.kind === 'node') {
      const applied = applyRequest(this.#world.answers.node(from, place.site), request);
      outcome = applied.outcome;
      const { taints } = (applied.object?.spec ?? {}) as { readonly taints?: readonly unknown[] };
      number = Number((taints ?? []).length > 0);
    } else {
      ({ number, outcome } = this.#world.apply(object, request, place.thing));
    }
    const arrival = { driver: this.#world.drivers.numberOf(this.#heard(driver, outcome)), object: number };
    this.#arrivals.set(key, arrival);
    return arrival;
  }

  #unheard(driver: number): number {
    return this.#world.drivers.numberOf(this.#heard(driver, silence('nobody')));
  }

  #heard(driver: number, outcome: Outcome): DriverState {
    const state = this.#world.drivers.valueOf(driver);
    const definition = this.#world.machines.failover;
    if (state?.phase === 'storing') return afterWrite(definition, state, outcome);
    if (state?.phase === 'acting') return afterEffect(definition, state, outcome);
    throw new Error(`A process that is ${state?.phase} waits for no answer`);
  }

  #factsOf(driver: number): DriverFacts {
    return (this.#facts[driver] ??= factsOf(this.#world.drivers.valueOf(driver)));
  }
}

/** The orders of a site's group controller that are under way were given before its group was told otherwise. */
function noteLate(next: Cells, site: number): void {
  for (let place = cell.columns + column.pending + site; place < next.length; place += column.width)
    if (at(next, place) !== 0) next[place] = at(next, place) | late;
}

function hasLateOrder(from: Cells): boolean {
  for (let begin = cell.columns + column.pending; begin < from.length; begin += column.width)
    if (((at(from, begin) | at(from, begin + 1)) & late) !== 0) return true;
  return false;
}

function factsOf(state: DriverState | undefined): DriverFacts {
  if (state === undefined || state.phase === 'ended') return { phase: state?.phase ?? 'absent', state: 'no state' };
  const named = { phase: state.phase, state: state.record.state };
  const request =
    state.phase === 'storing' ? state.write : state.phase === 'acting' ? state.effects[0]?.request : undefined;
  if (request === undefined) return named;
  return { ...named, request: request as KubeRequest, place: placeOf(request) };
}
