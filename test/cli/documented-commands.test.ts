import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { entryOfWords } from '../../src/cli/command-line.ts';
import { longOf } from '../../src/cli/command.ts';

const pages = ['docs/drills.md', 'docs/operations.md', 'deploy/drills/README.md'];
const lines = pages.flatMap((page) =>
  readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => [line.replace(/^\$ /, ''), ...(page.endsWith('operations.md') ? inlineCommands(line) : [])])
    .filter((line) => line.startsWith('pgctl ')),
);

/** Commands in the text of a page that says what to type. */
function inlineCommands(line: string): readonly string[] {
  return [...line.matchAll(/`(pgctl [^`]+)`/g)].map(([, command]) => command ?? '');
}

test.each(lines)('a documented command is one that pgctl understands: %s', async (line) => {
  const words = line.replace(/ >.*/, '').split(' ').slice(1);
  const entry = entryOfWords(words);
  expect(entry).toBeDefined();
  const command = await entry?.load();
  const options = Object.values(command?.args ?? {}).flatMap(({ flags }) => [longOf(flags), flags.slice(0, 2)]);
  for (const word of words.filter((each) => each.startsWith('-'))) expect(options).toContain(word);
});
