import type { Json, JsonObject } from '../../src/model/json.ts';

/** A step of a recording that the world did otherwise. */
export interface Miss {
  /** Which step: its place and what it was. */
  readonly step: string;
  /** What the step is about without names of this recording, `GET /v1/nodes/{}`: a listed difference names it. */
  readonly rule: string;
  readonly recorded: string;
  readonly world: string;
}

export interface Played {
  /** Steps that were compared. */
  readonly total: number;
  /** At most one for each step, in order. */
  readonly misses: readonly Miss[];
}

/** Plays recordings of one kind. Throws an Error that says what is wrong with a recording that is none. */
export interface Player {
  /** Files of this kind, by their path below the folder of recordings. */
  readonly files: RegExp;
  play(recording: Json, around: Surroundings): Played;
}

export interface Surroundings {
  /** The recordings of the same folder, for what this one does not say about the rig. */
  siblings(): readonly Json[];
  /** KubeVirt's own CustomResourceDefinitions, where they are at hand; the world's where they are not. */
  definitions(): readonly JsonObject[];
}
