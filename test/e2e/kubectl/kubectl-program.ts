import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';

/** What one run of a program came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One kubectl of the machine. */
export interface Kubectl {
  readonly path: string;
  readonly version: string;
}

const buildScript = join(import.meta.dirname, '../../../tools/kubectl/build.sh');

/**
 * The kubectls to check with: those that KUBECTL names (separated by colons); else the one that tools/kubectl builds,
 * and the one on the PATH. Throws, saying how to get one, when there is none.
 */
export function kubectls(): readonly Kubectl[] {
  const named = process.env.KUBECTL?.split(':').filter((path) => path !== '');
  const found = (named ?? [builtKubectl(), 'kubectl']).flatMap((path) => kubectlAt(path));
  if (found.length > 0) return found;
  throw new Error('No kubectl: put one on the PATH, name one in KUBECTL, or install Go 1.26 so that one can be built');
}

function builtKubectl(): string {
  try {
    return execFileSync('sh', [buildScript], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function kubectlAt(path: string): readonly Kubectl[] {
  if (path === '') return [];
  try {
    const text = execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
    const { clientVersion } = JSON.parse(text) as { clientVersion: { gitVersion: string } };
    return [{ path, version: clientVersion.gitVersion }];
  } catch {
    return [];
  }
}

/** Runs kubectl to its end, with a text on its standard input. Never throws for what kubectl says. */
export function run(kubectl: Kubectl, kubeconfig: string, args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: environment(kubeconfig), timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(kubectl.path, [...args], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
    // A program may end without having read all of it.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** Starts a kubectl that goes on until it is killed, and collects its lines. */
export function start(
  kubectl: Kubectl,
  kubeconfig: string,
  args: readonly string[],
): { readonly child: ChildProcess; readonly lines: readonly string[] } {
  const child = spawn(kubectl.path, args, { env: environment(kubeconfig), stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return { child, lines };
}

/** A cache of its own would only hide what a server says now. */
function environment(kubeconfig: string): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(kubeconfig, '..', 'kubectl-cache') };
}
