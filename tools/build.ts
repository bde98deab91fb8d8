// Bundles pgctl and the controllers into dist/, which is what the published package runs: `npm run build`.
//
// Not minified, so that a stack trace can be read. The program is one script, whose compiled code bin/start.cjs keeps;
// what few commands need stands beside it. What is to start at once has a program without all the other commands.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const outdir = join(root, 'dist');
const shared: BuildOptions & { readonly metafile: true } = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // The ES modules of the same package: parts of them can be left out, and they can be imported late.
  alias: { yaml: join(root, 'node_modules', 'yaml', 'browser', 'dist', 'index.js') },
};

/** What the program loads when it is needed first: how it is imported, and its file in dist/. */
const lateParts = {
  yaml: 'yaml',
  xstate: 'xstate',
  '@kubernetes/client-node/dist/config.js': 'client-node',
  ws: 'ws',
  // It is given plain data, so it may have its own copy of the model.
  '../twin/rehearsal.ts': 'rehearsal',
};

/** The same of the quick program: the help of commands, and mistakes on command lines. */
const lateInQuickProgram = { ...lateParts, commander: 'commander' };

/**
 * Whose commands are in the quick program, a fifth of the whole one, beside what needs no command, such as help. It is
 * bin/start.cjs that runs it for these.
 */
const quickWords = ['get'];

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir);
const metafiles = await Promise.all([
  buildProgram('main', [latePartsApart(lateParts)]),
  buildProgram('quick', [otherCommandsApart(quickWords), latePartsApart(lateInQuickProgram)]),
  buildLateParts(),
  buildLongPrograms(),
]);
writeFileSync(join(outdir, 'LICENSES.txt'), licenceTexts(metafiles));

async function buildProgram(name: string, plugins: readonly Plugin[]): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    ...shared,
    entryPoints: { [name]: 'src/cli/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // Its functions are many, and their names need no keeping: hardly any is renamed.
    keepNames: false,
    define: { 'import.meta.dirname': '__dirname' },
    // A script whose value is a function. It has `require` only.
    banner: { js: '(function (require, __filename, __dirname) {' },
    footer: { js: '})' },
    supported: { 'dynamic-import': false },
    plugins: [...plugins, nodeModulesOnDemand()],
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    // With its line, 32 bytes long: V8 copies kept code that does not begin at a multiple of 8.
    const id = createHash('sha256').update(contents).digest('hex').slice(0, 29);
    writeFileSync(path, Buffer.concat([Buffer.from(`//${id}\n`), contents]));
  }
  return metafile;
}

async function buildLateParts(): Promise<Metafile> {
  const { metafile } = await build({
    ...shared,
    entryPoints: Object.entries(lateInQuickProgram).map(([name, out]) => ({ in: name.replace('../', 'src/'), out })),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    keepNames: true,
    plugins: [nodeModulesOnDemand(), onlyUsedPartsOf('@kubernetes/client-node')],
  });
  return metafile;
}

/** Programs that run for long: the background process of a lab, the threads of a drill, the controllers; split at each `import()` and at what they share. */
async function buildLongPrograms(): Promise<Metafile> {
  const { metafile } = await build({
    ...shared,
    entryPoints: {
      lab: 'src/lab/main.ts',
      'drill-thread': 'src/cli/drill/thread.ts',
      controllers: 'src/controllers/main.ts',
    },
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    keepNames: true,
    banner: { js: "const require = process.getBuiltinModule('module').createRequire(import.meta.url);" },
    plugins: [nodeModulesOnDemand()],
  });
  refuseLateCommonJs(metafile);
  return metafile;
}

function latePartsApart(parts: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'late-parts',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path }) => {
        const part = parts[path];
        return part === undefined ? undefined : { path: `./${part}.cjs`, external: true };
      });
    },
  };
}

/** Leaves the modules of other commands out, for which the program is never started. */
function otherCommandsApart(words: readonly string[]): Plugin {
  const namespace = 'other-command';
  return {
    name: 'other-commands-apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\/commands\// }, ({ path, kind }) => {
        const isOurs = words.some((word) => new RegExp(`/${word}(-|\\.ts$)`).test(path));
        return kind === 'dynamic-import' && !isOurs ? { path, namespace } : undefined;
      });
      onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not in the quick program`)});`,
      }));
    },
  };
}

/** A CommonJS module that is imported late has lost its named exports in a bundle that is split. */
function refuseLateCommonJs({ inputs }: Metafile): void {
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const lost = imports.find(({ path, kind }) => kind === 'dynamic-import' && inputs[path]?.format === 'cjs');
    if (lost === undefined) continue;
    throw new Error(
      `${importer} imports ${lost.path} late, which is CommonJS: alias it to its ES modules, or import it at once`,
    );
  }
}

/**
 * Takes Node's own modules without `import`, which runs every lazy getter in them and so loads half of Node: 10 ms of a
 * start of 75. An heir of the module has no properties of its own, so that nothing copies (and runs) its getters either.
 */
function nodeModulesOnDemand(): Plugin {
  const namespace = 'node-module';
  return {
    name: 'node-modules-on-demand',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, importer, kind }) => {
        if (!isBuiltin(path) || kind === 'dynamic-import') return undefined;
        // Commander starts other programs only for commands that are other programs; pgctl has none.
        const isLate = path === 'node:child_process' && importer.includes('/node_modules/commander/');
        return { path: path.replace('node:', ''), namespace, pluginData: isLate, suffix: isLate ? '?late' : '' };
      });
      onLoad({ filter: /./, namespace }, ({ path, pluginData: isLate }) => {
        const module = `process.getBuiltinModule(${JSON.stringify(path)})`;
        if (isLate === true)
          return { contents: `module.exports = new Proxy({}, { get: (_, name) => ${module}[name] });` };
        return { contents: `module.exports = ${['fs', 'util'].includes(path) ? `Object.create(${module})` : module};` };
      });
    },
  };
}

/** The package does not declare that its modules can be left out one by one; they can, and most of them are left out. */
function onlyUsedPartsOf(packageName: string): Plugin {
  const marker = { resolving: true };
  const inPackage = (path: string): boolean => path.includes(`/node_modules/${packageName}/`);
  return {
    name: 'only-used-parts',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if ((path !== packageName && !inPackage(importer)) || pluginData === marker) return undefined;
        const found = await resolve(path, { kind, importer, resolveDir, pluginData: marker });
        return inPackage(found.path) ? { ...found, sideEffects: false } : found;
      });
    },
  };
}

/** The licence of every package with a part in dist/, as their terms ask. */
function licenceTexts(built: readonly Metafile[]): string {
  const outputs = built.flatMap((metafile) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs));
  const packages = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  return [...packages].toSorted().map(licenceText).join('\n\n');
}

function licenceText(path: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, path, file), 'utf8').trim();
  return `== ${name} ${version} (${license})\n\n${text}`;
}
