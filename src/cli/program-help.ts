import { type CatalogueEntry, catalogue, commandGroups } from './catalogue.ts';
import { exitCodeLines } from './exit-codes.ts';

/** What pgctl is, and the options that every command has, for its help. */
export const programTexts = {
  about: 'Protect KubeVirt virtual machines across Kubernetes clusters and fail them over.',
  configDir: ['--config-dir <DIR>', 'configuration folder (default: $PGCTL_HOME, else ~/.kube/pgctl)'],
  verbose: ['--verbose', 'tell more: requests, and where an error came from'],
  help: ['-h, --help', 'show help'],
  helpCommand: ['help [COMMAND]', 'show the help of a command'],
} as const;

/** A term, and what it means. */
type Item = readonly [term: string, about: string];

/**
 * The help of pgctl itself for a terminal of that width. It is what commander would write (a property of its test): loading
 * commander and building its tree of all commands takes half the time of the whole help.
 */
export function programHelp(columns: number): string {
  const { about, configDir, verbose, help, helpCommand } = programTexts;
  const options: readonly Item[] = [configDir, verbose, help];
  const commands: readonly Item[] = [...catalogue.flatMap(commandItem), helpCommand];
  const termWidth = Math.max(...[...options, ...commands].map(([term]) => term.length));
  const list = (items: readonly Item[]): string[] => items.map((item) => itemText(item, termWidth, columns));
  return [
    'Usage: pgctl [options] [command]',
    '',
    wrapped(about, columns).join('\n'),
    '',
    'Options:',
    ...list(options),
    '',
    'Commands:',
    ...list(commands),
    '',
    'Exit codes:',
    ...exitCodeLines(),
    '\n',
  ].join('\n');
}

/** Each first word once: a command, or a group of commands. */
function commandItem({ path, aliases = [], summary, hidden }: CatalogueEntry, index: number): readonly Item[] {
  const [word = ''] = path;
  if (hidden === true || catalogue.findIndex((entry) => entry.path[0] === word) < index) return [];
  if (path.length > 1) return [[word, commandGroups[word] ?? '']];
  return [[[word, ...aliases.slice(0, 1)].join('|'), summary]];
}

function itemText([term, about]: Item, termWidth: number, columns: number): string {
  const start = `  ${term.padEnd(termWidth)}  `;
  return start + wrapped(about, columns - start.length).join(`\n${' '.repeat(start.length)}`);
}

// Narrower columns are left to the terminal.
const narrowest = 40;

/** Lines of as many words as fit. */
function wrapped(text: string, width: number): readonly string[] {
  if (width < narrowest) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
