import { cancelIsRequested, isUnfinished, newFailover } from '../../model/failover.ts';
import { numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { Answers } from './answers.ts';
import { applyRequest } from './apply-request.ts';
import { cell, type Cells, column, columnOf, packGuests, sites, stage, widthFor } from './cells.ts';
import { beginDriver, type DriverState } from './driver.ts';
import { GroupController } from './group-controller.ts';
import { canonicalText, Interner } from './interner.ts';
import { MachineObjects } from './machine-objects.ts';
import { processes } from './processes.ts';
import { orders, type Scenery } from './scenery.ts';
import { canonicalObject, pastVersion, presentVersion, type Versioned } from './versions.ts';

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

/** Number of nothing, of no process; and of a process that has ended by itself. */
export const nothing = 0;
export const ended = 1;

/** Everything that the cells refer to by number: objects, states of processes, orders under way; and the machines that step them. */
export class SmallWorld {
  readonly scenery: Scenery;
  readonly machines: TwinMachines;
  readonly answers: Answers;
  readonly controllers: readonly GroupController[];
  readonly objects = new Interner<KubeObject | undefined>('objects', [undefined]);
  readonly drivers = new Interner<DriverState | undefined>('states of a process', [undefined, { phase: 'ended' }]);
  readonly virtualMachines: MachineObjects;
  readonly #facts: ObjectFacts[] = [];
  readonly #outdated = new Map<string, number>();

  constructor(scenery: Scenery, machines: TwinMachines) {
    this.scenery = scenery;
    this.machines = machines;
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
    const caller = processes.findIndex((process) => process.operation === operation);
    if (request === undefined) return;
    cells[cell.operations + operation] = this.keep(newFailover(request), thing.operation(operation));
    cells[cell.drivers + caller] = this.started(caller);
  }

  /** The state of a process that begins to drive its operation. */
  started(process: number): number {
    const { operation } = processes[process] as (typeof processes)[number];
    const request = orders[operation] as (typeof orders)[number];
    return this.drivers.numberOf(
      beginDriver(this.machines.failover, processes[process] as (typeof processes)[number], request),
    );
  }

  keep(object: KubeObject | undefined, versioned: Versioned): number {
    return this.objects.numberOf(object === undefined ? undefined : canonicalObject(object, versioned));
  }

  /** The number of a kept object after a request, the very same where nothing was done, and what was answered. */
  apply(
    number: number,
    request: KubeRequest,
    versioned: Versioned,
  ): { number: number; outcome: ReturnType<typeof applyRequest>['outcome'] } {
    const before = this.objects.valueOf(number);
    const { object, outcome } = applyRequest(before, request);
    return { number: object === before ? number : this.keep(object, versioned), outcome };
  }

  /** The state of a process once a thing has changed: what it has seen of it is an older version now. */
  outdated(driver: number, versioned: Versioned): number {
    if (driver <= ended) return driver;
    const key = `${driver} ${versioned}`;
    const known = this.#outdated.get(key);
    if (known !== undefined) return known;
    const text = canonicalText(this.drivers.valueOf(driver));
    const present = presentVersion(versioned);
    const later = text.includes(present)
      ? this.drivers.numberOf(JSON.parse(text.replaceAll(present, pastVersion(versioned))) as DriverState)
      : driver;
    this.#outdated.set(key, later);
    return later;
  }

  facts(number: number): ObjectFacts {
    return (this.#facts[number] ??= factsOf(this.objects.valueOf(number)));
  }
}

/** The names of the things that have versions. */
export const thing = {
  group: (site: number): Versioned => `ProtectionGroup ${sites[site]}`,
  lease: (site: number): Versioned => `Lease ${sites[site]}`,
  operation: (operation: number): Versioned => `Failover ${orders[operation]?.name}`,
  node: (site: number): Versioned => `Node ${sites[site]}`,
} as const;

/** What a changing request is for: the cell of the object, or the node of a site. */
export interface Place {
  readonly kind: 'group' | 'lease' | 'operation' | 'node';
  readonly site: number;
  readonly cell: number;
  readonly thing: Versioned;
}

export function placeOf(request: ApiRequest): Place {
  if (request.api !== 'kube') throw new Error('The product changes nothing in LINSTOR during a failover');
  const site = sites.indexOf(request.site);
  switch (request.resource.kind) {
    case 'ProtectionGroup':
      return { kind: 'group', site, cell: cell.groups + site, thing: thing.group(site) };
    case 'Lease':
      return { kind: 'lease', site, cell: cell.leases + site, thing: thing.lease(site) };
    case 'Failover': {
      const operation = orders.findIndex(({ target }) => target === request.site);
      return { kind: 'operation', site, cell: cell.operations + operation, thing: thing.operation(operation) };
    }
    case 'Node':
      return { kind: 'node', site, cell: cell.trouble, thing: thing.node(site) };
    default:
      throw new Error(`The small world does not expect a change of a ${request.resource.kind} by an operation`);
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
