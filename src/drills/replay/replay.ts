import type { JsonObject } from '../../model/json.ts';
import { type TraceHeader, TraceWriter } from '../../runtime/trace.ts';
import type { Violation } from '../record-keeper.ts';
import type { RunReport } from '../run.ts';
import { runJudged } from '../sweep/judged-run.ts';
import type { Tape } from '../tape.ts';
import { type ConcernedObject, objectsConcerned } from './objects-concerned.ts';
import { traceRun } from './run-trace.ts';

export interface ReplaySettings {
  /** Id of a property: the run ends where it breaks. */
  readonly until?: string;
  readonly trace?: {
    readonly header: Omit<TraceHeader, 'v' | 'kind'>;
    /** Called with each line of the trace, without its end. */
    readonly write: (line: string) => void;
  };
}

/** A property that broke, and the objects that it is about as they were at that moment. */
export interface BrokenScene {
  readonly violation: Violation;
  readonly objects: readonly ConcernedObject[];
}

export interface Replay {
  readonly report: RunReport;
  /** The first time that each property broke. */
  readonly scenes: readonly BrokenScene[];
  /** Of the trace, where one was asked for: the same for the same tape, to the last bit. */
  readonly traceDigest?: string;
}

/** Plays a tape once more, exactly, and looks closely: what every host does, and what is there where a property breaks. */
export function replayTape(tape: Tape, definitions: readonly JsonObject[], { until, trace }: ReplaySettings): Replay {
  const scenes: BrokenScene[] = [];
  const writer = trace && new TraceWriter(trace.header, trace.write);
  let wallAtEnd = 0;
  const report = runJudged(tape, definitions, undefined, (stage, keeper) => {
    keeper.onViolation = (violation) => {
      if (scenes.every((scene) => scene.violation.property !== violation.property))
        scenes.push({ violation, objects: objectsConcerned(stage, violation.what) });
    };
    if (writer !== undefined) traceRun(stage, keeper, writer);
    return () => {
      wallAtEnd = stage.twin.world.wall();
      return until !== undefined && scenes.some(({ violation }) => violation.property === until);
    };
  });
  const first = report.violations.find(({ property }) => until === undefined || property === until);
  writer?.add(wallAtEnd, 'drill', {
    kind: 'verdict',
    result: report.verdict,
    ...(first === undefined ? {} : { property: first.property, what: first.what }),
    marks: [...report.marks].toSorted(),
  });
  return { report, scenes, ...(writer === undefined ? {} : { traceDigest: writer.digest }) };
}
