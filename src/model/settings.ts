import type { SiteRole } from './site.ts';
import { defaultStorageBackend, type StorageBackend, storageBackendOf, storageBackends } from './storage-backend.ts';

/** Where one registered cluster is reached. A relative `kubeconfig` is looked up in the config folder. */
export interface ClusterAccess {
  readonly name: string;
  readonly role: SiteRole;
  readonly kubeconfig: string;
  /** The kubeconfig's own current context when absent. */
  readonly kubeContext?: string;
}

/** How LINSTOR controllers are reached. Without `controllers` they are discovered from the clusters. */
export interface LinstorAccess {
  readonly controllers: readonly string[];
  readonly username?: string;
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** The settings of the pgctl `config` file, defaults filled in. Units are in the names. */
export interface Settings {
  /** In the order primary, dr, quorum; a role that is not registered is missing. */
  readonly clusters: readonly ClusterAccess[];
  readonly defaultNamespace: string;
  readonly failoverTimeoutSeconds: number;
  readonly vmStartTimeoutSeconds: number;
  readonly drbdWaitTimeSeconds: number;
  readonly taintRemovalWindowSeconds: number;
  /** What keeps the volumes of all groups. */
  readonly storageBackend: StorageBackend;
  readonly linstor: LinstorAccess;
}

/** Something wrong in a settings file. An error stops every command that needs the settings; a warning is only told. */
export interface SettingsProblem {
  readonly severity: 'error' | 'warning';
  /** Counted from 1; absent when the problem is no single line's. */
  readonly line?: number;
  readonly message: string;
  readonly remedy: string;
}

export interface ParsedSettings {
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
}

export const siteRoles: readonly SiteRole[] = ['primary', 'dr', 'quorum'];

/** The keys under which the file keeps the cluster of a role. */
export const clusterKeys = {
  primary: { name: 'PRIMARY_CLUSTER', kubeconfig: 'PRIMARY_KUBECONFIG', kubeContext: 'PRIMARY_CONTEXT' },
  dr: { name: 'DR_CLUSTER', kubeconfig: 'DR_KUBECONFIG', kubeContext: 'DR_CONTEXT' },
  quorum: { name: 'QUORUM_CLUSTER', kubeconfig: 'QUORUM_KUBECONFIG', kubeContext: 'QUORUM_CONTEXT' },
} as const satisfies Record<SiteRole, { name: string; kubeconfig: string; kubeContext: string }>;

/** The seconds settings with their defaults, as the product documents them. */
export const secondsDefaults = {
  FAILOVER_TIMEOUT: 300,
  VM_START_TIMEOUT: 120,
  DRBD_WAIT_TIME: 30,
  TAINT_REMOVAL_WINDOW: 30,
} as const;

const secondsMax = 86_400;
const linstorKeys = [
  'LINSTOR_CONTROLLERS',
  'LINSTOR_USERNAME',
  'LINSTOR_PASSWORD_FILE',
  'LINSTOR_TOKEN_FILE',
  'LINSTOR_CA_FILE',
  'LINSTOR_CERT_FILE',
  'LINSTOR_KEY_FILE',
] as const;

/** Every key that the file may hold, in the order in which `pgctl init` writes them. */
export const settingsKeys: readonly string[] = [
  ...siteRoles.flatMap((role) => Object.values(clusterKeys[role])),
  'DEFAULT_NAMESPACE',
  'DEPLOYMENT_MODEL',
  ...Object.keys(secondsDefaults),
  ...linstorKeys,
];

/** Reads the text of a settings file. Never throws: a wrong value keeps its default and is reported with its line. */
export function parseSettings(text: string): ParsedSettings {
  const problems: SettingsProblem[] = [];
  const entries = readEntries(text, problems);
  const settings: Settings = {
    clusters: siteRoles.flatMap((role) => clusterOf(role, entries, problems)),
    defaultNamespace: namespaceOf(entries, problems),
    failoverTimeoutSeconds: secondsOf('FAILOVER_TIMEOUT', entries, problems),
    vmStartTimeoutSeconds: secondsOf('VM_START_TIMEOUT', entries, problems),
    drbdWaitTimeSeconds: secondsOf('DRBD_WAIT_TIME', entries, problems),
    taintRemovalWindowSeconds: secondsOf('TAINT_REMOVAL_WINDOW', entries, problems),
    storageBackend: backendOf(entries, problems),
    linstor: linstorOf(entries, problems),
  };
  problems.push(...contradictions(settings));
  return { settings, problems };
}

/** True for a name under which a cluster can be registered. */
export function isClusterName(name: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name);
}

