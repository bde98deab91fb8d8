import type { CatalogueEntry } from './catalogue.ts';
import { isPathOf } from './command-line.ts';
import type { Argument, ArgumentTable, RawValue } from './command.ts';
import type { GlobalOptions } from './process-context.ts';

/** What a command line gives: the arguments of the command by their names, and the options that every command has. */
export interface PlainWords {
  readonly values: Readonly<Record<string, RawValue>>;
  readonly globals: GlobalOptions;
}

/**
 * Reads the words that call a command as they are usually written: options in full or by their letter, their
 * values behind them as words of their own. Undefined for everything else, also for mistakes and for a cry for help: then
 * commander has the word, whose loading and set-up takes as long as a tenth of the whole program's. What is read is what
 * commander reads (a property of its test).
 */
export function readPlainWords(
  words: readonly string[],
  entry: CatalogueEntry,
  args: ArgumentTable,
): PlainWords | undefined {
  const given = sortOut(words, entry, optionsOf(args));
  if (given === undefined) return undefined;
  const { options, places } = given;
  const names = Object.keys(args).filter((name) => args[name]?.kind === 'positional');
  if (places.length > names.length || names.some((name) => args[name]?.repeated)) return undefined;
  const values: Record<string, RawValue> = {};
  for (const [name, argument] of Object.entries(args)) {
    const value = argument.kind === 'positional' ? places[names.indexOf(name)] : options.get(name);
    if (value === undefined && argument.required) return undefined;
    values[name] = value;
  }
  const configDir = options.get(configDirOption);
  return {
    values,
    globals: { ...(typeof configDir === 'string' && { configDir }), verbose: options.has(verboseOption) },
  };
}

const configDirOption = '--config-dir';
const verboseOption = '--verbose';

interface Switch {
  readonly name: string;
  readonly takesValue: boolean;
}

/** Each option under each of its spellings. Only what commander has no ways of its own for. */
function optionsOf(args: ArgumentTable): ReadonlyMap<string, Switch> {
  const options = new Map<string, Switch>([
    [configDirOption, { name: configDirOption, takesValue: true }],
    [verboseOption, { name: verboseOption, takesValue: false }],
  ]);
  for (const [name, argument] of Object.entries(args)) {
    if (isPlain(argument))
      for (const flag of spellings(argument)) options.set(flag, { name, takesValue: argument.kind === 'option' });
  }
  return options;
}

function isPlain({ kind, flags, repeated }: Argument<unknown>): boolean {
  return kind !== 'positional' && !repeated && !flags.includes('--no-');
}

/** `-n` and `--namespace` of `-n, --namespace NAMESPACE`. */
function spellings({ flags }: Argument<unknown>): readonly string[] {
  return flags
    .split(' ')
    .filter((part) => part.startsWith('-'))
    .map((part) => part.replace(',', ''));
}

function sortOut(words: readonly string[], entry: CatalogueEntry, known: ReadonlyMap<string, Switch>) {
  const options = new Map<string, string | true>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const option = known.get(word);
    if (option === undefined) {
      if (word === '' || word.startsWith('-')) return undefined;
      rest.push(word);
      continue;
    }
    // Before the words of the command only the options that every command has.
    if (rest.length < entry.path.length && option.name !== word) return undefined;
    if (option.takesValue) index += 1;
    const value = option.takesValue ? words[index] : true;
    if (value === undefined || value === '' || (value !== true && value.startsWith('-'))) return undefined;
    options.set(option.name, value);
  }
  const called = rest.slice(0, entry.path.length);
  return isPathOf(entry, called) ? { options, places: rest.slice(entry.path.length) } : undefined;
}
