import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packagePlaces } from './layers.ts';

type Versions = Readonly<Record<string, string>>;
interface LockEntry {
  readonly version: string;
  readonly optionalDependencies?: Versions;
}

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Readonly<Record<string, Versions | undefined>>;
const dependencies = {
  ...manifest['dependencies'],
  ...manifest['devDependencies'],
  ...manifest['optionalDependencies'],
};

test('every dependency has an exact version', () => {
  expect(Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('every dependency has its reason in docs/dependencies.md', () => {
  const document = read('docs/dependencies.md');
  expect(Object.keys(dependencies).filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

test('every package with a place in src is a dependency', () => {
  expect(Object.keys(packagePlaces).filter((name) => dependencies[name] === undefined)).toEqual([]);
});

describe('the lock file', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, LockEntry>> };

  test('holds the packages of every platform (else: npm run lock)', () => {
    const missing = Object.entries(packages)
      .filter(([path]) => path !== '')
      .flatMap(([, entry]) => Object.keys(entry.optionalDependencies ?? {}))
      .filter(
        (name) => /(linux|darwin|win32)-(x64|arm64)/.test(name) && packages[`node_modules/${name}`] === undefined,
      );
    expect(missing).toEqual([]);
  });

  test('is of the versions that package.json asks for', () => {
    const locked = Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`]?.version]);
    expect(Object.fromEntries(locked)).toEqual(dependencies);
  });
});
