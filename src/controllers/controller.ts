/** What a controller's process runs. It follows its clusters from the start, and works while it is the leader. */
export interface Controller {
  /** Why it is not ready to work; empty when it is. */
  readonly trouble: readonly string[];
  /** How many objects are due and wait for their turn. */
  readonly queueDepth: number;
  /** Begins to follow the clusters; resolves when it knows what there is, or why it does not. */
  follow(): Promise<void>;
  /** Works until the signal; resolves when what was under way has ended. */
  work(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
