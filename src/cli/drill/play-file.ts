import type { Json } from '../../model/json.ts';
import { CommandError } from '../command-error.ts';
import { textOfFile } from './file-text.ts';
import type { PlayedScenario, ReplayAnswer, ReplayOrder, ThreadMessage, ThreadOrder } from './messages.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { runThread } from './run-thread.ts';

/** How a scenario file is to be played. */
export interface PlaySettings extends Omit<ReplayOrder, 'document'> {
  readonly stop: AbortSignal;
  readonly bug?: PlantedBug;
}

/** Plays a scenario file. Throws an error that names what is wrong with it. */
export async function playFile(file: string, { stop, bug, ...order }: PlaySettings): Promise<PlayedScenario> {
  const answer = await ask(file, { kind: 'replay', document: await readDocument(file), ...order }, stop, bug);
  if (answer?.kind === 'played') return answer;
  if (answer?.kind !== 'noProperty')
    throw new CommandError(`${file} was not played to its end`, { exit: 'timedOut', remedy: `pgctl replay ${file}` });
  throw new CommandError(`There is no property ${order.until}`, {
    exit: 'usage',
    reason: `drills judge ${answer.ids.join(', ')}`,
    remedy: 'name one of them, as docs/drills.md lists them',
  });
}

/** Looks whether a file is a scenario. Throws an error that names what is wrong with it. */
export async function validateFile(file: string, stop: AbortSignal): Promise<void> {
  await ask(file, { kind: 'validate', document: await readDocument(file) }, stop);
}

async function ask(
  file: string,
  order: ThreadOrder,
  stop: AbortSignal,
  bug?: PlantedBug,
): Promise<Exclude<ReplayAnswer, { kind: 'problems' }> | undefined> {
  let answer: ReplayAnswer | undefined;
  await runThread(
    order,
    (message) => {
      if (isReplayAnswer(message)) answer = message;
    },
    stop,
    bug,
  );
  if (answer?.kind === 'problems') throw noScenario(file, answer.problems);
  return answer;
}

function isReplayAnswer(message: ThreadMessage): message is ReplayAnswer {
  return ['problems', 'noProperty', 'valid', 'played'].includes(message.kind);
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
  const text = textOfFile(file);
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
