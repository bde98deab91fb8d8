// What the charts of all operations have in common. States and guards keep their names in every one of them.

/** The first arrows of every state under the Leases: who has lost them stops, who cannot see them orders nothing. */
export const underLeases = [
  { guard: 'leaseIsLost', target: 'superseded', actions: 'concludeSuperseded' },
  { guard: 'leaseIsUnseen', actions: 'orderNothing' },
] as const;

/** What holds in every state: the Leases are kept for as long as the operation lasts. */
export const keepsLeases = {
  deadlinePassed: { guard: 'leaseRenewalIsDue', actions: ['renewLeases', 'scheduleLeaseRenewal'] },
} as const;

/**
 * The arrows out of the state in which an operation waits for its Leases: it goes on in the state in which its journal left
 * it, one of `resumable`, or begins in `first`.
 */
export function arrowsOfAcquiring<State extends string>(first: State, resumable: readonly State[]) {
  return {
    observed: [
      { guard: 'operationHasEnded', target: 'superseded', actions: 'concludeSuperseded' },
      { guard: 'cancelIsRequestedEarly', target: 'cancelled', actions: ['sightOperation', 'concludeCancelled'] },
      ...resumable.map(
        (state) =>
          ({ guard: { type: 'resumes', params: { in: state } }, target: state, actions: 'holdLeases' }) as const,
      ),
      { guard: 'mayBegin', target: first, actions: 'holdLeases' },
      { actions: ['sightOperation', 'sightLeases', 'takeNextLease'] },
    ],
    deadlinePassed: [
      { guard: 'leaseWaitIsOverAndTakenUp', target: 'superseded', actions: 'concludeHeld' },
      { guard: 'leaseWaitIsOver', target: 'refused', actions: 'concludeHeld' },
    ],
  } as const;
}

/** The states in which every operation may end, each of which lets go of the Leases; by what has become of it then. */
export function endsOf<Name extends string>(descriptions: Readonly<Record<Name, string>>) {
  const ends = {} as Record<Name, { type: 'final'; entry: 'releaseLeases'; description: string }>;
  for (const name in descriptions)
    ends[name] = { type: 'final', entry: 'releaseLeases', description: descriptions[name] };
  return ends;
}

/** The end of a process that has lost the operation to another: the Leases are not its own any more. */
export const superseded = {
  type: 'final',
  description: 'Another process drives the operation: this one does nothing more',
} as const;
