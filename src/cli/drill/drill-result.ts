import type { CoverageCounts } from '../../drills/coverage/coverage-tally.ts';
import type { Scenario } from '../../drills/scenario.ts';
import type { VerdictCounts } from '../../drills/verdict-tally.ts';
import { at, isJsonObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt } from '../../model/json.ts';
import { CommandError } from '../command-error.ts';
import { textOfFile } from './file-text.ts';
import { type PlayedDrill, program } from './drill-document.ts';

/** Reads a result that `pgctl drill -o json` has written. Throws an error that says why a file is none, or cannot be used. */
export function readDrillResult(file: string): PlayedDrill {
  const document = documentOf(file);
  const parts = listAt(document, 'parts', 'played').filter((part) => typeof part === 'number');
  const count = numberAt(document, 'parts', 'of');
  const seed = numberAt(document, 'seed');
  const digest = textAt(document, 'digest') ?? '';
  const coverage = objectAt(document, 'coverage', 'counts');
  if (
    textAt(document, 'kind') !== 'drill' ||
    seed === undefined ||
    count === undefined ||
    parts.length === 0 ||
    !/^[0-9a-f]{16}$/.test(digest) ||
    !isJsonObject(at(coverage, 'classes'))
  )
    throw notADrill(file, 'it is not what pgctl drill -o json writes');
  const made = textAt(document, 'program');
  if (made !== program)
    throw new CommandError(`${file} is of another release`, {
      exit: 'usage',
      reason: `${made ?? 'an unnamed program'} has played it, this is ${program}: the same seed may mean other runs`,
      remedy: 'play all parts with one release',
    });
  return {
    seed,
    total: numberAt(document, 'total'),
    shard: { index: (parts[0] ?? 1) - 1, count },
    joined: parts,
    seconds: numberAt(document, 'seconds') ?? 0,
    full: false,
    counts: {
      runs: numberAt(document, 'runs') ?? 0,
      passed: numberAt(document, 'passed') ?? 0,
      failed: numberAt(document, 'failed') ?? 0,
      unknown: numberAt(document, 'unknown') ?? 0,
      simulated: Math.round((numberAt(document, 'simulatedSeconds') ?? 0) * 1_000),
      digest,
      properties: objectAt(document, 'properties') as unknown as Readonly<Record<string, VerdictCounts>>,
      coverage: coverage as unknown as CoverageCounts,
      failures: listAt(document, 'failures').map(failureOf),
    },
    files: new Map(),
  };
}

function failureOf(failure: Json): PlayedDrill['counts']['failures'][number] {
  const scenario = at(failure, 'scenario');
  return {
    run: numberAt(failure, 'run') ?? -1,
    violation: { property: textAt(failure, 'property') ?? '', what: textAt(failure, 'what') ?? '' },
    ...(isJsonObject(scenario) ? { scenario: scenario as unknown as Scenario } : {}),
  };
}

function documentOf(file: string): JsonObject {
  const text = textOfFile(file);
  try {
    const document = JSON.parse(text) as Json;
    if (isJsonObject(document)) return document;
  } catch (error) {
    throw notADrill(file, (error as Error).message);
  }
  throw notADrill(file, 'it is JSON, and no object');
}

function notADrill(file: string, reason: string): CommandError {
  return new CommandError(`${file} is no result of a drill`, {
    exit: 'usage',
    reason,
    remedy: 'write one with: pgctl drill --shard 1/2 -o json > part-1.json',
  });
}
