import { type Instant, timestamp } from '../../model/instant.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, type FaultOrder, FaultError, type PreparedFault } from './fault.ts';
import { apiOutage, linkCut, nodeCrash, siteLoss } from './site-faults.ts';
import { splitBrain } from './divergence-faults.ts';
import { taintFlap } from './taint-flap.ts';
import { imageMissing, openerStuck, pvMissing, vmStuck } from './vm-faults.ts';

/** Every fault that a lab knows, in the order of its help. */
export const faultKinds: readonly FaultKind[] = [
  apiOutage,
  linkCut,
  splitBrain,
  nodeCrash,
  siteLoss,
  vmStuck,
  openerStuck,
  pvMissing,
  imageMissing,
  taintFlap,
];

/** A fault that is on, as `lab fault list` shows it. */
export interface ActiveFault {
  /** `fault-1`, for `lab fault heal`. */
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  readonly since: string;
}

/** The faults of one twin: which are on, and how each is undone. */
export class FaultBoard {
  readonly #twin: Twin;
  readonly #kinds: readonly FaultKind[];
  readonly #active = new Map<
    string,
    { readonly shown: ActiveFault; readonly order: FaultOrder; readonly fault: PreparedFault }
  >();
  #next = 1;

  /** `kinds`: what can be broken; what a lab offers when they are not told. */
  constructor(twin: Twin, kinds: readonly FaultKind[] = faultKinds) {
    this.#twin = twin;
    this.#kinds = kinds;
  }

  list(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ shown }) => shown);
  }

  /** What was ordered of the faults that are on. */
  orders(): readonly FaultOrder[] {
    return [...this.#active.values()].map(({ order }) => order);
  }

  /** How many faults have been started so far. */
  get started(): number {
    return this.#next - 1;
  }

  /** Starts a fault. Throws a FaultError when the order makes no sense; nothing has changed then. */
  inject(order: FaultOrder, now: Instant): ActiveFault {
    const kind = this.#kinds.find((each) => each.kind === order.kind);
    if (kind === undefined) {
      const names = this.#kinds.map((each) => each.kind).join(', ');
      throw new FaultError(`There is no fault "${order.kind}"; there are: ${names}`);
    }
    const fault = kind.prepare(this.#twin, order);
    fault.act();
    const id = `fault-${this.#next++}`;
    const shown = { id, kind: kind.kind, says: fault.says, since: timestamp(now) };
    this.#active.set(id, { shown, order, fault });
    return shown;
  }

  /** Ends one fault, or all of them. Answers which. */
  heal(id: string | undefined): readonly ActiveFault[] {
    if (id !== undefined && !this.#active.has(id)) {
      const ids = [...this.#active.keys()].join(', ') || 'no fault is on';
      throw new FaultError(`There is no fault ${id}: ${ids}`);
    }
    const healed = [...this.#active.entries()].filter(([each]) => id === undefined || each === id);
    // What was broken last is mended first: each finds things as it has left them.
    for (const [each, { fault }] of healed.toReversed()) {
      this.#active.delete(each);
      fault.heal();
    }
    const mended = new Set(healed.flatMap(([, { fault }]) => fault.breaks));
    for (const { fault } of this.#active.values()) if (fault.breaks.some((each) => mended.has(each))) fault.act();
    return healed.map(([, { shown }]) => shown);
  }
}
