import type { MachineRecord } from '../machines/definition.ts';
import type { OperationContext, OperationKind } from '../machines/operation/context.ts';
import {
  holderOf,
  isJournalled,
  journalledRecordOf,
  journalPlace,
  journalRequest,
} from '../machines/operation/journal.ts';
import { isSameJson } from '../model/json.ts';
import { isUnfinished } from '../model/failover.ts';
import type { KubeObject } from '../model/kube.ts';
import type { Journal } from './journal.ts';

/** Keeps the records of a kind of operation in its objects. */
export function operationJournal<Context extends OperationContext>(kind: OperationKind<Context>): Journal<Context> {
  return {
    write: (record, stored, now) =>
      isJournalled(record) && !isOnlyRenewal(record, stored)
        ? journalRequest(kind, record, now, isFirstAfter(stored) ? undefined : stored)
        : undefined,
    owner: ({ context }) => ({ ...journalPlace(kind, context), verb: 'get' }),
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
      return holderOf(operation) === context.holder ? journalledRecordOf(kind, operation) : undefined;
    },
  };
}

// When the Leases are due concerns their holder alone: who takes the operation over renews them first of all.
function isOnlyRenewal(
  record: MachineRecord<OperationContext>,
  stored: MachineRecord<OperationContext> | undefined,
): boolean {
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
function isFirstAfter(stored: MachineRecord<OperationContext> | undefined): boolean {
  return stored === undefined || !isJournalled(stored);
}
