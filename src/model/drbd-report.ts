import { execResultOf } from './exec-result.ts';
import type { Truth } from './known.ts';
import { type Known, known, unknown } from './known.ts';
import { oncePer } from './memo.ts';
import type { ExecRequest, Outcome } from './request.ts';
import { onSatellite, type Satellite } from './satellite.ts';

/** What DRBD says on one node, by resource; a resource that the node does not have is absent. */
export type DrbdReport = ReadonlyMap<string, DrbdResourceReport>;

/** One resource on one node. Texts are DRBD's own spellings; what is not reported is undefined or unknown. */
export interface DrbdResourceReport {
  readonly resource: string;
  readonly role: string | undefined;
  /** `no`, or why I/O stands still: `quorum`, `no-data`, `user`, `fencing`, also several joined by commas. */
  readonly suspended: string | undefined;
  /** True after a forced demotion, until the last opener has let go. */
  readonly forcesIoFailures: Truth;
  readonly mayPromote: Truth;
  readonly minor: number | undefined;
  /** `UpToDate`, `Outdated` … of volume 0. */
  readonly disk: string | undefined;
  readonly open: Truth;
  readonly quorum: Truth;
  readonly sizeKib: number | undefined;
  readonly peers: readonly DrbdPeerReport[];
  /** DRBD Operator: the snapshots of this copy. LINSTOR tells of them elsewhere. */
  readonly snapshots?: { readonly supported: Truth; readonly names: readonly string[] };
  /** DRBD Operator: when the agent wrote this, by its own clock. */
  readonly writtenAt?: string;
  /** DRBD Operator: the operation that the node ended last; all else is from after its end. */
  readonly lastOperation?: EndedOperation;
}

/** What has become of an operation. `Refused`: nothing was done; `Failed`: an error, or nobody knows. */
export interface EndedOperation {
  readonly name: string;
  readonly phase: 'Succeeded' | 'Failed' | 'Refused';
  readonly message: string;
}

/** A peer of a resource as one node sees it. */
export interface DrbdPeerReport {
  readonly node: string;
  readonly nodeId: number;
  readonly connection: string | undefined;
  readonly role: string | undefined;
  readonly replication: string | undefined;
  readonly disk: string | undefined;
  readonly outOfSyncKib: number | undefined;
  /** Of a running resync or verify. */
  readonly donePercentage: number | undefined;
  /** Undefined on a node without a disk. */
  readonly generation: DataGeneration | undefined;
}

/**
 * The identifiers of the data of a disk, as they count towards one peer, in hexadecimal digits (`drbd/drbd_int.h`,
 * `user/shared/drbdmeta.c` of LINBIT). The lowest bit only tells whether somebody is Primary, and is taken off.
 */
export interface DataGeneration {
  readonly current: string;
  /** Since which generation blocks are marked for the peer; zeros when none are. */
  readonly bitmap: string;
  readonly history: readonly string[];
  /** The node was Primary when it lost quorum, and has not met its peer since. */
  readonly primaryLostQuorum: boolean;
  readonly crashedPrimary: boolean;
}

/**
 * Prints what DRBD knows of some resources, in the lines of `drbdsetup events2 --now` (`user/v9/drbdsetup_events2.c` of
 * LINBIT/drbd-utils), and one line `gi` for each peer device. A resource that the node does not have prints nothing; without
 * arguments all that the node has are printed.
 */
export const drbdReportScript = `[ $# -gt 0 ] || set -- $(drbdsetup events2 --now 2>/dev/null | sed -n 's/^exists resource name:\\([^ ]*\\).*/\\1/p')
for resource in "$@"; do
  lines=$(drbdsetup events2 --now --statistics "$resource" 2>/dev/null) || continue
  printf '%s\\n' "$lines"
  for peer in $(printf '%s\\n' "$lines" | sed -n 's/^exists peer-device .*peer-node-id:\\([0-9]*\\).*/\\1/p'); do
    gi=$(drbdsetup get-gi "$resource" "$peer" 0 2>/dev/null) && echo "gi name:$resource peer-node-id:$peer $gi"
  done
done
exit 0`;

/** Asks the node of a satellite about some resources; about all that it has when none are named. */
export function drbdReportRequest(satellite: Satellite, resources: readonly string[]): ExecRequest {
  return onSatellite(satellite, ['sh', '-c', drbdReportScript, 'drbd-report', ...resources]);
}

/** True for a request that `drbdReportRequest` made: it changes nothing. */
export function asksForDrbdReport({ command }: ExecRequest): boolean {
  return command[2] === drbdReportScript;
}

