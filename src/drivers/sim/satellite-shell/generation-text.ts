import { noGeneration } from '../drbd/generation.ts';
import { isConnected, type Peer, type Replica } from '../drbd/replica.ts';

/**
 * `current:bitmap:history:history` and twelve flags: seven of the device, five of the peer (`dt_print_v9_uuids` in
 * `user/shared/drbdmeta.c` of LINBIT/drbd-utils). For a replica with a disk.
 */
export function generationLine(replica: Replica, peer: Peer): string {
  const { current, history } = replica.metadata;
  const identifiers = [current, peer.bitmapGeneration, history[0] ?? noGeneration, history[1] ?? noGeneration];
  return [...identifiers, ...flagsOf(replica, peer).map((flag) => (flag ? '1' : '0'))].join(':');
}

function flagsOf(replica: Replica, peer: Peer): readonly boolean[] {
  const { consistent, wasUpToDate, crashedPrimary, primaryLostQuorum } = replica.metadata;
  const hasPrimary =
    replica.role === 'Primary' ||
    [...replica.peers.values()].some((each) => isConnected(each) && each.role === 'Primary');
  const isApplied = false;
  const isLogOff = false;
  const isFenced = false;
  const isMarkingAll = false;
  const ofPeer = [
    peer.kind === 'diskful' && isConnected(peer),
    peer.rememberedOutdated,
    isFenced,
    isMarkingAll,
    peer.kind === 'diskful',
  ];
  return [consistent, wasUpToDate, hasPrimary, crashedPrimary, isApplied, isLogOff, primaryLostQuorum, ...ofPeer];
}

const labels = [
  'Data consistency flag ',
  'Data was/is currently up-to-date ',
  'Node was/is currently primary ',
  'This node was a crashed primary, and has not seen its peer since ',
  'The activity-log was applied, the disk can be attached ',
  'The activity-log was disabled, peer is completely out of sync ',
  'This node was primary when it lost quorum ',
  'Node was/is currently connected ',
  "The peer's disk was out-dated or inconsistent ",
  ' A fence policy other the dont-care was used ',
  'Node was in the progress of marking all blocks as out of sync ',
  'At least once we saw this node with a backing device attached',
];

/** The same, with a legend: `drbdsetup show-gi`. */
export function generationLegend(line: string): string {
  const column = line.length - 2 * labels.length + 1;
  const rows = labels.map((label, index) => {
    const text = `-<  ${label}${index === labels.length - 1 ? ' >--+' : ' >--+'}`;
    const open = labels.slice(index + 1).map(() => ' |');
    return `${text.padStart(column + 2 * index + 1)}${open.join('')}`;
  });
  return [
    '',
    '       +--<  Current data generation UUID  >-',
    "       |               +--<  Bitmap's base data generation UUID  >-",
    '       |               |                 +--<  younger history UUID  >-',
    '       |               |                 |         +-<  older history  >-',
    '       V               V                 V         V',
    line,
    `${' '.repeat(column)}${labels.map(() => '^').join(' ')}`,
    ...rows,
    '',
    '',
  ].join('\n');
}
