/* What was there before the first step of a recording. */

export interface RigNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly pools: readonly RigPool[];
  readonly layers: readonly string[];
  readonly online: boolean;
}

export interface RigPool {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A replica as an answer showed it. */
export interface SeenReplica {
  readonly node: string;
  readonly kind: 'diskful' | 'client' | 'tiebreaker';
  readonly pool: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
