import { isJsonObject, numberAt, objectAt, textAt } from '../../model/json.ts';
import { type Budgets, mostOf } from './settings.ts';

/** A way to break a property, as plain data: what its file holds. */
export interface Counterexample {
  readonly property: string;
  readonly what: string;
  readonly virtualMachines: number;
  readonly budgets: Budgets;
  /** One line a choice, from the beginning on. */
  readonly choices: readonly string[];
}

/** Reads a counterexample from the document of its file, or says what is wrong with that. */
export function parseCounterexample(document: unknown): Counterexample | string {
  const property = textAt(document, 'property');
  if (!isJsonObject(document) || property === undefined) return 'it names no property';
  const virtualMachines = numberAt(document, 'virtualMachines') ?? 0;
  if (!isCount(virtualMachines, mostOf.virtualMachines) || virtualMachines < 1)
    return `virtualMachines is to be from 1 to ${mostOf.virtualMachines}`;
  const given = objectAt(document, 'budgets');
  const budgets: Budgets = {
    faults: numberOf(given.faults),
    crashes: numberOf(given.crashes),
    acts: numberOf(given.acts),
  };
  const wrong = (['faults', 'crashes', 'acts'] as const).find((name) => !isCount(budgets[name], mostOf[name]));
  if (wrong !== undefined) return `budgets.${wrong} is to be from 0 to ${mostOf[wrong]}`;
  const { choices } = document;
  if (!Array.isArray(choices) || choices.some((choice) => typeof choice !== 'string'))
    return 'choices is to be a list of lines';
  return { property, what: textAt(document, 'what') ?? '', virtualMachines, budgets, choices: choices as string[] };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : -1;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
