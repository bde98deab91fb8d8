// Loads pgctl: the sources in a checkout, the bundle in an installed package. Compiled code is cached between runs, in
// the user's own cache folder: the default place is shared by all users of a machine, and code comes out of it.
//
// CommonJS, because importing Node's modules into an ES module runs every lazy getter in them.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { join } = require('node:path');

enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pgctl', 'compiled'));

const sources = join(__dirname, '..', 'src', 'cli', 'main.ts');
import(existsSync(sources) ? sources : join(__dirname, '..', 'dist', 'main.mjs'));
