import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Environment } from '../drivers/real/exec-plugin.ts';
import type { SiteSettings } from '../drivers/real/open-site.ts';
import type { ServerAccess } from '../drivers/real/server-access.ts';
import { type LinstorAccess, parseSettings, type Settings, siteRoles } from '../model/settings.ts';
import type { SiteName, SiteRole } from '../model/site.ts';
import type { StorageBackend } from '../model/storage-backend.ts';
import { flags } from './flags.ts';

/** Something wrong with what a controller was told: what, why, and what to do about it. */
export interface SettingProblem {
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

/** A controller cannot be started as it was told to. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ what, why, remedy }) => `${what}: ${why}. ${remedy}`).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export interface ControllerSettings {
  /** The cluster that the controller is for. */
  readonly cluster: SiteName;
  /** CLUSTER_ROLE; null when it is not set, which the status of each group says. */
  readonly clusterRole: SiteRole | null;
  /** Every registered cluster, the own one first. */
  readonly sites: readonly (SiteSettings & { readonly role: SiteRole })[];
  /** DEPLOYMENT_MODEL of the configuration. */
  readonly storageBackend: StorageBackend;
  readonly linstor: LinstorAccess;
  /** Who this process is, in Leases: the pod, or the machine, and the run. */
  readonly identity: string;
  /** Where the controller's own Lease is. */
  readonly namespace: string;
  /** Where health and metrics are served; port 0 is any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  /** How many objects are worked on at once. */
  readonly workers: number;
}

