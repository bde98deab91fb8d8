import { cell, type Cells, column } from './cells.ts';

/**
 * Brings the VMs of a state into one order: which of them is called the first makes no difference to anybody. All that there is
 * of a VM stands in its column, so that to sort the columns is to rename the VMs everywhere.
 */
export function sortMachines(cells: Cells): void {
  const { width } = column;
  for (let end = cell.columns + width; end < cells.length; end += width) {
    for (let begin = end; begin > cell.columns && isBefore(cells, begin, begin - width); begin -= width)
      swap(cells, begin, begin - width);
  }
}

function isBefore(cells: Cells, one: number, other: number): boolean {
  for (let index = 0; index < column.width; index++) {
    const difference = (cells[one + index] ?? 0) - (cells[other + index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function swap(cells: Cells, one: number, other: number): void {
  for (let index = 0; index < column.width; index++) {
    const kept = cells[one + index] ?? 0;
    cells[one + index] = cells[other + index] ?? 0;
    cells[other + index] = kept;
  }
}
