import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { at, flagAt, isJsonObject, type Json, type JsonObject, listAt, textAt } from '../../model/json.ts';
import { AccessError, type AccessProblemId } from './access-error.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { ExecSettings, Material, ServerAccess, ServerUser } from './server-access.ts';

/** What one context of a kubeconfig says about a cluster. */
export interface Kubeconfig extends ServerAccess {
  readonly context: string;
  /** Every context of the file. */
  readonly contexts: readonly string[];
  readonly namespace?: string;
}

/**
 * Reads one context (the current one unless named) of a kubeconfig file.
 * Field names and precedence follow `tools/clientcmd/api/v1/types.go` and `client_config.go` of kubernetes/client-go:
 * `…-data` wins over a file, a token file over a token, relative paths start at the file's folder.
 * @throws AccessError naming the file, the reason and the remedy.
 */
export async function readKubeconfig(file: string, context?: string): Promise<Kubeconfig> {
  const content = await parse(file, readText(file));
  const contexts = named(content, 'contexts');
  const chosen = chooseContext(file, content, contexts, context);
  const settings = objectIn(contexts.get(chosen), 'context');
  const cluster = clusterOf(file, content, chosen, settings);
  const folder = dirname(file);
  const namespace = textAt(settings, 'namespace');
  const authority = materialOf(cluster, 'certificate-authority', folder);
  const serverName = textAt(cluster, 'tls-server-name');
  const proxyUrl = textAt(cluster, 'proxy-url');
  return {
    file,
    context: chosen,
    contexts: [...contexts.keys()],
    ...(namespace !== undefined && { namespace }),
    server: serverOf(file, textAt(settings, 'cluster') ?? '', cluster),
    ...(authority !== undefined && { certificateAuthority: authority }),
    ...(serverName !== undefined && { tlsServerName: serverName }),
    insecureSkipTlsVerify: flagAt(cluster, 'insecure-skip-tls-verify') === true,
    ...(proxyUrl !== undefined && { proxyUrl }),
    user: userOf(file, content, chosen, textAt(settings, 'user') ?? '', folder),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = textAt(cause, 'code');
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw problem(
        'kubeconfig.missing',
        file,
        'the kubeconfig file does not exist',
        'Give the path of an existing kubeconfig',
        cause,
      );
    const reason =
      code === 'EACCES'
        ? 'permission to read the kubeconfig was denied'
        : `the kubeconfig cannot be read (${code ?? 'unknown error'})`;
    throw problem('kubeconfig.unreadable', file, reason, 'Make the file readable for this user', cause);
  }
}

async function parse(file: string, text: string): Promise<JsonObject> {
  const content = text.trimStart().startsWith('{') ? parseJson(text) : readPlainYaml(text);
  const value = content ?? (await parseYaml(file, text));
  if (isJsonObject(value)) return value;
  const what =
    text.trim() === ''
      ? 'the kubeconfig is empty'
      : 'the file is not a kubeconfig: expected fields such as clusters, contexts and users';
  throw problem('kubeconfig.malformed', file, what, 'Give the path of a kubeconfig');
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // braces open YAML flow mappings too, whose parser then says what is wrong
  }
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const { readYaml } = await import('./yaml-reading.ts');
  const reading = readYaml(text);
  if (reading.kind === 'read') return reading.value;
  const where = reading.line === undefined ? '' : ` at line ${reading.line}`;
  const reason = `the file is not valid YAML${where}: ${reading.reason}`;
  throw problem('kubeconfig.malformed', file, reason, 'Correct that line');
}

function chooseContext(
  file: string,
  content: JsonObject,
  contexts: ReadonlyMap<string, JsonObject>,
  wanted?: string,
): string {
  if (contexts.size === 0)
    throw problem(
      'kubeconfig.noContexts',
      file,
      'the kubeconfig has no contexts',
      'Add one with "kubectl config set-context"',
    );
  const list = [...contexts.keys()].join(', ');
  const context = wanted ?? textAt(content, 'current-context') ?? '';
  if (context === '')
    throw problem(
      'kubeconfig.noCurrentContext',
      file,
      'the kubeconfig has no current context',
      `Name one with --context: ${list}`,
    );
  if (!contexts.has(context))
    throw problem(
      'kubeconfig.unknownContext',
      file,
      `the kubeconfig has no context "${context}"`,
      `Choose one of: ${list}`,
    );
  return context;
}

