import { defaultOptions, type DrbdOptions, optionsFromText } from '../drbd/options.ts';
import { findByName, type LinstorStore, type Properties, type ResourceDefinition } from './store.ts';

/** Properties of a fresh controller that matter here (the others name ports and key stores). */
export const freshControllerProperties: Readonly<Record<string, string>> = {
  'DrbdOptions/AutoEvictAllowEviction': 'True',
  'DrbdOptions/Resource/on-no-quorum': 'io-error',
  'DrbdOptions/auto-add-quorum-tiebreaker': 'True',
  'DrbdOptions/auto-diskful-allow-cleanup': 'True',
  'DrbdOptions/auto-resync-after-disable': 'true',
  'DrbdOptions/auto-verify-algo-allowed-list': 'crct10dif;crc32c;sha384;sha512;sha256;sha1;md5;windrbd',
  'NetCom/PlainConnector/BindAddress': '',
  'NetCom/PlainConnector/Enabled': 'true',
  'NetCom/PlainConnector/Port': '3376',
  'NetCom/PlainConnector/Type': 'Plain',
  defaultPlainConSvc: 'PlainConnector',
};

/** What the Piraeus operator sets on every controller (piraeusdatastore/piraeus-operator `pkg/vars/defaults.go`). */
export const piraeusProperties: Readonly<Record<string, string>> = {
  'DrbdOptions/AutoEvictAllowEviction': 'false',
  'DrbdOptions/Net/rr-conflict': 'retry-connect',
  'DrbdOptions/Resource/on-no-data-accessible': 'suspend-io',
  'DrbdOptions/Resource/on-no-quorum': 'suspend-io',
  'DrbdOptions/Resource/on-suspended-primary-outdated': 'force-secondary',
};

export const quorumProperty = 'DrbdOptions/Resource/quorum';
export const skipDiskProperty = 'DrbdOptions/SkipDisk';
export const autoTiebreakerProperty = 'DrbdOptions/auto-add-quorum-tiebreaker';

/** Why a property may not be set; undefined when it may. */
export interface PropertyFault {
  readonly kind: 'key' | 'value';
  /** What the value would have to be. */
  readonly rule: string;
}

