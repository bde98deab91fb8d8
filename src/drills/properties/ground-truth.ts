import type { Replica } from '../../drivers/sim/drbd/replica.ts';
import type { Millis } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { groupNamed, type Stage, type StagedGroup, stageNamespace } from '../stage.ts';
import { otherSite, stageSites } from '../stage-sites.ts';
import { isStartOrder } from './orders.ts';
import type { Property } from './property.ts';
import { replicasOf, unreadableOn } from './replicas.ts';
import { watchUpElsewhere } from './up-elsewhere.ts';

/** No volume is written from two nodes. */
export const singleWriter: Property = {
  id: 'S1',
  name: 'SingleWriter',
  says: 'At no moment is a volume Primary, open for writing and able to write on two nodes.',
  watch: ({ twin: { kernel } }, judge) => {
    kernel.onChange((name) => {
      const writers = replicasOf(kernel, name).filter(mayWrite);
      judge.check(writers.length < 2, () => `${name} is written on ${writers.map(({ node }) => node).join(' and ')}`);
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
  watch: ({ twin: { guests } }, judge) => {
    guests.onChange(({ namespace, vm }) => {
      const clusters = new Set(guests.executing(namespace, vm).map(({ cluster }) => cluster));
      judge.check(clusters.size < 2, () => `${vm} executes on ${[...clusters].join(' and ')}`);
    });
    return undefined;
  },
};

/** A guest that begins to execute after a planned failover has all its data. */
export const plannedZeroLoss: Property = {
  id: 'S3',
  name: 'PlannedZeroLoss',
  says: 'A guest that begins to execute finds every write that was ever acknowledged to it.',
  watch: ({ twin: { guests, kernel } }, judge) => {
    const begun = new Set(guests.all().map(({ podUid }) => podUid));
    guests.onChange(({ vm, node, podUid, executesSince, disks }) => {
      if (executesSince === undefined || begun.has(podUid)) return;
      begun.add(podUid);
      for (const disk of disks) {
        const missing = unreadableOn(kernel, disk, node);
        judge.check(missing === 0, () => `${vm} starts on ${node} without ${missing} acknowledged writes of ${disk}`);
      }
    });
    return undefined;
  },
};

/** The target is started when the source stands still, and not because DRBD would refuse otherwise. */
export const startAfterStop: Property = {
  id: 'S20',
  name: 'StartAfterStop',
  says: 'When an operation orders a site to run the group, no guest of it executes on the other site, and no volume has been Primary there for longer than LINSTOR takes to hear of it (2 s).',
  watch: (stage, judge) => {
    const upElsewhere = watchUpElsewhere(stage);
    stage.onRequest.add((sent) => {
      const { host, request, outcome } = sent;
      if (!isStartOrder(request) || outcome.kind !== 'applied') return;
      const up = upElsewhere(sent, request.name ?? '', request.site);
      judge.check(up.length === 0, () => `${host} starts ${request.site} while ${up.join(', ')}`);
    });
    return undefined;
  },
};

/** An operation that is shown as a success is one. */
export const successHonesty: Property = {
  id: 'S21',
  name: 'SuccessHonesty',
  says: 'When an operation is shown as Succeeded every VM has begun to execute on the target since it was ordered, and none executes on the source.',
  watch: (stage, judge) => {
    const { guests, world } = stage.twin;
    const begunAt = new Map<string, Millis>();
    guests.onChange(({ vm, cluster, executesSince }) => {
      if (executesSince !== undefined) begunAt.set(`${vm} on ${cluster}`, executesSince);
    });
    const orderedAt = new Map<string, Millis>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old, type }) => {
        if (resource.plural !== resources.failover.plural) return;
        const { name } = object.metadata;
        if (type === 'ADDED') orderedAt.set(name, world.now);
        const [before, after] = [old, object].map((each) => textAt(each, 'status', 'phase'));
        if (after !== 'Succeeded' || before === after) return;
        const group = groupNamed(stage, textAt(object, 'spec', 'protectionGroup') ?? '');
        for (const vm of group.members) {
          const hasBegun = (begunAt.get(`${vm} on ${site}`) ?? 0) >= (orderedAt.get(name) ?? 0);
          judge.check(hasBegun, () => `${name} succeeded, and ${vm} has never executed on ${site}`);
        }
        const left = executingOn(stage, group, otherSite(site));
        judge.check(
          left.length === 0,
          () => `${name} succeeded while ${left.join(', ')} execute on ${otherSite(site)}`,
        );
      });
    }
    return undefined;
  },
};

function executingOn({ twin: { guests } }: Stage, { members }: StagedGroup, site: string): readonly string[] {
  return members.filter((vm) => guests.executing(stageNamespace, vm).some(({ cluster }) => cluster === site));
}