export interface SettingSources {
  /** The words after the controller's name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly hostname: string;
  /** Tells two runs in one place apart. */
  readonly run: string;
  /** The text of a file. Throws with the reason when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** Where the Deployment mounts the Secret with the configuration folder of pgctl. */
const configFolder = '/etc/site-recovery';

/**
 * What a controller is told by flags, environment and its configuration folder, which is one of pgctl: `config` names the
 * clusters, their kubeconfigs stand beside it. In a pod the own cluster is reached by the pod's service account.
 * @throws SettingsError with everything that is wrong
 */
export function readControllerSettings(sources: SettingSources): ControllerSettings {
  const problems: SettingProblem[] = [];
  const value = valuesOf(sources, problems);
  const folder = value('config-dir') ?? configFolder;
  const config = readConfig(join(folder, 'config'), sources, problems);
  const cluster = clusterName(value('cluster-name'), config, problems);
  const settings = {
    cluster,
    clusterRole: roleOf(value('cluster-role'), problems),
    sites: sitesOf(cluster, config, folder, sources.environment),
    storageBackend: config.storageBackend,
    linstor: linstorOf(config, folder, sources.environment),
    identity: `${sources.environment['POD_NAME'] ?? sources.hostname}_${sources.run}`,
    namespace: sources.environment['POD_NAMESPACE'] ?? 'default',
    listen: addressOf(value('listen') ?? ':8080', problems),
    workers: workersOf(value('workers') ?? '8', problems),
  };
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function valuesOf(
  { words, environment }: SettingSources,
  problems: SettingProblem[],
): (flag: keyof typeof flags) => string | undefined {
  try {
    const { values } = parseArgs({ args: [...words], options: flags });
    return (flag) => nonEmpty(values[flag]) ?? nonEmpty(environment[flag.toUpperCase().replaceAll('-', '_')]);
  } catch (error) {
    const known = Object.keys(flags).map((name) => `--${name}`);
    problems.push({
      what: 'The command line',
      why: error instanceof Error ? error.message.replace(/\.$/, '') : String(error),
      remedy: `Known flags: ${known.join(', ')}; --help explains them`,
    });
    return () => undefined;
  }
}

function readConfig(file: string, { readFile }: SettingSources, problems: SettingProblem[]): Settings {
  let text = '';
  try {
    text = readFile(file);
  } catch (error) {
    problems.push({
      what: file,
      why: `it cannot be read (${error instanceof Error ? error.message : String(error)})`,
      remedy:
        'Mount a Secret made of a configured pgctl folder there (kubectl create secret generic site-recovery-config --from-file DIR), or name the folder with CONFIG_DIR',
    });
  }
  const { settings, problems: found } = parseSettings(text);
  for (const { severity, line, message, remedy } of found) {
    if (severity === 'error')
      problems.push({ what: line === undefined ? file : `${file}:${line}`, why: message, remedy });
  }
  return settings;
}

function clusterName(name: string | undefined, { clusters }: Settings, problems: SettingProblem[]): SiteName {
  const registered = clusters.map((cluster) => cluster.name).join(', ') || 'none';
  if (name === undefined)
    problems.push({
      what: 'CLUSTER_NAME',
      why: 'it is not set, so that the controller cannot tell which of the clusters is its own',
      remedy: `Set it to one of the registered clusters (${registered})`,
    });
  else if (!clusters.some((cluster) => cluster.name === name))
    problems.push({
      what: 'CLUSTER_NAME',
      why: `${name} is not registered in the configuration`,
      remedy: `Set it to one of the registered clusters (${registered}), or register it: pgctl config add-cluster`,
    });
  return name ?? '';
}

function roleOf(text: string | undefined, problems: SettingProblem[]): SiteRole | null {
  if (text === undefined) return null;
  const role = siteRoles.find((known) => known === text);
  if (role === undefined)
    problems.push({
      what: 'CLUSTER_ROLE',
      why: `expected ${siteRoles.join(', ')}, got "${text}"`,
      remedy: 'Set it to the place of this cluster: kubectl set env deployment/<controller> CLUSTER_ROLE=dr',
    });
  return role ?? null;
}

function sitesOf(
  own: SiteName,
  { clusters }: Settings,
  folder: string,
  environment: Environment,
): ControllerSettings['sites'] {
  const inCluster = inClusterAccess(environment);
  return clusters
    .map(({ name, role, kubeconfig, kubeContext }) =>
      name === own && inCluster !== undefined
        ? { name, role, access: inCluster }
        : {
            name,
            role,
            kubeconfigPath: absolute(folder, kubeconfig),
            ...(kubeContext === undefined ? {} : { context: kubeContext }),
          },
    )
    .toSorted((a, b) => Number(b.name === own) - Number(a.name === own));
}

/**
 * How a pod reaches the API of its own cluster
 * (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/); undefined outside of one.
 */
function inClusterAccess(environment: Environment): ServerAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined || host === '') return undefined;
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  return {
    file: 'the service account of this pod',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    certificateAuthority: { file: `${folder}/ca.crt` },
    insecureSkipTlsVerify: false,
    user: { name: 'service account', tokenFile: `${folder}/token` },
  };
}

/** As the configuration has it; LS_CONTROLLERS, as LINSTOR's own programs read it, wins. */
function linstorOf({ linstor }: Settings, folder: string, environment: Environment): LinstorAccess {
  const listed = nonEmpty(environment['LS_CONTROLLERS']);
  const entries = Object.entries(linstor).map(([name, value]) =>
    name.endsWith('File') && typeof value === 'string' ? [name, absolute(folder, value)] : [name, value],
  );
  const access = Object.fromEntries(entries) as LinstorAccess;
  return listed === undefined ? access : { ...access, controllers: listed.split(',').map((url) => url.trim()) };
}

function addressOf(text: string, problems: SettingProblem[]): ControllerSettings['listen'] {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535)
    problems.push({
      what: 'LISTEN',
      why: `expected HOST:PORT or :PORT, got "${text}"`,
      remedy: 'Set it to an address for health and metrics, such as :8080',
    });
  return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
}

function workersOf(text: string, problems: SettingProblem[]): number {
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1)
    problems.push({
      what: 'WORKERS',
      why: `expected a whole number from 1 to 999, got "${text}"`,
      remedy: 'Set it to the number of objects that are worked on at once, or remove it to use 8',
    });
  return count;
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

const absolute = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));
