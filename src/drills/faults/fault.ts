import { type Fields, knob, type Knob, type Need, on } from './knob.ts';

/** Something that may go wrong, in the world, in the product's processes or by a person's hand. */
export interface Fault {
  /** As `A10`: a letter for the family, and a number. */
  readonly id: string;
  readonly name: string;
  /** What it does in the world, in one sentence. */
  readonly says: string;
  readonly reach: Reached | NotReached;
}

/** How a tape brings a fault about. */
export interface Reached {
  readonly knob: Knob;
  /** Why the swarm does not draw it; it draws the others. */
  readonly notDrawn?: string;
}

/** Why no run can meet it yet. */
export interface NotReached {
  readonly notYet: string;
}

/** One family of faults, under one heading. */
export interface FaultFamily {
  readonly letter: string;
  readonly title: string;
  readonly faults: readonly Fault[];
}

/** A fault that runs can meet. */
export type ReachedFault = Fault & { readonly reach: Reached };

export function isReached(fault: Fault): fault is ReachedFault {
  return 'knob' in fault.reach;
}

/** A fault that these items bring about together. */
export function reached(id: string, name: string, says: string, ...items: readonly Fields[]): ReachedFault {
  return { id, name, says, reach: { knob: knob(...items) } };
}

/** The same, on a stage that has what it needs. */
export function needing(needs: Need, fault: ReachedFault): ReachedFault {
  return { ...fault, reach: { ...fault.reach, knob: on(needs, fault.reach.knob) } };
}

/** The same, in scenario files only. */
export function onlyInScenarios(fault: ReachedFault, notDrawn: string): ReachedFault {
  return { ...fault, reach: { ...fault.reach, notDrawn } };
}

export function notReached(id: string, name: string, says: string, notYet: string): Fault {
  return { id, name, says, reach: { notYet } };
}

/** The file in which it fires: `A10 AppliedAndLost` in `scenarios/faults/a10-applied-and-lost.yaml`. */
export function scenarioFileOf({ id, name }: Fault): string {
  const words = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-');
  return `scenarios/faults/${id}-${words}.yaml`.toLowerCase();
}

/** The mark of a run in which it has fired. */
export function markOf({ id }: Fault): string {
  return `fault ${id}`;
}
