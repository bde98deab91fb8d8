import type { Millis } from '../../../src/model/instant.ts';

/** A recorded scenario of the real kernel module: commands with their answers, events2 lines, and states at moments of rest. */
export interface Recording {
  readonly nodes: readonly { readonly name: string; readonly disk: boolean }[];
  readonly options: Readonly<Record<'resource' | 'net' | 'disk', Readonly<Record<string, string>>>>;
  readonly steps: readonly RecordedStep[];
  readonly events: readonly { readonly t_ms: Millis; readonly node: string; readonly line: string }[];
  readonly kernel?: readonly { readonly t_ms: Millis; readonly node: string; readonly line: string }[];
  readonly snapshots: readonly RecordedSnapshot[];
}

export interface RecordedStep {
  readonly t_ms: Millis;
  readonly node: string;
  readonly command: string;
  readonly exit: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly took_ms?: Millis;
}

export interface RecordedSnapshot {
  readonly t_ms: Millis;
  readonly node: string;
  readonly label: string;
  readonly status: readonly RecordedStatus[] | null;
  /** Per peer: `current:bitmap:history0:history1:flags…`. */
  readonly gi?: Readonly<Record<string, string>>;
  readonly may_promote?: 'yes' | 'no';
  readonly promotion_score?: number;
}

export interface RecordedStatus {
  readonly role: string;
  readonly 'suspended-quorum': boolean;
  readonly 'suspended-no-data': boolean;
  readonly 'force-io-failures': boolean;
  readonly devices: readonly { readonly 'disk-state': string; readonly quorum: boolean; readonly open: boolean }[];
  readonly connections: readonly RecordedConnection[];
}

export interface RecordedConnection {
  readonly name: string;
  readonly 'connection-state': string;
  readonly 'peer-role': string;
  readonly peer_devices: readonly {
    readonly 'replication-state': string;
    readonly 'peer-disk-state': string;
    readonly 'out-of-sync': number;
  }[];
}

/** When a recorded node next said this of a connection; undefined when it did not. */
export function nextSaid(
  recording: Recording,
  node: string,
  peer: string,
  what: RegExp,
  from: Millis,
): Millis | undefined {
  return recording.events.find(
    ({ t_ms, node: at, line }) =>
      at === node &&
      t_ms >= from &&
      line.startsWith('change') &&
      line.includes(`conn-name:${peer} `) &&
      what.test(line),
  )?.t_ms;
}

/** When a recorded node next said such a line; undefined when it did not. */
export function saidOf(recording: Recording, node: string, what: RegExp, from: Millis): Millis | undefined {
  return recording.events.find(({ t_ms, node: at, line }) => at === node && t_ms >= from && what.test(line))?.t_ms;
}

/** When the kernel of a recorded node next compared generations with a peer; undefined when it did not. */
export function nextHandshake(recording: Recording, node: string, peer: string, from: Millis): Millis | undefined {
  return recording.kernel?.find(
    ({ t_ms, node: at, line }) =>
      at === node &&
      t_ms >= from &&
      / (drbd_sync_handshake:|my exposed UUID: )/.test(line) &&
      line.includes(` ${peer}: `),
  )?.t_ms;
}
