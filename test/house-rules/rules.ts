import { folderOf, isIn, layers, liveFiles, packagePlaces, pureFolders } from './layers.ts';
import { lineAt, type SourceFile, sourceFile } from './source-file.ts';

/** A breach of a rule: where, and what was found there. */
export interface Offence {
  readonly path: string;
  readonly line: number;
  readonly found: string;
}

export interface Rule {
  /** True of every file that keeps the rule. */
  readonly name: string;
  /** What to do instead. */
  readonly remedy: string;
  readonly check: (file: SourceFile) => readonly Offence[];
  /** A file that breaks the rule, and one that looks like it but keeps it: the proof that the rule can fail. */
  readonly broken: SourceFile;
  readonly kept: SourceFile;
}

export const rules: readonly Rule[] = [
  {
    name: 'a folder imports only from the layers below it',
    remedy:
      'move the code down a layer, or pass it in as an argument; test/house-rules/layers.ts lists what may import what',
    check: (file) => {
      const folder = folderOf(file.path, Object.keys(layers));
      if (folder === undefined)
        return file.path.startsWith('src/') ? [{ path: file.path, line: 1, found: 'no layer' }] : [];
      const below = [folder, ...(layers[folder] ?? [])];
      return file.imports
        .filter(({ target }) => target?.startsWith('src/') && !below.some((place) => isIn(target, place)))
        .map(({ target, line }) => ({ path: file.path, line, found: `imports ${target}` }));
    },
    broken: sourceFile('src/drivers/sim/a.ts', "import { b } from '../real/b.ts';"),
    kept: sourceFile('src/drivers/sim/a.ts', "import { b } from '../../model/b.ts'; // not from '../real/b.ts'"),
  },
  {
    name: 'a package is imported only where it belongs',
    remedy:
      'keep the package behind its layer; a new one needs a line in layers.ts and its reason in docs/dependencies.md',
    check: (file) =>
      file.imports
        .filter(({ from }) => file.path.startsWith('src/') && !from.startsWith('.') && !from.startsWith('node:'))
        .filter(({ from }) => !(packagePlaces[packageOf(from)] ?? []).some((place) => isIn(file.path, place)))
        .map(({ from, line }) => ({ path: file.path, line, found: `imports ${from}` })),
    broken: sourceFile('src/model/a.ts', "import { setup } from 'xstate';"),
    kept: sourceFile('src/machines/a.ts', "import { setup } from 'xstate';"),
  },
  {
    name: 'the pure folders import no module of Node',
    remedy: 'take the value as an argument, or move the code to drivers/real, lab, controllers or cli',
    check: (file) =>
      isPure(file)
        ? file.imports
            .filter(({ from }) => from.startsWith('node:'))
            .map(({ from, line }) => ({ path: file.path, line, found: `imports ${from}` }))
        : [],
    broken: sourceFile('src/twin/a.ts', "import { readFileSync } from 'node:fs';"),
    kept: sourceFile('src/lab/a.ts', "import { readFileSync } from 'node:fs';"),
  },
  inPureFolders(
    'the pure folders read no clock',
    'take `now: Instant` as an argument; write timestamps with model/instant.ts',
    /\bnew Date\b|\bDate\.\w+|\bperformance\.now|\bTemporal\.Now/g,
    'const now = Date.now();',
    'const now = world.wallNow; // not Date.now()',
  ),
  inPureFolders(
    'the pure folders make no chance of their own',
    'draw from a named RandomStream of the world',
    /\bMath\.random|\bcrypto\.(?:randomUUID|getRandomValues)/g,
    'const id = crypto.randomUUID();',
    'const id = random.uuid();',
  ),
  inPureFolders(
    'the pure folders do not depend on the language of the machine',
    'compare with < and >; write numbers and dates by hand',
    /\.localeCompare\(|\.toLocale\w+\(|\bIntl\./g,
    'names.sort((a, b) => a.localeCompare(b));',
    'names.sort((a, b) => (a < b ? -1 : 1));',
  ),
  inPureFolders(
    'the pure folders are synchronous',
    'answer with effects or schedule an event; only a live host waits',
    /\basync\b|\bawait\b|\bPromise\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g,
    'export async function read() {}',
    "export const asyncIteration = 'await';",
    (file) => !liveFiles.test(file.path),
  ),
  everywhere(
    'environment and exit code belong to main.ts',
    'hand the value down from main.ts; answer with an exit code instead of setting it',
    /\bprocess\.(?:env|exit|exitCode|argv)\b/g,
    sourceFile('src/cli/a.ts', 'process.exit(1);'),
    sourceFile('src/cli/main.ts', 'process.exitCode = 1;'),
    (file) => file.path.startsWith('src/') && !file.path.endsWith('/main.ts'),
  ),
  {
    name: 'nothing is re-exported',
    remedy: 'import from the file that defines it; the face of a folder may pass on types of its neighbours, no values',
    check: (file) =>
      file.imports
        .filter(({ isReExport, isOfTypes, from }) => isReExport && !(isOfTypes && /^\.\/[^/]+$/.test(from)))
        .map(({ from, line }) => ({ path: file.path, line, found: `re-exports ${from}` })),
    broken: sourceFile('src/model/a.ts', "export { b } from './b.ts';"),
    kept: sourceFile(
      'src/model/a.ts',
      "import { b } from './b.ts';\nexport type { C } from './c.ts';\nexport const d = b;",
    ),
  },
  {
    name: 'an import of ours names the file with its ending',
    remedy: 'write ./name.ts',
    check: (file) =>
      file.imports
        .filter(({ target }) => target !== undefined && !/\.(ts|mjs|json)$/.test(target))
        .map(({ from, line }) => ({ path: file.path, line, found: from })),
    broken: sourceFile('src/model/a.ts', "import { b } from './b';"),
    kept: sourceFile('src/model/a.ts', "import { b } from './b.ts';"),
  },
  {
    name: 'a file is called by its subject, in kebab case',
    remedy: 'name the one thing that the file is about; a file about several things is several files',
    check: (file) => {
      const name = file.path.split('/').at(-1) ?? '';
      const isDrawer = /^types\.|(^|-)(utils?|helpers?|common|misc|shared|lib)\./.test(name);
      return isDrawer || !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(name)
        ? [{ path: file.path, line: 1, found: name }]
        : [];
    },
    broken: sourceFile('src/model/string-utils.ts', ''),
    kept: sourceFile('src/model/utilisation.ts', ''),
  },
  {
    name: 'a file has at most 400 lines',
    remedy: 'split it by subject',
    check: (file) => {
      const lines = file.text.split('\n').length - 1;
      return lines > 400 ? [{ path: file.path, line: 401, found: `${lines} lines` }] : [];
    },
    broken: sourceFile('src/model/a.ts', '\n'.repeat(401)),
    kept: sourceFile('src/model/a.ts', '\n'.repeat(400)),
  },
  {
    name: 'nothing is put off',
    remedy: 'do it now, or write down in docs/ what is known to be missing',
    check: (file) => textMatches(file, file.text, /\b(?:TODO|FIXME|XXX|HACK)\b/g),
    broken: sourceFile('src/model/a.ts', '// TODO: later'),
    kept: sourceFile('src/model/a.ts', '// to do this later would be wrong'),
  },
  everywhere(
    'a diagnostic is not silenced without its reason',
    'repair what it says; if it is wrong, write `oxlint-disable-next-line RULE -- reason`',
    /@ts-(?:ignore|nocheck)|(?:oxlint|eslint)-disable(?!(?:-next-line)? [\w/-]+ -- )|biome-ignore/g,
    sourceFile('src/model/a.ts', '// @ts-ignore'),
    sourceFile('src/model/a.ts', '// oxlint-disable-next-line max-lines-per-function -- a table of the protocol'),
    () => true,
    (file) => file.text,
  ),
  everywhere(
    'objects are not copied through their text',
    'replace whole objects and share what did not change; structuredClone where a real copy is needed',
    /JSON\.parse\(\s*JSON\.stringify/g,
    sourceFile('src/model/a.ts', 'const copy = JSON.parse(JSON.stringify(value));'),
    sourceFile('src/model/a.ts', "const text = 'JSON.parse(JSON.stringify(value))';"),
    (file) => file.path.startsWith('src/'),
  ),
  everywhere(
    'a test title states behaviour',
    'say what it does, in the present tense, without "should"',
    /\b(?:test|it|describe)(?:\.\w+)*\(\s*['"`][^'"`\n]*\bshould\b/g,
    sourceFile('test/model/a.test.ts', "test('a gate should close', () => {});"),
    sourceFile('test/model/a.test.ts', "test('a gate closes', () => {});"),
    (file) => file.path.endsWith('.test.ts'),
    (file) => file.text,
  ),
];

function isPure(file: SourceFile): boolean {
  return pureFolders.some((folder) => isIn(file.path, folder));
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function inPureFolders(
  name: string,
  remedy: string,
  banned: RegExp,
  broken: string,
  kept: string,
  applies: (file: SourceFile) => boolean = () => true,
): Rule {
  const inModel = (text: string): SourceFile => sourceFile('src/model/a.ts', text);
  return everywhere(name, remedy, banned, inModel(broken), inModel(kept), (file) => isPure(file) && applies(file));
}

function everywhere(
  name: string,
  remedy: string,
  banned: RegExp,
  broken: SourceFile,
  kept: SourceFile,
  applies: (file: SourceFile) => boolean,
  textOf: (file: SourceFile) => string = (file) => file.code,
): Rule {
  const check = (file: SourceFile): readonly Offence[] =>
    applies(file) ? textMatches(file, textOf(file), banned) : [];
  return { name, remedy, check, broken, kept };
}

function textMatches(file: SourceFile, text: string, banned: RegExp): Offence[] {
  return [...text.matchAll(banned)].map((match) => ({
    path: file.path,
    line: lineAt(text, match.index),
    found: match[0].trim(),
  }));
}
