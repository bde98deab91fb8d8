import { textAt } from '../../model/json.ts';
import type { KubeRequest } from '../../model/request.ts';
import { aheadIn, at, cell, type Cells, column, columnOf, executes, history, primaryIn, sites } from './cells.ts';
import type { Gathering } from './moves/move.ts';
import type { Place } from './places.ts';
import { processes } from './processes.ts';
import { orders } from './scenery.ts';
import type { SmallWorld } from './small-world.ts';

/** The properties of `properties/catalogue.ts` that are judged at every move of the small world. */
export const judged: readonly string[] = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S8',
  'S10',
  'S11',
  'S12',
  'S20',
  'S21',
  'S22',
  'S25',
];

/** What a state breaks by itself, with a sentence; undefined: nothing. */
export function judgeState(
  world: SmallWorld,
  cells: Cells,
): { readonly property: string; readonly what: string } | undefined {
  for (let index = 0; index < virtualMachinesIn(cells); index++) {
    if (primaryIn(at(cells, columnOf(index) + column.guests)) === 3)
      return { property: 'S1', what: `the volume of VM ${index + 1} is Primary and open for writing on both sites` };
    if (executes(cells, index, 0) && executes(cells, index, 1))
      return { property: 'S2', what: `VM ${index + 1} executes on both sites` };
  }
  if (world.facts(at(cells, cell.groups)).wantsToRun && world.facts(at(cells, cell.groups + 1)).wantsToRun)
    return { property: 'S11', what: `${sites[0]} and ${sites[1]} are told to run the group` };
  return undefined;
}

/** A request of an operation that has changed something: by whom, what it was for, and the objects' numbers. */
export interface Change {
  readonly place: Place;
  readonly request: KubeRequest;
  readonly before: number;
  readonly after: number;
}

/** Judges a changing request of an operation at the moment at which it arrives, and notes in `next` who orders under an epoch. */
export function judgeOrder(to: Gathering, world: SmallWorld, process: number, change: Change, next: Cells): void {
  const { place, request } = change;
  if (place.kind !== 'group' && place.kind !== 'node') return;
  const { name, operation } = processes[process] as (typeof processes)[number];
  const journal = world.facts(at(to.from, cell.operations + operation));
  // What is on its way when its sender stalls nobody can call back; the version that it carries bounds what it may do.
  const isLate = (at(to.from, cell.history) & history.stalled(process)) !== 0;
  if (!isLate && (!ordering.has(journal.state) || journal.holder !== process)) {
    const holder = processes[journal.holder]?.name ?? 'nobody';
    to.breaks(
      'S10',
      `${name} changes a ${request.resource.kind} while the journal says ${journal.state}, held by ${holder}`,
    );
  }
  if (place.kind === 'node') judgeNode(to, request);
  else judgeGroup(to, world, process, change, next);
}

export function virtualMachinesIn(cells: Cells): number {
  return (cells.length - cell.columns) / column.width;
}

/** The states in which an operation changes groups and nodes. */
const ordering: ReadonlySet<string> = new Set([
  'stoppingSource',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'rollingBack',
]);

function judgeNode(to: Gathering, request: KubeRequest): void {
  const paths = (request.body as readonly unknown[]).flatMap((step) => textAt(step, 'path') ?? []);
  const others = paths.filter((path) => path !== '/metadata/resourceVersion' && path !== '/spec/taints');
  if (others.length > 0) to.breaks('S12', `${request.name} is changed in ${others.join(', ')}`);
}

function judgeGroup(
  to: Gathering,
  world: SmallWorld,
  process: number,
  { place, before, after }: Change,
  next: Cells,
): void {
  const { name, operation } = processes[process] as (typeof processes)[number];
  const [was, is] = [world.facts(before), world.facts(after)];
  if (is.epoch < was.epoch) to.breaks('S8', `the epoch on ${sites[place.site]} falls from ${was.epoch} to ${is.epoch}`);
  if (is.epoch > 0 && is.epoch <= history.epochs) {
    const owner = history.ownerOf(next, is.epoch);
    if (owner === 0) next[cell.history] = at(next, cell.history) | history.owner(is.epoch, operation);
    else if (owner !== operation + 1)
      to.breaks(
        'S8',
        `${orders[operation]?.name} orders under epoch ${is.epoch}, which is ${orders[owner - 1]?.name}'s`,
      );
  }
  if (!is.wantsToRun) return;
  const there = 1 - place.site;
  for (let index = 0; index < virtualMachinesIn(to.from); index++) {
    const guests = at(to.from, columnOf(index) + column.guests);
    if ((aheadIn(guests) & (1 << there)) !== 0)
      to.breaks('S4', `${name} starts ${sites[place.site]}, which lacks writes of VM ${index + 1}`);
    if (executes(to.from, index, there))
      to.breaks('S20', `${name} starts ${sites[place.site]} while VM ${index + 1} executes on ${sites[there]}`);
    else if ((primaryIn(guests) & (1 << there)) !== 0)
      to.breaks(
        'S20',
        `${name} starts ${sites[place.site]} while the volume of VM ${index + 1} is Primary on ${sites[there]}`,
      );
  }
}
