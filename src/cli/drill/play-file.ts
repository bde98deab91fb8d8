import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../model/json.ts';
import { CommandError } from '../command-error.ts';
import type { ReplayAnswer } from './messages.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { runThread } from './run-thread.ts';

/** Plays a scenario file, or with no definitions only looks whether it is one. Throws an error that names what is wrong with it. */
export async function playFile(
  file: string,
  definitions: readonly JsonObject[] | undefined,
  stop: AbortSignal,
  bug?: PlantedBug,
): Promise<Exclude<ReplayAnswer, { kind: 'problems' }> | undefined> {
  const document = await readDocument(file);
  let answer: ReplayAnswer | undefined;
  const order =
    definitions === undefined
      ? ({ kind: 'validate', document } as const)
      : ({ kind: 'replay', document, definitions } as const);
  await runThread(
    order,
    (message) => {
      if (message.kind === 'problems' || message.kind === 'valid' || message.kind === 'played') answer = message;
    },
    stop,
    bug,
  );
  if (answer?.kind === 'problems') throw noScenario(file, answer.problems);
  return answer;
}

/** Says what is wrong with a file that is no scenario. */
export function noScenario(file: string, problems: readonly string[]): CommandError {
  return new CommandError(`${file} is no scenario`, {
    exit: 'usage',
    reason: problems.join('; '),
    remedy: 'see docs/drills.md for the format',
  });
}

/** The document of a YAML or JSON file. Throws an error that names what is wrong with it. */
export async function readDocument(file: string): Promise<Json> {
  const { parse } = await import('yaml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read`, {
      exit: 'usage',
      reason: (error as Error).message,
      remedy: 'check the path',
    });
  }
  try {
    return parse(text) as Json;
  } catch (error) {
    throw new CommandError(`${file} is neither YAML nor JSON`, {
      exit: 'usage',
      reason: (error as Error).message,
      remedy: 'mend the line that it names',
    });
  }
}
