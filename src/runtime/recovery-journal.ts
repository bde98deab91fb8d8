import { recoveryKind } from '../machines/recovery/journal.ts';
import { operationJournal } from './operation-journal.ts';

/** Keeps a recovery's records in its Recovery object. */
export const recoveryJournal = operationJournal(recoveryKind);
