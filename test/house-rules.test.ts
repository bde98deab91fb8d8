import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importCycles } from './house-rules/import-cycles.ts';
import { rules } from './house-rules/rules.ts';
import { sourceFile } from './house-rules/source-file.ts';

const root = join(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = tracked
  .filter((path) => /^(src|test|bench|tools)\/.*\.(ts|mjs)$/.test(path))
  .map((path) => sourceFile(path, read(path)));
const namesWhatIsBanned = 'test/house-rules/rules.ts';

describe.each(rules)('$name', ({ check, remedy, broken, kept }) => {
  test('everywhere', () => {
    const offences = sources.filter(({ path }) => path !== namesWhatIsBanned).flatMap((file) => check(file));
    expect(offences.map(({ path, line, found }) => `${path}:${line}: ${found}; ${remedy}`)).toEqual([]);
  });

  test('the rule sees what breaks it and lets pass what keeps it', () => {
    expect(check(broken)).toHaveLength(1);
    expect(check(kept)).toEqual([]);
  });
});

describe('no file imports itself by way of others', () => {
  test('everywhere', () => {
    expect(importCycles(sources).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  test('the rule sees a cycle of three files', () => {
    const files = [
      sourceFile('src/a.ts', "import './b.ts';"),
      sourceFile('src/b.ts', "import type { C } from './c.ts';"),
      sourceFile('src/c.ts', "import { a } from './a.ts';"),
    ];
    const lazy = sourceFile('src/c.ts', "const { a } = await import('./a.ts');");
    expect(importCycles(files)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/a.ts']]);
    expect(importCycles([...files.slice(0, 2), lazy])).toEqual([]);
  });
});

test('every folder of src says in a README what it holds', () => {
  const folders = new Set(sources.flatMap(({ path }) => /^src\/(?:drivers\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  expect([...folders].filter((folder) => !existsSync(join(root, folder, 'README.md')))).toEqual([]);
});

describe('the repository works on every machine', () => {
  const personalPath = new RegExp(`/(?:${['work', 'root', 'home', 'Users'].join('|')})/[\\w.-]+`);

  test("no tracked text names a folder of somebody's machine", () => {
    const offenders = tracked.filter((path) => !/\.(png|svg|json\.gz)$/.test(path) && personalPath.test(read(path)));
    expect(offenders).toEqual([]);
  });

  test('the rule sees such a path', () => {
    expect(personalPath.test(['', 'home', 'somebody', 'file'].join('/'))).toBe(true);
    expect(personalPath.test('/homepage/work')).toBe(false);
  });

  test('the lock file and .npmrc name no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":/);
    expect(read('.npmrc')).not.toMatch(/registry\s*=|:\/\//);
  });
});
