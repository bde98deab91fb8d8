import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { silence } from './apply-request.ts';
import { afterEffect, afterWrite, beginDriver, type DriverState, writeOf } from './driver.ts';
import { canonicalText, Interner } from './interner.ts';
import { type Place, placeOf } from './places.ts';
import { type DriverProcess, processes } from './processes.ts';
import { orders } from './scenery.ts';
import { pastVersion, presentVersion, type Thing } from './versions.ts';

/** Number of the state of no process; and of one that has ended by itself. */
export const nobody = 0;
export const ended = 1;

/** What is known of a process's state from its number alone. */
export interface DriverFacts {
  readonly phase: DriverState['phase'] | 'absent';
  /** Of its machine. */
  readonly state: string;
  /** The request that is under way, and what it is for. */
  readonly request?: KubeRequest;
  readonly place?: Place;
  /** It is about to order a group, or to change a node. */
  readonly orders: boolean;
}

/** The states of processes that drive operations, by number. */
export class DriverStates {
  readonly #definition: TwinMachines['failover'];
  readonly #states = new Interner<DriverState | undefined>('states of a process', [undefined, { phase: 'ended' }]);
  readonly #facts: DriverFacts[] = [];
  readonly #outdated: number[] = [];
  readonly #unheard: number[] = [];
  readonly #started: number[] = [];

  constructor(definition: TwinMachines['failover']) {
    this.#definition = definition;
  }

  get size(): number {
    return this.#states.size;
  }

  numberOf(state: DriverState): number {
    return this.#states.numberOf(state);
  }

  valueOf(number: number): DriverState | undefined {
    return this.#states.valueOf(number);
  }

  facts(number: number): DriverFacts {
    return (this.#facts[number] ??= factsOf(this.valueOf(number)));
  }

  /** A process that begins to drive its operation. */
  started(process: number): number {
    return (this.#started[process] ??= this.#start(processes[process] as DriverProcess));
  }

  /** What becomes of a state once a thing has changed: what it has seen of it is an older version now. */
  outdated(number: number, changed: Thing): number {
    if (number <= ended) return number;
    return (this.#outdated[(number << 4) | changed] ??= this.#outdate(number, changed));
  }

  /** What becomes of a state whose request is answered so. */
  heard(number: number, outcome: Outcome): number {
    const state = this.valueOf(number);
    if (state?.phase === 'storing') return this.numberOf(afterWrite(this.#definition, state, outcome));
    if (state?.phase === 'acting') return this.numberOf(afterEffect(this.#definition, state, outcome));
    throw new Error(`A process that is ${state?.phase} waits for no answer`);
  }

  /** What becomes of a state whose request is never answered. */
  unheard(number: number): number {
    return (this.#unheard[number] ??= this.heard(number, silence('nobody')));
  }

  #start(process: DriverProcess): number {
    const request = orders[process.operation];
    if (request === undefined) throw new Error(`${process.name} has no operation to drive`);
    return this.numberOf(beginDriver(this.#definition, process, request));
  }

  #outdate(number: number, changed: Thing): number {
    const text = canonicalText(this.valueOf(number));
    const present = presentVersion(changed);
    if (!text.includes(present)) return number;
    return this.numberOf(JSON.parse(text.replaceAll(present, pastVersion(changed))) as DriverState);
  }
}

function factsOf(state: DriverState | undefined): DriverFacts {
  if (state === undefined || state.phase === 'ended')
    return { phase: state?.phase ?? 'absent', state: 'no state', orders: false };
  const { phase, record } = state;
  const effects = phase === 'storing' || phase === 'acting' ? state.effects : [];
  const orders = effects.some(({ request }) => ['group', 'node'].includes(placeOf(request).kind));
  const request = phase === 'storing' ? writeOf(state) : phase === 'acting' ? state.effects[0]?.request : undefined;
  if (request === undefined) return { phase, state: record.state, orders };
  return { phase, state: record.state, orders, request: request as KubeRequest, place: placeOf(request) };
}
