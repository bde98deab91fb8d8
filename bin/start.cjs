// Loads pgctl: the sources in a checkout, the bundle in an installed package. Compiled code is kept between runs, in the
// user's own cache folder: the default place is shared by all users of a machine, and code comes out of it.
//
// CommonJS, because importing Node's modules into an ES module runs every lazy getter in them.
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pgctl', 'compiled');
const sources = join(__dirname, '..', 'src', 'cli', 'main.ts');
if (existsSync(sources)) {
  process.env.NODE_COMPILE_CACHE ??= cacheFolder; // threads, and a lab's process, find it there
  require('node:module').enableCompileCache();
  void import(sources);
} else {
  const word = commandWord(process.argv.slice(2));
  const isQuick = word === undefined || word === 'get'; // as tools/build.ts has it
  runBundle(join(__dirname, '..', 'dist', isQuick ? 'quick.cjs' : 'main.cjs'), word ?? 'none');
}

/** The word that calls the command, if there is one, found as src/cli/command-line.ts finds it. */
function commandWord(words) {
  for (let index = 0; index < words.length && words[index] !== '--'; index += 1) {
    if (words[index] === '--config-dir') index += 1;
    else if (!words[index].startsWith('-')) return words[index];
  }
  return undefined;
}

/**
 * Runs the bundle with what V8 compiled in an earlier run of the same command. Node's own compile cache knows only the
 * functions that are compiled while a file is loaded; compiling the others, at their first call, is a fifth of a `get`.
 */
function runBundle(file, word) {
  const source = readFileSync(file, 'latin1'); // it is ASCII
  const bundle = source.slice(0, source.indexOf('\n') + 1); // its first line tells it from every other bundle
  const cacheFile = join(cacheFolder, `${/^[a-z_]+$/.test(word) ? word : 'none'}.bin`);
  const script = new Script(source, {
    filename: file,
    cachedData: readCompiled(cacheFile, bundle),
  });
  // V8 refuses what another release of it, or another processor, has compiled.
  if (script.cachedDataRejected !== false) {
    process.on('exit', (code) => {
      if (code === 0) keepCompiled(cacheFile, bundle, script.createCachedData());
    });
  }
  const folder = dirname(file);
  script.runInThisContext()((name) => require(join(folder, name)), file, folder);
}

function readCompiled(cacheFile, bundle) {
  try {
    const kept = readFileSync(cacheFile);
    return kept.toString('latin1', 0, bundle.length) === bundle ? kept.subarray(bundle.length) : undefined;
  } catch {
    return undefined;
  }
}

/** As a whole or not at all. Without a place to write, every run compiles anew. */
function keepCompiled(cacheFile, bundle, compiled) {
  const temporary = `${cacheFile}.${process.pid}`;
  try {
    mkdirSync(dirname(cacheFile), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, Buffer.concat([Buffer.from(bundle), compiled]), { mode: 0o600, flush: true });
    renameSync(temporary, cacheFile);
  } catch {}
}
