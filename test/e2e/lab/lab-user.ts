import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const program = join(root, 'bin', 'pgctl');

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What standard input holds before its end. */
  readonly input?: string;
  /** Kills the program, as `kill -9` does; its exit code is null then. */
  readonly kill?: AbortSignal;
  /** Told of all output so far, each time that there is more. */
  readonly onOutput?: (stdout: string, signal: (name: NodeJS.Signals) => void) => void;
}

/** A person with a lab, kubectl and pgctl, and a home folder of their own. */
export class LabUser {
  readonly home = mkdtempSync(join(tmpdir(), 'site-recovery-lab-'));
  readonly lab = join(this.home, 'lab');

  /** Brings a lab up and copies its kubeconfigs to where the product page has them. */
  async labUp(...besides: readonly string[]): Promise<void> {
    const up = await this.pgctl(['lab', 'up', '--dir', this.lab, '--speed', '10', ...besides]);
    if (up.code !== 0) throw new Error(`no lab: ${up.stderr}`);
    mkdirSync(join(this.home, '.kube'));
    for (const name of ['cluster1', 'cluster2', 'cluster3']) {
      cpSync(join(this.lab, `${name}.kubeconfig`), join(this.home, '.kube', `config-${name}`));
    }
  }

  /** The page's step 5. */
  async configure(): Promise<void> {
    await this.pgctl(['init']);
    for (const [name, role] of [
      ['cluster1', 'primary'],
      ['cluster2', 'dr'],
    ] as const) {
      const kubeconfig = join(this.home, '.kube', `config-${name}`);
      const added = await this.pgctl([
        'config',
        'add-cluster',
        '--name',
        name,
        '--kubeconfig',
        kubeconfig,
        '--role',
        role,
      ]);
      if (added.code !== 0) throw new Error(`cluster ${name} not added: ${added.stderr}`);
    }
  }

  async end(): Promise<void> {
    await this.pgctl(['lab', 'down', '--dir', this.lab]);
    rmSync(this.home, { recursive: true, force: true });
  }

  pgctl(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.#run(program, args, options);
  }

  /** A command line as it stands on the page: split at spaces, `~` as this person's home. */
  type(line: string, options: RunOptions = {}): Promise<Result> {
    const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) =>
      word.replace(/^'|'$/g, '').replace(/^~/, this.home).replace(/=~/, `=${this.home}`),
    );
    const [command = '', ...args] = words;
    return this.#run(command === 'pgctl' ? program : command, args, options);
  }

  kubectl(cluster: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.#run('kubectl', ['--kubeconfig', join(this.home, '.kube', `config-${cluster}`), ...args], options);
  }

  /** Creates what the manifest says on a cluster; throws when the cluster refuses. */
  async apply(cluster: string, manifest: string): Promise<void> {
    const { code, stderr } = await this.kubectl(cluster, ['apply', '-f', '-'], { input: manifest });
    if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
  }

  /** Waits until a field of an object reads as wanted: `path` as jsonpath has it. */
  async waitFor(cluster: string, object: readonly string[], path: string, wanted: string, seconds = 30): Promise<void> {
    const ask = ['get', ...object, '-o', `jsonpath={${path}}`];
    let seen = '';
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
      seen = (await this.kubectl(cluster, ask)).stdout;
      if (seen === wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${object.join(' ')} on ${cluster}: ${path} is "${seen}", not "${wanted}"`);
  }

  /** Breaks something in the lab; `heal` mends all of it. */
  async fault(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await this.pgctl(['lab', 'fault', ...args, '--dir', this.lab]);
    if (code !== 0) throw new Error(`lab fault ${args.join(' ')}: ${stderr}`);
  }

  async heal(): Promise<void> {
    await this.fault('heal', '--all');
  }

  /** Names of everything of this kind on a cluster, in order. */
  async names(cluster: string, kind: string): Promise<readonly string[]> {
    const { stdout } = await this.kubectl(cluster, ['get', kind, '-o', 'name']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Where LINSTOR's REST API listens. */
  linstorUrl(): string {
    const text = readFileSync(join(this.lab, 'lab.json'), 'utf8');
    const found = /"(http:\/\/127\.0\.0\.1:\d+)"/.exec(text)?.[1];
    if (found === undefined) throw new Error('lab.json names no LINSTOR URL');
    return found;
  }

  #run(command: string, args: readonly string[], { input, kill, onOutput }: RunOptions): Promise<Result> {
    const env = { PATH: process.env['PATH'], HOME: this.home };
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: join(root, 'crds'), env, stdio: 'pipe' });
      kill?.addEventListener('abort', () => child.kill('SIGKILL'));
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        onOutput?.(stdout, (name) => child.kill(name));
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
      child.stdin.on('error', () => {}).end(input ?? '');
    });
  }
}
