// Completes package-lock.json: `node tools/complete-lockfile.mjs`, after every `npm install` that changes it.
//
// Tools such as biome and oxlint bring one package per platform as optional dependencies. A registry mirror that carries
// only some platforms makes npm leave the others out of the lock file, and `npm ci` then refuses the whole file. The
// missing entries are exact versions with a platform in their names, so they can be written without asking a registry.
import { readFileSync, writeFileSync } from 'node:fs';

const lockPath = new URL('../package-lock.json', import.meta.url);

/**
 * The lock file with an entry for every optional platform package that it names.
 * @param {{packages: Record<string, any>}} lock the parsed lock file; not changed
 * @returns {{lock: object, added: string[]}} the completed lock file and the paths of the new entries
 */
export function completeLock(lock) {
  const packages = { ...lock.packages };
  const added = [];
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] !== undefined || platform === undefined || !/^\d/.test(version)) continue;
      packages[path] = { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...platform };
      added.push(path);
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return { lock: { ...lock, packages: sorted }, added };
}

/** `os`, `cpu` and `libc` as npm writes them, read from a name such as `@oxlint/binding-linux-x64-musl`. */
function platformOf(name) {
  const match =
    /(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/.exec(
      name,
    );
  if (match === null) return undefined;
  const [, os, cpu, abi] = match;
  const libc = { musl: 'musl', musleabihf: 'musl', gnu: 'glibc', gnueabihf: 'glibc' }[abi];
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}) };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { lock, added } = completeLock(JSON.parse(readFileSync(lockPath, 'utf8')));
  if (added.length > 0) writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${added.length} platform packages added\n`);
}
