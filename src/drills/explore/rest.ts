import { at, cell, type Cells, column, columnOf, executes, sites, stage, stageIn } from './cells.ts';
import { virtualMachinesIn } from './safety.ts';
import { orders } from './scenery.ts';
import { nothing, type SmallWorld } from './small-world.ts';

/** True when nobody has to end an operation any more. */
export function hasEnded(world: SmallWorld, cells: Cells): boolean {
  return orders.every((_order, operation) => !world.facts(at(cells, cell.operations + operation)).unfinished);
}

/** What a state at rest has come to: how each operation ended, and where the VMs execute. */
export function classOfRest(world: SmallWorld, cells: Cells): string {
  const ends = orders.flatMap(({ name }, operation) => {
    const number = at(cells, cell.operations + operation);
    return number === nothing ? [] : [`${name} ${world.facts(number).phase}`];
  });
  const places = sites.slice(0, 2).map((site, number) => {
    const count = countOf(cells, (index) => executes(cells, index, number));
    return count === 0 ? undefined : `${count === virtualMachinesIn(cells) ? 'all' : count} on ${site}`;
  });
  const told = [0, 1]
    .filter((site) => world.facts(at(cells, cell.groups + site)).wantsToRun)
    .map((site) => sites[site]);
  const orderIs = told.length === 0 ? 'no site is told to run' : `${told.join(' and ')} told to run`;
  return `${ends.join(', ')}; ${places.filter((place) => place !== undefined).join(', ') || 'no VM executes'}; ${orderIs}`;
}

/** What is wrong with a state at rest, in a sentence: each site does what its group is told to do. */
export function judgeRest(world: SmallWorld, cells: Cells): string | undefined {
  for (const site of [0, 1]) {
    const isToRun = world.facts(at(cells, cell.groups + site)).wantsToRun;
    for (let index = 0; index < virtualMachinesIn(cells); index++) {
      const now = stageIn(at(cells, columnOf(index) + column.guests), site);
      if (now !== (isToRun ? stage.executing : stage.off))
        return `all is at rest, the group on ${sites[site]} is told to be ${isToRun ? 'running' : 'stopped'}, and VM ${index + 1} is not`;
    }
  }
  return undefined;
}

function countOf(cells: Cells, holds: (virtualMachine: number) => boolean): number {
  let count = 0;
  for (let index = 0; index < virtualMachinesIn(cells); index++) if (holds(index)) count++;
  return count;
}
