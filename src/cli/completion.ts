import { catalogue } from './catalogue.ts';
import { type Argument, type ArgumentTable, longOf, type Suggestion } from './command.ts';
import { entryOfWords } from './command-line.ts';
import { loadSettings } from './config-folder.ts';
import type { CommandContext } from './context.ts';

/** Candidates for the last of the words typed so far. Never fails: a shell gets no candidates where none can be found. */
export async function candidatesFor(words: readonly string[], context: CommandContext): Promise<readonly string[]> {
  const typed = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const entry = entryOfWords(typed);
  const candidates =
    entry === undefined ? nextWords(typed) : await argumentCandidates((await entry.load()).args, typed, last, context);
  return [...new Set(candidates)].filter((candidate) => candidate === ':files' || candidate.startsWith(last));
}

function nextWords(typed: readonly string[]): readonly string[] {
  const path = typed.filter((word) => !word.startsWith('-') && word !== 'help');
  const fitting = catalogue.filter(
    (entry) => entry.hidden !== true && path.every((word, index) => entry.path[index] === word),
  );
  return fitting.flatMap((entry) => entry.path[path.length] ?? []);
}

async function argumentCandidates(
  table: ArgumentTable,
  typed: readonly string[],
  last: string,
  context: CommandContext,
): Promise<readonly string[]> {
  const all = Object.values(table);
  const awaitingValue = all.find(
    (argument) => argument.kind === 'option' && namesOf(argument).includes(typed.at(-1) ?? ''),
  );
  if (awaitingValue !== undefined) return valuesOf(awaitingValue, context);
  const options = all
    .filter((argument) => argument.kind !== 'positional')
    .filter((argument) => argument.repeated || !namesOf(argument).some((name) => typed.includes(name)))
    .map((argument) => longOf(argument.flags));
  if (last.startsWith('-')) return options;
  const [next] = all.filter((argument) => argument.kind === 'positional');
  return next === undefined ? options : valuesOf(next, context);
}

function namesOf(argument: Argument<unknown>): readonly string[] {
  return argument.flags.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

async function valuesOf(argument: Argument<unknown>, context: CommandContext): Promise<readonly string[]> {
  if (argument.values !== undefined) return argument.values;
  return argument.suggest === undefined ? [] : suggestions[argument.suggest](context);
}

const suggestions: Readonly<Record<Suggestion, (context: CommandContext) => Promise<readonly string[]>>> = {
  files: async () => [':files'],
  clusters: async (context) => {
    const silent = { ...context, stderr: { ...context.stderr, write: () => undefined } };
    return loadSettings(silent).then(
      (settings) => settings.clusters.map((cluster) => cluster.name),
      () => [],
    );
  },
  protectionGroups: async () => [],
};
