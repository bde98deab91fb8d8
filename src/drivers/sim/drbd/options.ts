/** Options of a resource on one node, under the names that drbdsetup uses. */
export interface DrbdOptions {
  readonly protocol: 'A' | 'B' | 'C';
  readonly quorum: 'off' | 'majority' | 'all' | number;
  readonly 'quorum-minimum-redundancy': 'off' | 'majority' | 'all' | number;
  readonly 'on-no-quorum': 'suspend-io' | 'io-error';
  readonly 'on-no-data-accessible': 'suspend-io' | 'io-error';
  readonly 'on-suspended-primary-outdated': 'disconnect' | 'force-secondary';
  readonly 'rr-conflict': 'disconnect' | 'retry-connect' | 'violently' | 'call-pri-lost' | 'auto-discard';
  readonly 'after-sb-0pri':
    | 'disconnect'
    | 'discard-younger-primary'
    | 'discard-older-primary'
    | 'discard-zero-changes'
    | 'discard-least-changes'
    | 'discard-local'
    | 'discard-remote';
  readonly 'after-sb-1pri':
    | 'disconnect'
    | 'consensus'
    | 'violently-as0p'
    | 'discard-secondary'
    | 'call-pri-lost-after-sb';
  readonly 'after-sb-2pri': 'disconnect' | 'violently-as0p' | 'call-pri-lost-after-sb';
  readonly 'auto-promote': boolean;
  readonly 'allow-two-primaries': boolean;
  readonly fencing: 'dont-care' | 'resource-only' | 'resource-and-stonith';
  readonly 'peer-tiebreaker': boolean;
  /** Upper rate of a resync, KiB per second. */
  readonly 'c-max-rate': number;
}

export type DrbdOptionName = keyof DrbdOptions;

/** Defaults of the kernel module and drbd-utils (`documentation/v9/drbd.conf.xml.in`, `linux/drbd_limits.h`). */
export const defaultOptions: DrbdOptions = {
  protocol: 'C',
  quorum: 'off',
  'quorum-minimum-redundancy': 'off',
  'on-no-quorum': 'suspend-io',
  'on-no-data-accessible': 'io-error',
  'on-suspended-primary-outdated': 'disconnect',
  'rr-conflict': 'disconnect',
  'after-sb-0pri': 'disconnect',
  'after-sb-1pri': 'disconnect',
  'after-sb-2pri': 'disconnect',
  'auto-promote': true,
  'allow-two-primaries': false,
  fencing: 'dont-care',
  'peer-tiebreaker': true,
  'c-max-rate': 102_400,
};

/** Options from their text values (`{ quorum: 'majority', 'auto-promote': 'yes' }`); names that the model does not know are left out. */
export function optionsFromText(
  values: Readonly<Record<string, string>>,
  base: DrbdOptions = defaultOptions,
): DrbdOptions {
  const changed: Record<string, string | boolean | number> = {};
  for (const [name, text] of Object.entries(values)) {
    if (!(name in defaultOptions)) continue;
    const usual = defaultOptions[name as DrbdOptionName];
    if (typeof usual === 'boolean') changed[name] = text === 'yes' || text === 'true';
    else changed[name] = /^\d+$/.test(text) ? Number(text) : text;
  }
  return { ...base, ...changed };
}
