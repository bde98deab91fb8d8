import type { TapeItem } from '../tape.ts';

/** The ways in which a run is disturbed, in the order in which they are told. */
export const planKinds = ['diesBefore', 'diesAfter', 'answerLost', 'requestLost', 'stale', 'hidden'] as const;

export type PlanKind = (typeof planKinds)[number];

/** One disturbance of a reference run. */
export interface Plan {
  readonly kind: PlanKind;
  /** Whom it hits, at what: for people. */
  readonly about: string;
  readonly item: TapeItem;
}