export function faultOf(key: string, value: string): PropertyFault | undefined {
  if (/^(Aux|Paths|DrbdOptions\/Handlers)\//.test(key)) return undefined;
  const allowed = knownKeys[key] ?? (freeKeys.has(key) ? 'any' : undefined);
  if (allowed === undefined) return { kind: 'key', rule: '' };
  if (allowed === 'any') return undefined;
  if (allowed === 'quorum') {
    const fits =
      /^(all|majority|off)$/.test(value) || (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 32);
    return fits ? undefined : { kind: 'value', rule: 'This value has to match (1 - 32) or (?:all|majority|off).' };
  }
  if (allowed.includes(value)) return undefined;
  const rule =
    allowed === yesNo
      ? "This value must be either 'yes' or 'no'."
      : `This value has to match (?:${allowed.join('|')}).`;
  return { kind: 'value', rule };
}

/** A property where it is set nearest to the definition: definition, group, controller. */
export function effectiveProperty(
  store: LinstorStore,
  definition: ResourceDefinition,
  key: string,
): string | undefined {
  return definition.properties.get(key) ?? inheritedProperty(store, definition, key);
}

/** The same without the definition's own value. */
export function inheritedProperty(
  store: LinstorStore,
  definition: ResourceDefinition,
  key: string,
): string | undefined {
  return findByName(store.groups, definition.group)?.properties.get(key) ?? store.properties.get(key);
}

/** DRBD's options of a definition, from the properties of controller, group and definition in that order. */
export function drbdOptionsOf(store: LinstorStore, definition: ResourceDefinition): DrbdOptions {
  const texts: Record<string, string> = {};
  const group = findByName(store.groups, definition.group)?.properties;
  for (const level of [store.properties, group, definition.properties]) collectOptions(level, texts);
  return optionsFromText(texts, defaultOptions);
}

function collectOptions(properties: Properties | undefined, texts: Record<string, string>): void {
  for (const [key, value] of properties ?? []) {
    const match = /^DrbdOptions\/(?:Net|Disk|Resource|PeerDevice)\/(.+)$/.exec(key);
    if (match?.[1] !== undefined) texts[match[1]] = value;
  }
}

const yesNo: readonly string[] = ['yes', 'no'];
const trueFalse: readonly string[] = ['true', 'false', 'True', 'False', 'yes', 'no'];

const drbdOptionNames: Readonly<Record<string, readonly string[]>> = {
  'Net/': words(
    'allow-remote-read always-asbp connect-int cram-hmac-alg csums-after-crash-only csums-alg data-integrity-alg ko-count load-balance-paths max-buffers max-epoch-size on-congestion congestion-extents congestion-fill ping-int ping-timeout rcvbuf-size shared-secret sndbuf-size socket-check-timeout tcp-cork timeout tls transport use-rle verify-alg',
  ),
  'Disk/': words(
    'al-extents al-updates block-size d-bitmap discard-granularity discard-zeroes-if-aligned disable-write-same disk-barrier disk-drain disk-flushes disk-timeout max-passive-resyncs md-flushes on-io-error read-balancing resync-after rs-discard-granularity',
  ),
  'PeerDevice/': words('bitmap c-delay-target c-fill-target c-max-rate c-min-rate c-plan-ahead resync-rate'),
  'Resource/': words(
    'auto-promote-timeout cpu-mask explicit-drbd8-compat max-io-depth peer-ack-delay peer-ack-window peer-tiebreaker twopc-retry-timeout twopc-timeout',
  ),
};

function words(text: string): readonly string[] {
  return text.split(' ');
}

const knownKeys: Readonly<Record<string, 'any' | 'quorum' | readonly string[]>> = {
  [quorumProperty]: 'quorum',
  'DrbdOptions/Resource/quorum-minimum-redundancy': 'quorum',
  'DrbdOptions/Resource/on-no-quorum': ['io-error', 'suspend-io'],
  'DrbdOptions/Resource/on-no-data-accessible': ['io-error', 'suspend-io'],
  'DrbdOptions/Resource/on-suspended-primary-outdated': ['disconnect', 'force-secondary'],
  'DrbdOptions/Resource/auto-promote': yesNo,
  'DrbdOptions/Net/protocol': ['A', 'B', 'C'],
  'DrbdOptions/Net/allow-two-primaries': yesNo,
  'DrbdOptions/Net/rr-conflict': ['disconnect', 'call-pri-lost', 'violently', 'retry-connect', 'auto-discard'],
  'DrbdOptions/Net/after-sb-0pri': [
    'disconnect',
    'discard-younger-primary',
    'discard-older-primary',
    'discard-zero-changes',
    'discard-least-changes',
    'discard-local',
    'discard-remote',
  ],
  'DrbdOptions/Net/after-sb-1pri': [
    'disconnect',
    'consensus',
    'discard-secondary',
    'call-pri-lost-after-sb',
    'violently-as0p',
  ],
  'DrbdOptions/Net/after-sb-2pri': ['disconnect', 'call-pri-lost-after-sb', 'violently-as0p'],
  'DrbdOptions/Net/fencing': ['dont-care', 'resource-only', 'resource-and-stonith'],
  'DrbdOptions/auto-quorum': ['disabled', 'io-error', 'suspend-io'],
  'DrbdOptions/AutoEvictAllowEviction': trueFalse,
  [autoTiebreakerProperty]: trueFalse,
  [skipDiskProperty]: trueFalse,
  'DrbdOptions/auto-diskful-allow-cleanup': trueFalse,
  'DrbdOptions/auto-resync-after-disable': trueFalse,
  BalanceResourcesEnabled: trueFalse,
};

/** DRBD's other options, by section (`drbd.conf(5)`), and properties of LINSTOR's own: their values are not looked at. */
const freeKeys: ReadonlySet<string> = new Set([
  ...['Net/', 'Disk/', 'PeerDevice/', 'Resource/'].flatMap((section) =>
    (drbdOptionNames[section] ?? []).map((name) => `DrbdOptions/${section}${name}`),
  ),
  'Auth/TokenAuthenticationEnabled',
  'DrbdOptions/AutoEvictAfterTime',
  'DrbdOptions/auto-diskful',
  'DrbdOptions/auto-verify-alg',
  'DrbdOptions/auto-verify-algo-allowed-list',
  'FileSystem/MkfsParams',
  'FileSystem/Type',
  'PrefNic',
  'Site',
  'StorDriver/StorPoolName',
  'StorPoolName',
  'TcpPortAutoRange',
]);
