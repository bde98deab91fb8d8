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
export const autoTiebreakerProperty = 'DrbdOptions/auto-add-quorum-tiebreaker';

/** Why a property may not be set; undefined when it may. */
export interface PropertyFault {
  readonly kind: 'key' | 'value';
  /** What the value would have to be. */
  readonly rule: string;
}

export function faultOf(key: string, value: string): PropertyFault | undefined {
  if (key.startsWith('Aux/') || key.startsWith('DrbdOptions/Handlers/')) return undefined;
  const allowed = knownKeys[key];
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
      : `This value has to match one of [${allowed.join(', ')}].`;
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

const knownKeys: Readonly<Record<string, 'any' | 'quorum' | readonly string[]>> = {
  [quorumProperty]: 'quorum',
  'DrbdOptions/Resource/quorum-minimum-redundancy': 'quorum',
  'DrbdOptions/Resource/on-no-quorum': ['io-error', 'suspend-io'],
  'DrbdOptions/Resource/on-no-data-accessible': ['io-error', 'suspend-io'],
  'DrbdOptions/Resource/on-suspended-primary-outdated': ['disconnect', 'force-secondary'],
  'DrbdOptions/Resource/auto-promote': yesNo,
  'DrbdOptions/Resource/auto-promote-timeout': 'any',
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
  'DrbdOptions/Net/ping-int': 'any',
  'DrbdOptions/Net/ping-timeout': 'any',
  'DrbdOptions/Net/connect-int': 'any',
  'DrbdOptions/Net/verify-alg': 'any',
  'DrbdOptions/PeerDevice/c-max-rate': 'any',
  'DrbdOptions/auto-verify-alg': 'any',
  'DrbdOptions/auto-verify-algo-allowed-list': 'any',
  'DrbdOptions/auto-quorum': ['disabled', 'io-error', 'suspend-io'],
  'DrbdOptions/AutoEvictAllowEviction': trueFalse,
  'DrbdOptions/AutoEvictAfterTime': 'any',
  [autoTiebreakerProperty]: trueFalse,
  'DrbdOptions/SkipDisk': trueFalse,
  'DrbdOptions/auto-diskful-allow-cleanup': trueFalse,
  'DrbdOptions/auto-resync-after-disable': trueFalse,
  StorPoolName: 'any',
  BalanceResourcesEnabled: trueFalse,
  'FileSystem/Type': 'any',
  'FileSystem/MkfsParams': 'any',
};
