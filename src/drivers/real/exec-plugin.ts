import { spawn } from 'node:child_process';
import { instantOf, type Instant, type Millis } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { AccessError, type AccessProblemId } from './access-error.ts';
import type { ExecSettings } from './server-access.ts';
import { limitTime } from './system-clock.ts';

export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly certificate?: string;
  readonly key?: string;
  /** Absent: good for as long as the server takes it. */
  readonly expiresAt?: Instant;
}

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ExecRun {
  readonly exec: ExecSettings;
  /** The kubeconfig, for messages. */
  readonly file: string;
  /** What the plugin is told about the cluster when it asks for it; `undefined` otherwise. */
  readonly cluster?: Readonly<Record<string, string | boolean>>;
  readonly environment: Environment;
  readonly limit: Millis;
  readonly signal: AbortSignal;
}

/**
 * Runs a credential plugin once and reads its ExecCredential (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 * Ours and not client-node's: that one waits for ever, keeps what a hanging plugin has started, gives no KUBERNETES_EXEC_INFO
 * and resolves no relative command. The plugin gets no standard input: nothing here may wait for a person.
 * @throws AccessError when it is missing, fails, hangs or answers something else.
 */
export async function runExecPlugin(run: ExecRun): Promise<ExecCredential> {
  const { exec, file } = run;
  if (exec.command === '')
    throw problem(
      run,
      'execPlugin.missing',
      'the exec plugin of the user has no command',
      `Set exec.command in ${file}`,
    );
  const { code, stdout, stderr } = await spawnPlugin(run);
  if (code !== 0) {
    const said = lastLine(stderr);
    throw problem(
      run,
      'execPlugin.failed',
      `the exec plugin "${exec.command}" failed (${code})${said === '' ? '' : `: ${said}`}`,
      'Log in again, or run the plugin by hand to see why',
    );
  }
  return credentialOf(run, stdout);
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function spawnPlugin(run: ExecRun): Promise<Ended> {
  const { exec } = run;
  const declared = Object.fromEntries(exec.env.map(({ name, value }) => [name, value]));
  const env = { ...run.environment, ...declared, KUBERNETES_EXEC_INFO: execInfo(run) };
  if (run.signal.aborted) throw timedOut(run, run.signal);
  const limit = limitTime(run.limit, run.signal);
  try {
    return await new Promise<Ended>((resolve, reject) => {
      // Its own process group, so that a hanging plugin ends together with what it has started.
      const plugin = spawn(exec.command, exec.args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      let stdout = '';
      let stderr = '';
      plugin.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      plugin.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      plugin.on('error', (error) => reject(notStarted(run, error)));
      plugin.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
      limit.signal.addEventListener('abort', () => {
        killGroup(plugin.pid);
        plugin.stdout.destroy();
        plugin.stderr.destroy();
        reject(timedOut(run, limit.signal));
      });
    });
  } finally {
    limit.release();
  }
}

function timedOut(run: ExecRun, signal: AbortSignal): AccessError {
  const why = signal.reason instanceof Error ? signal.reason.message : 'no answer';
  const remedy = 'Run the plugin by hand to see what it waits for';
  return problem(run, 'execPlugin.timedOut', `the exec plugin "${run.exec.command}" was ended: ${why}`, remedy);
}

function notStarted(run: ExecRun, error: Error): AccessError {
  const code = textAt(error, 'code') ?? error.message;
  const reason = code === 'ENOENT' ? 'was not found' : `cannot be started (${code})`;
  const hint = run.exec.installHint ?? 'Install it, or put its folder into PATH';
  return problem(run, 'execPlugin.missing', `the exec plugin "${run.exec.command}" ${reason}`, hint, error);
}

function credentialOf(run: ExecRun, stdout: string): ExecCredential {
  const bad = (what: string): AccessError =>
    problem(
      run,
      'execPlugin.badAnswer',
      `the exec plugin "${run.exec.command}" ${what}`,
      'Run the plugin by hand and compare with client.authentication.k8s.io',
    );
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw bad('did not print an ExecCredential in JSON'); // its output may hold a secret: not quoted
  }
  const apiVersion = textAt(answer, 'apiVersion');
  if (textAt(answer, 'kind') !== 'ExecCredential') throw bad('printed JSON that is no ExecCredential');
  if (apiVersion !== run.exec.apiVersion)
    throw bad(`answered in apiVersion ${apiVersion ?? '(none)'} instead of ${run.exec.apiVersion}`);
  const token = textAt(answer, 'status', 'token');
  const certificate = textAt(answer, 'status', 'clientCertificateData');
  const key = textAt(answer, 'status', 'clientKeyData');
  const expiresAt = instantOf(textAt(answer, 'status', 'expirationTimestamp'));
  if ((token ?? '') === '' && (certificate ?? '') === '') throw bad('gave neither a token nor a client certificate');
  return {
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function execInfo({ exec, cluster }: ExecRun): string {
  const spec = { ...(exec.provideClusterInfo && cluster !== undefined && { cluster }), interactive: false };
  return JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', spec });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself in between.
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';

const problem = (run: ExecRun, id: AccessProblemId, reason: string, remedy: string, cause?: unknown): AccessError =>
  new AccessError({ id, file: run.file, reason, remedy }, cause);
