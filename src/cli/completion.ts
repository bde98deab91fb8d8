import { second } from '../model/instant.ts';
import { listAt, textAt } from '../model/json.ts';
import type { Settings } from '../model/settings.ts';
import { catalogue } from './catalogue.ts';
import { type Argument, type ArgumentTable, longOf, type Suggestion } from './command.ts';
import { entryOfWords } from './command-line.ts';
import { loadSettings } from './config-folder.ts';
import type { CommandContext } from './context.ts';

// A person who has pressed Tab waits no longer for a cluster.
const patience = 2 * second;

/** Candidates for the last of the words typed so far. Never fails: a shell gets no candidates where none can be found. */
export async function candidatesFor(words: readonly string[], context: CommandContext): Promise<readonly string[]> {
  const typed = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const entry = entryOfWords(typed);
  const candidates =
    entry === undefined
      ? nextWords(typed)
      : await argumentCandidates(entry.path, (await entry.load()).args, typed, last, context);
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
  path: readonly string[],
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
  const next = all.filter((argument) => argument.kind === 'positional')[positionalsTyped(path, typed, all)];
  return next === undefined ? options : valuesOf(next, context);
}

/** How many of the words stand for positionals: all behind the command's own that are no options and no option's value. */
function positionalsTyped(
  path: readonly string[],
  typed: readonly string[],
  all: readonly Argument<unknown>[],
): number {
  const takesValue = all.filter((argument) => argument.kind === 'option').flatMap(namesOf);
  const words = typed.filter(
    (word, index) =>
      !word.startsWith('-') && !takesValue.includes(typed[index - 1] ?? '') && typed[index - 1] !== '--config-dir',
  );
  return words.length - path.length;
}

function namesOf(argument: Argument<unknown>): readonly string[] {
  return argument.flags.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

async function valuesOf(argument: Argument<unknown>, context: CommandContext): Promise<readonly string[]> {
  if (argument.values !== undefined) return argument.values;
  if (argument.suggest === undefined) return [];
  const silent = { ...context, verbose: false, stderr: { ...context.stderr, write: () => undefined } };
  return suggestions[argument.suggest](silent).catch(() => []);
}

const suggestions: Readonly<Record<Suggestion, (context: CommandContext) => Promise<readonly string[]>>> = {
  files: async () => [':files'],
  clusters: async (context) => (await loadSettings(context)).clusters.map((cluster) => cluster.name),
  protectionGroups: async (context) => groupNames(await loadSettings(context), context),
};

/** Names of the groups in the default namespace of whichever clusters answer soon. */
async function groupNames(settings: Settings, context: CommandContext): Promise<readonly string[]> {
  const [{ openDriver }, { resources }] = await Promise.all([import('./sites.ts'), import('../model/kube.ts')]);
  const driver = await openDriver(settings, context);
  const done = new AbortController();
  try {
    const sites = settings.clusters.filter((cluster) => cluster.role !== 'quorum').map((cluster) => cluster.name);
    const tooLate = context.clock.sleepUntil(context.clock.now() + patience, done.signal).then(() => undefined);
    const lists = await Promise.all(
      sites.map((site) => {
        const namespace = settings.defaultNamespace;
        const list = { api: 'kube', site, verb: 'list', resource: resources.protectionGroup, namespace } as const;
        return Promise.race([driver.perform(list), tooLate]);
      }),
    );
    const objects = lists.flatMap((outcome) => (outcome?.kind === 'applied' ? listAt(outcome.body, 'items') : []));
    return objects.flatMap((object) => textAt(object, 'metadata', 'name') ?? []);
  } finally {
    done.abort();
    await driver.close();
  }
}
