import type { JsonObject } from '../../model/json.ts';
import type { PlayedScenario } from './messages.ts';
import { timelineLines } from './timeline-lines.ts';

interface Shown {
  readonly differences: readonly string[];
  /** The first line of the timeline to show, counted from 1. */
  readonly from: number;
  readonly trace: string | undefined;
}

/** What a person is shown of a scenario that was played once more. */
export async function replayLines(
  { scenario, report, scenes, traceDigest }: PlayedScenario,
  { differences, from, trace }: Shown,
): Promise<readonly string[]> {
  const { verdict, digest, timeline } = report;
  const width = String(timeline.length).length;
  const numbered = timelineLines(timeline).map((line, index) => `${String(index + 1).padStart(width)} ${line}`);
  const broken = await Promise.all(scenes.map(sceneLines));
  const result = differences.length === 0 ? '✓ as expected' : `✗ not as expected: ${differences.join('; ')}`;
  return [
    scenario.about,
    ...numbered.slice(from - 1),
    ...broken.flat(),
    ...(trace === undefined ? [] : [`  trace: ${trace} (digest ${traceDigest})`]),
    `${result} (verdict ${verdict}, digest ${digest})`,
  ];
}

/** The property in words, and a line of YAML for each object. */
async function sceneLines({ violation, name, says, objects }: PlayedScenario['scenes'][number]): Promise<string[]> {
  const { stringify } = await import('yaml');
  const flat = (state: JsonObject): string =>
    stringify(state, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();
  return [
    `✗ ${violation.property} is broken after ${(violation.at / 1_000).toFixed(3)} s: ${violation.what}`,
    `  ${name}: ${says}`,
    ...objects.map((object) => `    ${object.name}: ${flat(object.state)}`),
  ];
}
