/** What is searched, and how far. */
export interface ExploreSettings {
  /** VMs of the group. */
  readonly virtualMachines: number;
  readonly budgets: Budgets;
  readonly limits: Limits;
}

/** How often something may happen on one way through the world. What mends itself and what every process does is not counted. */
export interface Budgets {
  /** Things that break: a site, LINSTOR, the link, a node, a taint that appears, a request that gets lost, a process that stalls. */
  readonly faults: number;
  /** Processes that die. */
  readonly crashes: number;
  /** Things that a person does after the first order: give an operation up, order the way back. */
  readonly acts: number;
}

/** Where the search is cut off. */
export interface Limits {
  readonly depth: number;
  readonly states: number;
}

/** Ends in well under a minute on an ordinary machine. */
export const defaultSettings: ExploreSettings = {
  virtualMachines: 1,
  budgets: { faults: 1, crashes: 1, acts: 0 },
  limits: { depth: 1_000, states: 1_000_000 },
};

/** The most that the cells of a state can count to. */
export const mostOf = { virtualMachines: 3, faults: 15, crashes: 15, acts: 15 } as const;
