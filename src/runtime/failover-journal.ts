import type { FailoverContext } from '../machines/failover/context.ts';
import { holderOf, isJournalled, journalledRecord, journalRequest } from '../machines/failover/journal.ts';
import type { MachineRecord } from '../machines/definition.ts';
import { isSameJson } from '../model/json.ts';
import { isUnfinished } from '../model/failover.ts';
import type { KubeObject } from '../model/kube.ts';
import { resources } from '../model/kube.ts';
import type { Journal } from './journal.ts';

type Record = MachineRecord<FailoverContext>;

/** Keeps a failover's records in its Failover object on the target. */
export const failoverJournal: Journal<FailoverContext> = {
  write: (record, stored, now) =>
    isJournalled(record) && !isOnlyRenewal(record, stored)
      ? journalRequest(record, now, isFirstAfter(stored) ? undefined : stored)
      : undefined,
  owner: ({ context: { request } }) => ({
    api: 'kube',
    site: request.target,
    verb: 'get',
    resource: resources.failover,
    namespace: request.namespace,
    name: request.name,
  }),
  afterRefusal: ({ context }, stored, owner) => {
    if (owner.kind === 'unknown') return 'unknown';
    // Deleted: nobody's any more, and not ours to go on with.
    if (owner.kind === 'refused') return owner.status === 404 ? 'lost' : 'unknown';
    const operation = owner.body as unknown as KubeObject;
    // Ended, perhaps by a write of ours whose answer was lost: that verdict stands, whatever we would say now.
    if (!isUnfinished(operation)) return 'lost';
    const holder = holderOf(operation) ?? '';
    // Ours still: the server was busy, or the answer to an earlier write was lost.
    if (holder === context.holder) return 'unknown';
    // Not ours yet: the object has changed since we looked, by a cancel or by the one whom we succeed.
    return isFirstAfter(stored) && holder === context.formerHolder ? 'unknown' : 'lost';
  },
  found: ({ context }, owner) => {
    if (owner.kind !== 'applied') return undefined;
    const operation = owner.body as unknown as KubeObject;
    return holderOf(operation) === context.holder ? journalledRecord(operation) : undefined;
  },
};

// When the Leases are due concerns their holder alone: who takes the operation over renews them first of all.
function isOnlyRenewal(record: Record, stored: Record | undefined): boolean {
  if (stored === undefined || !isJournalled(stored) || record.state !== stored.state) return false;
  if (record.context.deadlines === stored.context.deadlines) return false;
  const { leaseRenewal, ...deadlines } = record.context.deadlines;
  const { leaseRenewal: _, ...storedDeadlines } = stored.context.deadlines;
  return (
    leaseRenewal !== undefined &&
    isSameJson({ ...record.context, deadlines }, { ...stored.context, deadlines: storedDeadlines })
  );
}

// A first write whose answer was lost is a first one again: it follows another look at the object.
function isFirstAfter(stored: Record | undefined): boolean {
  return stored === undefined || !isJournalled(stored);
}