function clusterOf(file: string, content: JsonObject, context: string, settings: JsonObject): JsonObject {
  const name = textAt(settings, 'cluster') ?? '';
  const cluster = named(content, 'clusters').get(name);
  if (cluster !== undefined) return objectIn(cluster, 'cluster');
  const reason =
    name === ''
      ? `context "${context}" names no cluster`
      : `context "${context}" names cluster "${name}", which the kubeconfig does not have`;
  throw problem('kubeconfig.unknownCluster', file, reason, 'Add it with "kubectl config set-cluster"');
}

function serverOf(file: string, name: string, cluster: JsonObject): string {
  const server = textAt(cluster, 'server') ?? '';
  const remedy = `Set it with "kubectl config set-cluster ${name} --server=https://HOST:PORT"`;
  if (server === '') throw problem('kubeconfig.noServer', file, `cluster "${name}" has no server`, remedy);
  const url = URL.parse(server);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw problem(
      'kubeconfig.badServer',
      file,
      `the server of cluster "${name}" is not an http(s) URL: ${server}`,
      remedy,
    );
  return server.replace(/\/+$/, '');
}

function userOf(file: string, content: JsonObject, context: string, name: string, folder: string): ServerUser {
  if (name === '') return { name }; // anonymous, as kubectl takes it
  const entry = named(content, 'users').get(name);
  if (entry === undefined)
    throw problem(
      'kubeconfig.unknownUser',
      file,
      `context "${context}" names user "${name}", which the kubeconfig does not have`,
      'Add it with "kubectl config set-credentials"',
    );
  const user = objectIn(entry, 'user');
  const certificate = materialOf(user, 'client-certificate', folder);
  const key = materialOf(user, 'client-key', folder);
  const token = textAt(user, 'token');
  const tokenFile = textAt(user, 'tokenFile') ?? textAt(user, 'token-file');
  const username = textAt(user, 'username');
  const impersonated = textAt(user, 'as');
  const uid = textAt(user, 'as-uid');
  const authProvider = at(user, 'auth-provider');
  const exec = at(user, 'exec');
  return {
    name,
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(token !== undefined && token !== '' && { token }),
    ...(tokenFile !== undefined && tokenFile !== '' && { tokenFile: absolute(folder, tokenFile) }),
    ...(username !== undefined && username !== '' && { basic: { username, password: textAt(user, 'password') ?? '' } }),
    ...(impersonated !== undefined && {
      impersonate: { user: impersonated, groups: texts(user, 'as-groups'), ...(uid !== undefined && { uid }) },
    }),
    ...(isJsonObject(exec) && { exec: execOf(exec, folder) }),
    ...(isJsonObject(authProvider) && { authProvider }),
  };
}

function execOf(exec: JsonObject, folder: string): ExecSettings {
  const command = textAt(exec, 'command') ?? '';
  const installHint = textAt(exec, 'installHint')?.trim();
  return {
    apiVersion: textAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    // A bare name is looked up in PATH; a path with a slash is relative to the kubeconfig.
    command: command.includes('/') ? absolute(folder, command) : command,
    args: texts(exec, 'args'),
    env: listAt(exec, 'env').map((entry) => ({
      name: textAt(entry, 'name') ?? '',
      value: textAt(entry, 'value') ?? '',
    })),
    ...(installHint !== undefined && installHint !== '' && { installHint }),
    provideClusterInfo: flagAt(exec, 'provideClusterInfo') === true,
  };
}

function materialOf(settings: JsonObject, field: string, folder: string): Material | undefined {
  const data = textAt(settings, `${field}-data`);
  if (data !== undefined && data !== '') return { data };
  const file = textAt(settings, field);
  return file === undefined || file === '' ? undefined : { file: absolute(folder, file) };
}

function named(content: JsonObject, list: string): ReadonlyMap<string, JsonObject> {
  const entries = listAt(content, list).filter(isJsonObject);
  return new Map(
    entries.flatMap((entry) => (typeof entry['name'] === 'string' ? [[entry['name'], entry] as const] : [])),
  );
}

function objectIn(entry: JsonObject | undefined, field: string): JsonObject {
  const value = at(entry, field);
  return isJsonObject(value) ? value : {};
}

const texts = (settings: JsonObject, field: string): readonly string[] =>
  listAt(settings, field).filter((value): value is string => typeof value === 'string');

const absolute = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));

const problem = (id: AccessProblemId, file: string, reason: string, remedy: string, cause?: unknown): AccessError =>
  new AccessError({ id, file, reason, remedy }, cause);
