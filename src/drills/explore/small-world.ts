import { cancelIsRequested, isUnfinished, newFailover } from '../../model/failover.ts';
import { numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { Answers } from './answers.ts';
import { applyRequest } from './apply-request.ts';
import { cell, type Cells, column, columnOf, packGuests, stage, widthFor } from './cells.ts';
import { DriverStates } from './driver-states.ts';
import { GroupController } from './group-controller.ts';
import { Interner } from './interner.ts';
import { MachineObjects } from './machine-objects.ts';
import { callerOf, processes } from './processes.ts';
import { orders, type Scenery } from './scenery.ts';
import { canonicalObject, type Thing, thing } from './versions.ts';

/** What a kept object says that the moves and the properties ask for all the time. */
export interface ObjectFacts {
  /** A group is told to run. */
  readonly wantsToRun: boolean;
  readonly epoch: number;
  /** Number of the process that holds a Lease or a journal; -1: nobody. */
  readonly holder: number;
  /** Of an operation: what its journal says, and whether somebody still has to end it. */
  readonly state: string;
  readonly phase: string;
  readonly unfinished: boolean;
  readonly cancelled: boolean;
}

/** Number of an object that there is not. */
export const nothing = 0;

/** Everything that the cells refer to by number: objects, states of processes, orders under way; and the machines that step them. */
export class SmallWorld {
  readonly scenery: Scenery;
  readonly machines: TwinMachines;
  readonly answers: Answers;
  readonly controllers: readonly GroupController[];
  readonly objects = new Interner<KubeObject | undefined>('objects', [undefined]);
  readonly drivers: DriverStates;
  readonly virtualMachines: MachineObjects;
  readonly #facts: ObjectFacts[] = [];

  constructor(scenery: Scenery, machines: TwinMachines) {
    this.scenery = scenery;
    this.machines = machines;
    this.drivers = new DriverStates(machines.failover);
    this.virtualMachines = new MachineObjects(scenery);
    this.answers = new Answers(scenery, this.objects, this.virtualMachines);
    this.controllers = [0, 1].map((site) => new GroupController(machines.protectionGroup, site));
  }

  /** The VMs run on the first site, protected, and a person has just ordered the group to the second. */
  initial(): Cells {
    const cells = new Uint16Array(widthFor(this.scenery.virtualMachines.length));
    for (const site of [0, 1]) {
      const group = this.scenery.groups[site] as KubeObject;
      const { status: _status, ...told } = group;
      cells[cell.groups + site] = this.keep(told, thing.group(site));
    }
    this.scenery.virtualMachines.forEach((_scenery, index) => {
      const begin = columnOf(index);
      for (const site of [0, 1]) cells[begin + column.machines + site] = this.virtualMachines.initial(index, site);
      const stages = [stage.executing, stage.off] as const;
      cells[begin + column.guests] = packGuests({ stages, primary: 1, ahead: 0 });
    });
    this.order(cells, 0);
    return cells;
  }

  /** A person records an operation, and calls a pgctl that drives it. */
  order(cells: Cells, operation: number): void {
    const request = orders[operation];
    if (request === undefined) return;
    cells[cell.operations + operation] = this.keep(newFailover(request), thing.operation(operation));
    cells[cell.drivers + callerOf(operation)] = this.drivers.started(callerOf(operation));
  }

  keep(object: KubeObject | undefined, of: Thing): number {
    return this.objects.numberOf(object === undefined ? undefined : canonicalObject(object, of));
  }

  /** The number of a kept object after a request, the very same where nothing was done, and what was answered. */
  apply(number: number, request: KubeRequest, of: Thing): { readonly number: number; readonly outcome: Outcome } {
    const before = this.objects.valueOf(number);
    const { object, outcome } = applyRequest(before, request);
    return { number: object === before ? number : this.keep(object, of), outcome };
  }

  /** Turns what processes have seen of a thing into an older version: it has changed. */
  outdate(cells: Cells, changed: Thing): void {
    for (let index = cell.drivers; index < cell.drivers + processes.length; index++)
      cells[index] = this.drivers.outdated(cells[index] ?? 0, changed);
  }

  facts(number: number): ObjectFacts {
    return (this.#facts[number] ??= factsOf(this.objects.valueOf(number)));
  }
}

function factsOf(object: KubeObject | undefined): ObjectFacts {
  const holder = textAt(object, 'spec', 'holderIdentity') ?? textAt(object, 'status', 'holder') ?? '';
  return {
    wantsToRun: textAt(object, 'spec', 'desiredState') === 'running',
    epoch: numberAt(object, 'spec', 'epoch') ?? 0,
    holder: processes.findIndex(({ name }) => name === holder),
    state: textAt(object, 'status', 'record', 'state') ?? 'no state',
    phase: textAt(object, 'status', 'phase') ?? 'Pending',
    unfinished: object !== undefined && isUnfinished(object),
    cancelled: object !== undefined && cancelIsRequested(object),
  };
}
