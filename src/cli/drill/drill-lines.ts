import type { VerdictCounts } from '../../drills/verdict-tally.ts';
import { coverageLines } from './coverage-text.ts';
import { missingParts, type PlayedDrill, unreachedBy } from './drill-document.ts';
import { timelineLines } from './timeline-lines.ts';

/** What a person is shown of a drill: each failure with its history, and the sum. */
export function drillLines(drill: PlayedDrill): readonly string[] {
  return [...failureLines(drill), ...summaryLines(drill)];
}

function failureLines({ counts, files }: PlayedDrill): readonly string[] {
  const untold = counts.failed - counts.failures.length;
  const lines = counts.failures.flatMap(({ run, violation, scenario, timeline = [] }) => [
    `✗ Run ${run} breaks ${violation.property}: ${violation.what}`,
    ...timelineLines(timeline).map((line) => `    ${line}`),
    ...(files.has(run) ? [`  ${itemsOf(scenario?.items.length)}again: pgctl replay ${files.get(run)}`] : []),
  ]);
  return untold > 0 ? [...lines, `✗ ${untold} more runs failed`] : lines;
}

function itemsOf(count: number | undefined): string {
  return count === undefined ? '' : `${count} items; `;
}

function summaryLines(drill: PlayedDrill): readonly string[] {
  const { seed, seconds, counts } = drill;
  const { runs, failed, unknown, properties, coverage, simulated, digest } = counts;
  const missing = missingParts(drill);
  const verdict =
    failed > 0
      ? `✗ ${failed} of ${runs} runs failed`
      : unknown > 0
        ? `⚠ ${unknown} of ${runs} runs were cut off; the others passed`
        : `✓ ${runs} runs passed`;
  const hours = (simulated / 3_600_000).toFixed(0);
  return [
    `${verdict} (seed ${seed}, ${(runs / seconds).toFixed(1)} a second, ${hours} h of simulated time)`,
    ...(missing.length === 0
      ? []
      : [`⚠ Missing: ${missing.map((part) => `part ${part}/${drill.shard.count}`).join(', ')}`]),
    ...idleLines(properties),
    ...coverageLines(coverage),
    ...unreachedBy(drill).map((mark) => `✗ Never reached: ${mark}`),
    `  digest ${digest}`,
  ];
}

/** Properties that have judged nothing say nothing. */
function idleLines(properties: Readonly<Record<string, VerdictCounts>>): readonly string[] {
  const idle = Object.entries(properties).filter(([, { pass, fail }]) => pass + fail === 0);
  return idle.length === 0 ? [] : [`  nothing to judge for ${idle.map(([id]) => id).join(', ')}`];
}
