import type { TimelineEntry } from '../../drills/record-keeper.ts';

/** A run's history for people: seconds since its beginning, and what happened. */
export function timelineLines(timeline: readonly TimelineEntry[]): readonly string[] {
  return timeline.map(({ at, text }) => `${(at / 1_000).toFixed(3).padStart(9)}  ${text}`);
}
