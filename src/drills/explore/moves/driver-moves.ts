import { reaches, reachOf } from '../answers.ts';
import { at, cell, type Cells, column, history, late, sites, used } from '../cells.ts';
import { ended, nobody } from '../driver-states.ts';
import { callerOf, type DriverProcess, processes } from '../processes.ts';
import { judgeConclusion } from '../honesty.ts';
import { judgeOrder } from '../safety.ts';
import type { Budgets } from '../settings.ts';
import { orders } from '../scenery.ts';
import { nothing, type SmallWorld } from '../small-world.ts';
import { Arrivals } from './arrivals.ts';
import { type KnownLook, Looks } from './looks.ts';
import { type Gathering, kinds, type Move, moveOf } from './move.ts';

/** The moves of the processes that drive operations: each goes on, dies, stalls, or loses a request. */
export class DriverMoves {
  readonly #world: SmallWorld;
  readonly #budgets: Budgets;
  readonly #looks: Looks;
  readonly #arrivals: Arrivals;

  constructor(world: SmallWorld, budgets: Budgets) {
    this.#world = world;
    this.#budgets = budgets;
    this.#looks = new Looks(world);
    this.#arrivals = new Arrivals(world);
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
    const look = this.#looks.from(from, process, driver)[which];
    if (look === undefined) return 'looks';
    const before = this.#world.drivers.facts(driver).state;
    const { phase, state } = this.#world.drivers.facts(look.driver);
    const next = phase === 'ended' ? 'ends' : state === before ? `stays in ${state}` : `${before} → ${state}`;
    return `looks${look.after === '' ? '' : `, and ${look.after}`}: ${next}`;
  }

  /** The request that a process has under way, in words. */
  wordsOfRequest(from: Cells, process: number): string {
    const { request, state } = this.#world.drivers.facts(at(from, cell.drivers + process));
    if (request === undefined) return 'its request';
    if (request.resource.kind === 'Failover') return `the journal on ${request.site}: ${state}`;
    const { spec } = (request.body ?? {}) as { readonly spec?: { readonly desiredState?: string } };
    const what = spec?.desiredState === undefined ? '' : ` to ${spec.desiredState}`;
    return `${request.verb} ${request.resource.kind} on ${request.site}${what}`;
  }

  /** Whether that request arrives, in words, and what it meets. */
  wordsOfArrival(from: Cells, process: number): string {
    const driver = at(from, cell.drivers + process);
    const { request, place } = this.#world.drivers.facts(driver);
    if (request === undefined || place === undefined) return 'arrives';
    if (!reaches(reachOf(from, processes[process]?.home), request)) return 'is not answered';
    return this.#arrivals.of(driver, request, place, from).changes ? 'arrives' : 'arrives, and changes nothing';
  }

  #start(to: Gathering, process: number): void {
    const { operation, patient } = processes[process] as DriverProcess;
    if (!patient || !this.#world.facts(at(to.from, cell.operations + operation)).unfinished) return;
    // A new operation is left to the one who created it, for as long as that one goes on.
    if (this.#looks.isAlive(to.from, callerOf(operation))) return;
    to.fresh()[cell.drivers + process] = this.#world.drivers.started(process);
    to.found(moveOf(kinds.start, process));
  }

  #goOn(to: Gathering, process: number, driver: number): void {
    const { phase } = this.#world.drivers.facts(driver);
    if (phase === 'ready') this.#look(to, process, driver);
    else if (phase === 'asking') this.#ask(to, process, driver);
    else this.#arrive(to, process, driver);
    if (used.crashes(to.from) < this.#budgets.crashes) {
      const next = spend(to, used.crash);
      next[cell.drivers + process] = nobody;
      next[cell.history] = at(next, cell.history) & ~history.stalled(process);
      to.found(moveOf(kinds.crash, process));
    }
    if (used.faults(to.from) < this.#budgets.faults && (at(to.from, cell.history) & history.stalled(process)) === 0) {
      const next = spend(to, used.fault);
      next[cell.history] = at(next, cell.history) | history.stalled(process);
      to.found(moveOf(kinds.stall, process));
    }
  }

  #look(to: Gathering, process: number, driver: number): void {
    // What a controller has sent arrives before a process comes to look: its request is on its way for a moment only.
    if (hasLateOrder(to.from)) return;
    const looks = this.#looks.from(to.from, process, driver);
    const { drivers } = this.#world;
    const from = drivers.facts(driver);
    const { home, operation } = processes[process] as DriverProcess;
    const reachesTarget = (reachOf(to.from, home) & (1 << targetOf(operation))) !== 0;
    for (let which = 0; which < looks.length; which++) {
      const { driver: next, isLate, breach } = looks[which] as KnownLook;
      to.fresh()[cell.drivers + process] = next;
      judgeConclusion(to, this.#world, { process, from, to: drivers.facts(next), isLate, reachesTarget });
      if (breach !== undefined) to.breaks(breach.property, `a pass is dropped: ${breach.what}`);
      to.found(moveOf(kinds.look, process, which));
    }
  }

  #ask(to: Gathering, process: number, driver: number): void {
    const { home, operation } = processes[process] as DriverProcess;
    const isReached = (reachOf(to.from, home) & (1 << targetOf(operation))) !== 0;
    const journal = isReached ? at(to.from, cell.operations + operation) : nothing;
    to.fresh()[cell.drivers + process] = this.#arrivals.afterAsking(driver, journal);
    to.found(moveOf(kinds.ask, process));
  }

  /** What was sent arrives, or does not. */
  #arrive(to: Gathering, process: number, driver: number): void {
    const { request, place, phase } = this.#world.drivers.facts(driver);
    if (request === undefined || place === undefined) return;
    const arrives = moveOf(phase === 'storing' ? kinds.store : kinds.act, process);
    if (!reaches(reachOf(to.from, processes[process]?.home), request)) {
      to.fresh()[cell.drivers + process] = this.#world.drivers.unheard(driver);
      to.found(arrives);
      return;
    }
    const before = this.#arrivals.objectAt(to.from, place);
    const arrival = this.#arrivals.of(driver, request, place, to.from);
    const after = arrival.object;
    const cells = to.fresh();
    cells[cell.drivers + process] = arrival.driver;
    this.#arrivals.change(cells, place, arrival);
    if (before !== after) judgeOrder(to, this.#world, process, { place, request, before, after }, cells);
    to.found(arrives);
    if (used.faults(to.from) >= this.#budgets.faults) return;
    this.#lose(to, process, driver, moveOf(kinds.loseRequest, process));
    // Of an effect only the arrival counts: that its answer is lost makes no difference to the machine.
    if (phase !== 'storing' || !arrival.changes) return;
    this.#lose(to, process, driver, moveOf(kinds.loseAnswer, process), (cells) =>
      this.#arrivals.change(cells, place, arrival),
    );
  }

  #lose(to: Gathering, process: number, driver: number, move: Move, change?: (cells: Cells) => void): void {
    const cells = spend(to, used.fault);
    cells[cell.drivers + process] = this.#world.drivers.unheard(driver);
    change?.(cells);
    to.found(move);
  }
}

function spend(to: Gathering, what: number): Cells {
  const cells = to.fresh();
  cells[cell.used] = at(cells, cell.used) + what;
  return cells;
}

function hasLateOrder(from: Cells): boolean {
  for (let begin = cell.columns + column.pending; begin < from.length; begin += column.width)
    if (((at(from, begin) | at(from, begin + 1)) & late) !== 0) return true;
  return false;
}

function targetOf(operation: number): number {
  return sites.indexOf(orders[operation]?.target ?? '');
}
