import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Links to files of ours that are not there. */
function brokenLinks(path: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !existsSync(join(root, dirname(path), target)));
}

/** npm scripts that a text tells the reader to run and that package.json does not have. */
function unknownScripts(text: string): string[] {
  return [...text.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => scripts[name] === undefined);
}

/** Names of files in code spans that look like ours and are not there. */
function unknownPaths(text: string): string[] {
  return [...text.matchAll(/`((?:src|test|tools|bench|bin|crds|docs|scenarios)\/[\w./-]+)`/g)]
    .map((match) => match[1] ?? '')
    .filter((path) => !existsSync(join(root, path)));
}

describe.each(documents)('$path', ({ path, text }) => {
  test('names only files, scripts and links that exist', () => {
    expect({
      links: brokenLinks(path, text),
      scripts: unknownScripts(text),
      paths: unknownPaths(text),
    }).toEqual({ links: [], scripts: [], paths: [] });
  });
});

test('what does not exist is found', () => {
  expect(brokenLinks('docs/a.md', '[a](no-such-file.md), [b](https://example.org)')).toEqual(['no-such-file.md']);
  expect(unknownScripts('run `npm run no-such-script`, then `npm run -s bench`')).toEqual(['no-such-script']);
  expect(unknownPaths('see `src/no-such-file.ts` and `crds/`')).toEqual(['src/no-such-file.ts']);
});
