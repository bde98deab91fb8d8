// Completes package-lock.json: `npm run lock`, after every `npm install` that changes it.
//
// Tools such as biome and oxlint bring one package per platform as optional dependencies. A registry mirror that carries
// only some platforms makes npm leave the others out of the lock file, and `npm ci` then refuses the whole file. The
// missing entries are exact versions with a platform in their names, so they can be written without asking a registry.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

if (import.meta.main) main(join(import.meta.dirname, '..', 'package-lock.json'));

function main(path: string): void {
  const { lock, added } = completeLock(JSON.parse(readFileSync(path, 'utf8')) as Lock);
  if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${added.length} platform packages added\n`);
}

/** The lock file with an entry for every optional platform package that it names, and the paths of the new entries. */
export function completeLock(lock: Lock): { readonly lock: Lock; readonly added: readonly string[] } {
  const packages: Record<string, LockEntry> = { ...lock.packages };
  const added: string[] = [];
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] !== undefined || platform === undefined || !/^\d/.test(version)) continue;
      packages[path] = { version, ...(entry.dev === true ? { dev: true } : {}), optional: true, ...platform };
      added.push(path);
    }
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}

/** `os`, `cpu` and `libc` as npm writes them, read from a name such as `@oxlint/binding-linux-x64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined {
  const systems = 'aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32';
  const processors = 'arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64';
  const match = new RegExp(`(${systems})-(${processors})(?:-(\\w+))?$`).exec(name);
  if (match === null) return undefined;
  const [, os = '', cpu = '', abi = ''] = match;
  const libc = abi.startsWith('musl') ? 'musl' : abi.startsWith('gnu') ? 'glibc' : undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}) };
}
