import { failoverKind } from '../machines/failover/journal.ts';
import { operationJournal } from './operation-journal.ts';

/** Keeps a failover's records in its Failover object on the target. */
export const failoverJournal = operationJournal(failoverKind);
