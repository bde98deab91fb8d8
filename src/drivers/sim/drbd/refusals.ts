/** Codes of refused state changes and their texts (LINBIT/drbd-headers `drbd_strings.c`). */
export const stateChangeTexts = {
  '-1': 'Multiple primaries not allowed by config',
  '-2': 'Need access to UpToDate data',
  '-6': 'Refusing to be Outdated while Connected',
  '-7': 'Refusing to be Primary while peer is not outdated',
  '-8': 'Can not start OV/resync since it is already active',
  '-9': 'Can not disconnect a StandAlone device',
  '-10': 'State change was refused by peer node',
  '-11': 'Device is diskless, the requested operation requires a disk',
  '-12': 'Device is held open by someone',
  '-13': 'Have no net/connection configuration',
  '-15': 'State change requires a connection',
  '-16': 'Disk state is lower than outdated',
  '-18': 'In transient state, retry after next state change',
  '-22': 'Peer may not become primary while device is opened read-only',
  '-24': 'Primary nodes must be strongly connected among each other',
  '-25': 'No quorum',
  '-26': 'Intentional diskless peer may not attach a disk',
} as const;

export type StateChangeCode = keyof typeof stateChangeTexts;

/** Codes of refused configuration (drbdsetup prints them with exit code 10). */
export const configurationTexts = {
  '123': '--discard-my-data not allowed when primary.',
  '124': 'Device is attached to a disk (use detach first)',
  '125': 'Device has a net-config (use disconnect first)',
  '150': 'Can only attach to the data we lost last (see kernel log).',
  '158': 'Unknown resource',
  '164': 'Can not clear allow_two_primaries as long as\nthere a primaries on both sides',
} as const;

export type ConfigurationCode = keyof typeof configurationTexts;

/** What a command answers: exit code 0, or the exit code and the lines that drbdsetup prints. */
export interface CommandResult {
  readonly exit: number;
  /** The code of the refusal; absent on success and where the program prints none. */
  readonly code?: number;
  readonly text: string;
}

export const done: CommandResult = { exit: 0, text: '' };

/** A refused state change, in the wording and with the exit code of drbdsetup (LINBIT/drbd-utils `user/v9/drbdsetup.c`). */
export function refuse(resource: string, code: StateChangeCode, additional?: string): CommandResult {
  const first = `${resource}: State change failed: (${code}) ${stateChangeTexts[code]}`;
  const text = additional === undefined ? first : `${first}\nadditional info from kernel:\n${additional}`;
  return { exit: exitCodes[code] ?? 11, code: Number(code), text };
}

/** A refused configuration change. */
export function refuseConfiguration(resource: string, code: ConfigurationCode): CommandResult {
  return { exit: 10, code: Number(code), text: `${resource}: Failure: (${code}) ${configurationTexts[code]}` };
}

const exitCodes: Partial<Record<StateChangeCode, number>> = { '-2': 17, '-16': 5 };
