import { type CatalogueEntry, catalogue } from './catalogue.ts';

const globalOptionsWithValue = ['--config-dir'];

/**
 * The command that these words call, or undefined when they only name a group or nothing known. The longest name counts:
 * `drill` is a command, and so is `drill mutants`.
 */
export function entryOfWords(words: readonly string[]): CatalogueEntry | undefined {
  const path: string[] = [];
  let found: CatalogueEntry | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') break;
    if (globalOptionsWithValue.includes(word)) index += 1;
    if (word.startsWith('-')) continue;
    path.push(word);
    found = catalogue.find((entry) => isPathOf(entry, path)) ?? found;
    if (!catalogue.some((entry) => entry.path.length > path.length && entry.path[0] === path[0])) return found;
  }
  return found;
}

/** True for the words of the command, the last one maybe by one of its other names. */
export function isPathOf(entry: CatalogueEntry, path: readonly string[]): boolean {
  return (
    entry.path.length === path.length &&
    entry.path.every((word, index) => {
      const last = index === entry.path.length - 1;
      return word === path[index] || (last && (entry.aliases ?? []).includes(path[index] ?? ''));
    })
  );
}
