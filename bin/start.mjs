// Loads pgctl: the sources in a checkout, the bundle in an installed package. Compiled code is cached between runs, in
// the user's own cache folder: the default place is shared by all users of a machine, and code comes out of it.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pgctl', 'compiled'));

const sources = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(sources) ? sources.href : new URL('../dist/main.mjs', import.meta.url).href);
