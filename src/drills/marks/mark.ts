import type { Stage } from '../stage.ts';

/** Who is to reach a mark. */
export type Reach =
  /** A full set of random runs, which fails where it does not. */
  | 'random'
  /** The scenario files: for the swarm it is too rare, or left out on purpose. */
  | 'scenarios'
  /** The sweep, which hits every effect and every look. */
  | 'sweep'
  /** Nobody so far: why. */
  | { readonly notYet: string };

/** Something that has to happen somewhere for the drills to be worth something, said before anything runs. */
export interface Mark {
  readonly id: string;
  readonly says: string;
  readonly reach: Reach;
}

/** Marks that are told apart in the same way, and who watches for them. */
export interface MarkFamily {
  readonly title: string;
  readonly marks: readonly Mark[];
  /** Absent where something else marks them. */
  readonly watch?: (stage: Stage, mark: (id: string) => void) => void;
}
