import { writeFileSync } from 'node:fs';
import { properties } from '../../drills/properties/catalogue.ts';
import { replayTape } from '../../drills/replay/replay.ts';
import { parseScenario } from '../../drills/scenario-file.ts';
import { tapeOfScenario } from '../../drills/scenario.ts';
import { crashEquivalence } from '../../drills/sweep/crash-equivalence.ts';
import type { Json } from '../../model/json.ts';
import type { ReplayAnswer, ReplayOrder } from './messages.ts';

const judged = [...properties, crashEquivalence];

/** Says whether a document is a scenario. */
export function validate(document: Json): ReplayAnswer {
  const parsed = parseScenario(document);
  return parsed.kind === 'problems' ? parsed : { kind: 'valid' };
}

/** Plays a scenario once more, and writes its trace where one is asked for. */
export function replay({ definitions, document, until, trace }: ReplayOrder): ReplayAnswer {
  const parsed = parseScenario(document);
  if (parsed.kind === 'problems') return parsed;
  const ids = judged.map(({ id }) => id);
  if (until !== undefined && !ids.includes(until)) return { kind: 'noProperty', ids };
  const { scenario } = parsed;
  const tape = tapeOfScenario(scenario);
  const lines: string[] = [];
  const { report, scenes, traceDigest } = replayTape(tape, definitions, {
    ...(until === undefined ? {} : { until }),
    ...(trace === undefined
      ? {}
      : {
          trace: {
            header: { program: trace.program, seed: tape.seed, scenario: scenario.about },
            write: (line: string) => lines.push(line),
          },
        }),
  });
  if (trace !== undefined) writeFileSync(trace.file, `${lines.join('\n')}\n`);
  return {
    kind: 'played',
    scenario,
    report,
    scenes: scenes.map((scene) => ({ ...scene, ...wordsOf(scene.violation.property) })),
    ...(traceDigest === undefined ? {} : { traceDigest }),
  };
}

function wordsOf(id: string): { readonly name: string; readonly says: string } {
  const found = judged.find((property) => property.id === id);
  if (found === undefined) throw new Error(`${id} is broken, and no property has that id`);
  return { name: found.name, says: found.says };
}
