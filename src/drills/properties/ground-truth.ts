import type { Replica } from '../../drivers/sim/drbd/replica.ts';
import type { Property } from './property.ts';

/** No volume is written from two nodes. */
export const singleWriter: Property = {
  id: 'S1',
  name: 'SingleWriter',
  says: 'At no moment is a volume Primary, open for writing and able to write on two nodes.',
  watch: ({ twin: { kernel } }, report) => {
    kernel.onChange((name) => {
      const writers = [...(kernel.resource(name)?.replicas.values() ?? [])].filter(mayWrite);
      if (writers.length > 1) report(`${name} is written on ${writers.map(({ node }) => node).join(' and ')}`);
    });
    return undefined;
  },
};

function mayWrite({ running, role, openers, suspended, forceIoFailures }: Replica): boolean {
  if (!running || role !== 'Primary' || forceIoFailures) return false;
  if (suspended.user || suspended.noData || suspended.quorum || suspended.fencing) return false;
  for (const { mode } of openers.values()) if (mode === 'rw') return true;
  return false;
}

/** No VM executes twice. */
export const noDualRun: Property = {
  id: 'S2',
  name: 'NoDualRun',
  says: 'At no moment does a VM execute on two clusters, whatever the API says of it.',
  watch: ({ twin: { guests } }, report) => {
    guests.onChange(({ namespace, vm }) => {
      const clusters = new Set(guests.executing(namespace, vm).map(({ cluster }) => cluster));
      if (clusters.size > 1) report(`${vm} executes on ${[...clusters].join(' and ')}`);
    });
    return undefined;
  },
};

/** A guest that begins to execute after a planned failover has all its data. */
export const plannedZeroLoss: Property = {
  id: 'S3',
  name: 'PlannedZeroLoss',
  says: 'A guest that begins to execute finds every write that was ever acknowledged to it.',
  watch: ({ twin: { guests, kernel } }, report) => {
    const begun = new Set(guests.all().map(({ podUid }) => podUid));
    guests.onChange(({ vm, node, podUid, executesSince, disks }) => {
      if (executesSince === undefined || begun.has(podUid)) return;
      begun.add(podUid);
      for (const disk of disks) {
        const missing = kernel.missingCount(disk, node);
        if (missing > 0) report(`${vm} starts on ${node} without ${missing} acknowledged writes of ${disk}`);
      }
    });
    return undefined;
  },
};