/** True for the name of a Kubernetes namespace (an RFC 1123 label). */
export function isNamespaceName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

interface Entry {
  readonly value: string;
  readonly line: number;
}

type Entries = ReadonlyMap<string, Entry>;

function readEntries(text: string, problems: SettingsProblem[]): Entries {
  const entries = new Map<string, Entry>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    // Without a byte order mark and the other half of the end of a line, too.
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const parsed = readLine(content);
    if (typeof parsed === 'string') {
      problems.push({
        severity: 'error',
        line,
        message: parsed,
        remedy: 'Write one KEY=VALUE per line, or start the line with #',
      });
      continue;
    }
    const { key, value } = parsed;
    const earlier = entries.get(key);
    if (earlier !== undefined) {
      const message = `${key} is set twice, on lines ${earlier.line} and ${line}`;
      problems.push({ severity: 'error', line, message, remedy: 'Keep one of the two lines' });
    } else if (!settingsKeys.includes(key)) {
      const message = `Unknown setting ${key} is ignored`;
      problems.push({ severity: 'warning', line, message, remedy: `Known settings: ${settingsKeys.join(', ')}` });
    }
    if (value !== '') entries.set(key, { value, line });
  }
  return entries;
}

/** One trimmed line that is no comment, or the sentence that says what is wrong with it. */
export function readLine(content: string): { readonly key: string; readonly value: string } | string {
  const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(content);
  if (match === null) return `Expected KEY=VALUE, got "${content}"`;
  const [, key = '', rest = ''] = match;
  const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(rest);
  if (quoted !== null) return { key, value: quoted[2] ?? '' };
  if (/^["']/.test(rest)) return `The quotation mark after ${key}= is not closed`;
  return { key, value: rest.replace(/(^|\s+)#.*$/, '').trim() };
}

function clusterOf(role: SiteRole, entries: Entries, problems: SettingsProblem[]): ClusterAccess[] {
  const keys = clusterKeys[role];
  const name = entries.get(keys.name);
  if (name === undefined) {
    for (const key of [keys.kubeconfig, keys.kubeContext]) {
      const line = entries.get(key)?.line;
      if (line === undefined) continue;
      const message = `${key} is set, but ${keys.name} is not`;
      problems.push({ severity: 'warning', line, message, remedy: `Set ${keys.name}, or remove the line` });
    }
    return [];
  }
  if (!isClusterName(name.value)) {
    const message = `Expected ${keys.name} to be letters, digits, ".", "_" or "-" (63 at most), got "${name.value}"`;
    problems.push({
      severity: 'error',
      line: name.line,
      message,
      remedy: `Register it: pgctl config add-cluster --name NAME --kubeconfig FILE --role ${role}`,
    });
    return [];
  }
  const kubeContext = entries.get(keys.kubeContext)?.value;
  return [
    {
      name: name.value,
      role,
      kubeconfig: entries.get(keys.kubeconfig)?.value ?? `${name.value}.kubeconfig`,
      ...(kubeContext === undefined ? {} : { kubeContext }),
    },
  ];
}

function namespaceOf(entries: Entries, problems: SettingsProblem[]): string {
  const entry = entries.get('DEFAULT_NAMESPACE');
  if (entry === undefined) return 'default';
  if (isNamespaceName(entry.value)) return entry.value;
  const message = `Expected DEFAULT_NAMESPACE to be the name of a namespace, got "${entry.value}"`;
  problems.push({
    severity: 'error',
    line: entry.line,
    message,
    remedy: 'Set DEFAULT_NAMESPACE=default or remove the line to use the default',
  });
  return 'default';
}

function backendOf(entries: Entries, problems: SettingsProblem[]): StorageBackend {
  const entry = entries.get('DEPLOYMENT_MODEL');
  const backend = storageBackendOf(entry?.value);
  if (entry !== undefined && entry.value !== backend) {
    problems.push({
      severity: 'error',
      line: entry.line,
      message: `Expected DEPLOYMENT_MODEL to be ${storageBackends.join(' or ')}, got "${entry.value}"`,
      remedy: `Set the deployment_model that the clusters were set up with, or remove the line to use ${defaultStorageBackend}`,
    });
  }
  return backend;
}

function secondsOf(key: keyof typeof secondsDefaults, entries: Entries, problems: SettingsProblem[]): number {
  const fallback = secondsDefaults[key];
  const entry = entries.get(key);
  if (entry === undefined) return fallback;
  const value = readSeconds(entry.value);
  if (value !== undefined) return value;
  problems.push({
    severity: 'error',
    line: entry.line,
    message: `Expected ${key} to be a whole number of seconds from 1 to ${secondsMax}, got "${entry.value}"`,
    remedy: `Set ${key}=${fallback} or remove the line to use the default`,
  });
  return fallback;
}

/** A whole number of seconds from 1 to one day; undefined for anything else. */
export function readSeconds(text: string): number | undefined {
  if (!/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 && value <= secondsMax ? value : undefined;
}

function linstorOf(entries: Entries, problems: SettingsProblem[]): LinstorAccess {
  const listed = entries.get('LINSTOR_CONTROLLERS');
  const controllers = (listed?.value ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  for (const url of controllers) {
    if (/^(https?|linstor(\+ssl)?):\/\/[^\s/]+/.test(url)) continue;
    const message = `Expected LINSTOR_CONTROLLERS to list URLs such as http://10.0.0.5:3370, got "${url}"`;
    problems.push({
      severity: 'error',
      ...(listed === undefined ? {} : { line: listed.line }),
      message,
      remedy: 'Separate several URLs by commas',
    });
  }
  const optional = {
    username: entries.get('LINSTOR_USERNAME')?.value,
    passwordFile: entries.get('LINSTOR_PASSWORD_FILE')?.value,
    tokenFile: entries.get('LINSTOR_TOKEN_FILE')?.value,
    caFile: entries.get('LINSTOR_CA_FILE')?.value,
    certificateFile: entries.get('LINSTOR_CERT_FILE')?.value,
    keyFile: entries.get('LINSTOR_KEY_FILE')?.value,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { controllers, ...given };
}

function contradictions(settings: Settings): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  if (settings.storageBackend === 'drbd-operator' && settings.linstor.controllers.length > 0) {
    problems.push({
      severity: 'error',
      message: 'LINSTOR_CONTROLLERS is set, and DEPLOYMENT_MODEL is drbd-operator, which has no LINSTOR',
      remedy: 'Remove one of the two',
    });
  }
  for (const [index, cluster] of settings.clusters.entries()) {
    const earlier = settings.clusters.slice(0, index).find((other) => other.name === cluster.name);
    if (earlier === undefined) continue;
    problems.push({
      severity: 'error',
      message: `${clusterKeys[earlier.role].name} and ${clusterKeys[cluster.role].name} both name ${cluster.name}`,
      remedy: 'Register each cluster under its own name and in one role only',
    });
  }
  if (settings.drbdWaitTimeSeconds >= settings.failoverTimeoutSeconds) {
    problems.push({
      severity: 'warning',
      message: `DRBD_WAIT_TIME (${settings.drbdWaitTimeSeconds}) leaves nothing of FAILOVER_TIMEOUT (${settings.failoverTimeoutSeconds})`,
      remedy: 'Raise FAILOVER_TIMEOUT: it bounds the whole operation',
    });
  }
  return problems;
}