/** What a node answered to `drbdReportRequest`. */
export function drbdReading(node: string, outcome: Outcome): Known<DrbdReport> {
  return readings(outcome).known ? readings(outcome) : unknown(`DRBD on ${node}: ${whyOf(readings(outcome))}`);
}

const readings = oncePer((outcome: Outcome): Known<DrbdReport> => {
  const result = execResultOf(outcome);
  if (!result.known) return result;
  const { exitCode, stdout, stderr } = result.value;
  if (exitCode !== 0) return unknown(`the report ended with exit code ${exitCode}: ${stderr.trim()}`);
  return known(parseDrbdReport(stdout));
});

/** Reads the lines that `drbdReportScript` prints. Lines and fields that are not known are passed over. */
export function parseDrbdReport(text: string): DrbdReport {
  const lines = text.split('\n').map(lineOf);
  const names = lines.flatMap(({ object, fields }) => (object === 'resource' ? [fields.get('name') ?? ''] : []));
  return new Map(names.map((name) => [name, resourceReport(name, lines)]));
}

interface Line {
  readonly object: string;
  readonly fields: ReadonlyMap<string, string>;
  /** The last word. */
  readonly rest: string;
}

function lineOf(text: string): Line {
  const words = text.trim().split(' ');
  const object = words[0] === 'gi' ? 'gi' : (words[1] ?? '');
  const fields = new Map(
    words.flatMap((word): readonly [string, string][] => {
      const colon = word.indexOf(':');
      return colon < 1 ? [] : [[word.slice(0, colon), word.slice(colon + 1)]];
    }),
  );
  return { object, fields, rest: words.at(-1) ?? '' };
}

function resourceReport(name: string, lines: readonly Line[]): DrbdResourceReport {
  const own = lines.filter(({ fields }) => fields.get('name') === name);
  const of = (object: string): ReadonlyMap<string, string> | undefined =>
    own.find((line) => line.object === object && (fieldIs(line, 'volume', '0') || object === 'resource'))?.fields;
  const [resource, device] = [of('resource'), of('device')];
  return {
    resource: name,
    role: resource?.get('role'),
    suspended: resource?.get('suspended'),
    forcesIoFailures: truthOf(resource?.get('force-io-failures')),
    mayPromote: truthOf(resource?.get('may_promote')),
    minor: numberOf(device?.get('minor')),
    disk: device?.get('disk'),
    open: truthOf(device?.get('open')),
    quorum: truthOf(device?.get('quorum')),
    sizeKib: numberOf(device?.get('size')),
    peers: own.filter(({ object }) => object === 'connection').map(({ fields }) => peerReport(fields, own)),
  };
}

function peerReport(connection: ReadonlyMap<string, string>, own: readonly Line[]): DrbdPeerReport {
  const id = connection.get('peer-node-id') ?? '';
  const ofPeer = own.filter((line) => fieldIs(line, 'peer-node-id', id));
  const device = ofPeer.find((line) => line.object === 'peer-device' && fieldIs(line, 'volume', '0'))?.fields;
  const generation = ofPeer.find((line) => line.object === 'gi');
  return {
    node: connection.get('conn-name') ?? '',
    nodeId: Number(id),
    connection: connection.get('connection'),
    role: connection.get('role'),
    replication: device?.get('replication'),
    disk: device?.get('peer-disk'),
    outOfSyncKib: numberOf(device?.get('out-of-sync')),
    donePercentage: numberOf(device?.get('done')),
    generation: generation && generationOf(generation.rest),
  };
}

/** Reads `current:bitmap:history0:history1:` and twelve flags, as `drbdsetup get-gi` prints them. */
function generationOf(text: string): DataGeneration | undefined {
  const [current, bitmap, first, second, ...flags] = text.split(':');
  if (current === undefined || bitmap === undefined || first === undefined || second === undefined) return undefined;
  return {
    current: withoutPrimaryBit(current),
    bitmap: withoutPrimaryBit(bitmap),
    history: [first, second].map(withoutPrimaryBit),
    crashedPrimary: flags[3] === '1',
    primaryLostQuorum: flags[6] === '1',
  };
}

/** The generation without the bit that only tells whether somebody is Primary. */
export function withoutPrimaryBit(digits: string): string {
  return digits.slice(0, -1) + (Number.parseInt(digits.slice(-1), 16) & ~1).toString(16).toUpperCase();
}

function fieldIs({ fields }: Line, name: string, value: string): boolean {
  return fields.get(name) === value;
}

function truthOf(text: string | undefined): Truth {
  return text === 'yes' || text === 'no' ? text : 'unknown';
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function whyOf(reading: Known<unknown>): string {
  return reading.known ? '' : reading.why;
}
