import { isObject, type Mask } from '../difference.ts';

/**
 * What differs between two installations of the same LINSTOR: identities, times, secrets, ports, device numbers, sizes on
 * disk, and what the hosts have installed. Whether a field is there is compared all the same.
 */
export const linstorMask: Mask = (key, value) => {
  if (value === undefined) return undefined;
  if (hostKeys.has(key)) return undefined;
  if (rigKeys.has(key)) return '<rig>';
  if (sizeKeys.has(key)) return value === 0 ? 0 : '<rig>';
  if (key === 'StorPoolName' || key === 'storage_pool_name') return value;
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value) && value.some(isMessage)) return maskedMessages(value as readonly Message[]);
  return value;
};

type Message = Readonly<Record<string, unknown>>;

/** What the hosts of the rig lacked, how fine their disks are; and error reports, which the world keeps none of. */
const hostKeys: ReadonlySet<string> = new Set([
  'unsupported_providers',
  'unsupported_layers',
  'error_report_ids',
  'DrbdOptions/Disk/block-size',
  'DrbdOptions/Disk/discard-granularity',
  'DrbdOptions/Disk/discard-zeroes-if-aligned',
  'DrbdOptions/Disk/rs-discard-granularity',
  'Linstor/Drbd/InitialUptoDateOn',
  'StorDriver/internal/AllocationGranularity',
  'Satellite/minIoSizeRestartDrbd',
]);

const rigKeys: ReadonlySet<string> = new Set([
  'uuid',
  'UUID',
  'token',
  'created_at',
  'create_timestamp',
  'eviction_timestamp',
  'secret',
  'tcp_ports',
  'port',
  'minor_number',
  'device_path',
  'backing_device',
  'address',
  'satellite_port',
  'allocated_size_kib',
  'usable_size_kib',
  'free_capacity',
  'total_capacity',
  'listen_address',
  'bind_address',
  'disk_state',
  'provider_kind',
  'storage_providers',
  'resource_layers',
  'os_variant',
  'DrbdCurrentGi',
  'Cluster/LocalID',
  'version',
  'git_hash',
  'build_time',
  'node_id',
]);

/** How much room there is; whether there is any is compared. */
const sizeKeys: ReadonlySet<string> = new Set([
  'max_vlm_size_in_kib',
  'available_size_in_kib',
  'capacity_in_kib',
  'max_volume_size_kib',
]);

function isMessage(value: unknown): boolean {
  return isObject(value) && 'ret_code' in value;
}

/** Satellites answer in any order, and messages about the rig's sparse files are none of LINSTOR's. */
function maskedMessages(messages: readonly Message[]): readonly Message[] {
  const kept = messages.filter((each) => !/\[[A-Z ]+\] resized/.test(String(each.message)));
  const ordered: Message[] = [];
  for (let index = 0; index < kept.length; ) {
    let end = index + 1;
    if (isProgress(kept[index]!)) while (end < kept.length && isProgress(kept[end]!)) end++;
    ordered.push(...kept.slice(index, end).toSorted((a, b) => (String(a.message) < String(b.message) ? -1 : 1)));
    index = end;
  }
  return ordered.map((each) => ({ ...each, ...toolsOf(each), ret_code: String(each.ret_code) }));
}

/** What a satellite says that its host has installed. */
function toolsOf({ message, details }: Message): Message {
  return String(message).endsWith(' authenticated') && typeof details === 'string' ? { details: '<rig>' } : {};
}

function maskedText(text: string): string {
  return text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/[\dA-F]{8}-[\dA-F]{5}-\d{6}/g, '<report>')
    .replaceAll(/\b(FILE|LVM)[_ ]THIN\b/g, '<provider>')
    .replaceAll(/(token created successfully: |Init token )\S+/g, '$1<token>')
    .replaceAll(/'(\/dev\/\S+)'/g, "'<device>'");
}

/** Messages without what the satellites and the controller tell of their work on each node while it goes on. */
export function withoutProgress(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  return (answer as readonly unknown[]).filter((each) => !isObject(each) || !isProgress(each));
}

function isProgress({ message }: Message): boolean {
  return progress.test(String(message));
}

/** What is told of the work on one node; several nodes work at the same time. */
const progress = new RegExp(
  [
    '^\\([\\w-]+\\) ',
    "^(Added peer\\(s\\)|Added disk on|Removed disk on|Created resource|Created volume|Deleted volume|Prepared ') ?",
    "^(Preparing deletion of|Cleaning up '|Notified '|Storage pool updated on|Reactivating resource on) ?",
    "^Updated Resource definition '",
    "^(Suspended IO|Took snapshot|Resumed IO) of '|^Deleted snapshot '",
    '^Resource (updated|activated|deactivated|marked inactivate) on ',
    '^Finished deactivation of resource on ',
    "^Resource '[^']+' (updated on node|on) '[^']+'( ready| deleted| marked for deletion)?$",
    "^Deleted resource '[^']+' on ",
  ].join('|'),
);
