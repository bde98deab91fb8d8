import { type Copy, diskfulCopies, type VolumeCopies } from '../../model/recovery/copies.ts';
import { differencesIn, type VolumeOutlook } from '../../model/recovery/recovery-outlook.ts';
import type { ReunionOrder } from '../../model/recovery/reunion.ts';
import { type Satellite, satelliteContainer } from '../../model/satellite.ts';
import { tableLines } from '../table.ts';

const headers = ['NODE', 'CLUSTER', 'ROLE', 'DISK', 'GENERATION', 'TOWARDS', 'CONNECTION', 'MARKED'];

/** Every copy of a volume side by side, a row for each peer, and how they stand to each other. */
export function volumeLines(volume: VolumeCopies): readonly string[] {
  const differences = differencesIn(volume);
  return [
    `${volume.resource}:`,
    ...tableLines(headers, volume.copies.flatMap(copyRows)).map((line) => `  ${line}`),
    ...volume.silent.map((why) => `  ⚠ ${why}`),
    ...differences.map((sentence) => `  ✗ ${sentence}`),
    ...(differences.length === 0 && volume.silent.length === 0 && diskfulCopies(volume).length > 1
      ? ['  ✓ every copy has the same generation of the data']
      : []),
  ];
}

function copyRows({ satellite, report }: Copy): readonly (readonly string[])[] {
  return report.peers.map((peer) => [
    satellite.node,
    satellite.site,
    report.suspended === undefined || report.suspended === 'no'
      ? (report.role ?? 'unknown')
      : `${report.role ?? 'unknown'} (suspended)`,
    report.disk ?? 'unknown',
    peer.generation?.current ?? '-',
    peer.node,
    peer.connection ?? 'unknown',
    peer.outOfSyncKib === undefined ? '-' : `${peer.outOfSyncKib} KiB`,
  ]);
}

/** What a choice costs, and what comes next; nothing for a volume whose copies are together. */
export function outlookLines({ losses, next }: VolumeOutlook): readonly string[] {
  return [
    ...losses.map(({ what }) => `⚠ ${what}`),
    ...next.orders.map((order) => `▶ on ${order.node}: ${typedCommand(order)}`),
    ...next.blockers.map((blocker) => `⚠ ${blocker}`),
  ];
}

/** The command as a person types it who has nothing but kubectl for that cluster. */
export function typedCommand({ request, command }: ReunionOrder): string {
  if (request.api === 'exec') return typedOn(request, command);
  return `echo '${JSON.stringify(request.body)}' | kubectl --kubeconfig <kubeconfig of ${request.site}> create -f -`;
}

/** A command in the pod of a satellite, as a person types it. */
export function typedOn({ namespace, pod }: Pick<Satellite, 'namespace' | 'pod'>, command: readonly string[]): string {
  return `kubectl -n ${namespace} exec ${pod} -c ${satelliteContainer} -- ${command.join(' ')}`;
}
