import type { MachineRecord } from '../machines/definition.ts';
import type { Instant } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';

/** `unknown`: not known to be stored, so that nothing may follow from it. `lost`: somebody else drives the machine now. */
export type StoreVerdict = 'stored' | 'unknown' | 'lost';

/** Keeps a machine's records durably, as requests and what their answers mean. Pure: every host does the same with it. */
export interface Journal<Context> {
  /** The write that stores a record after the one that was stored last; undefined when it does not belong there. */
  write(
    record: MachineRecord<Context>,
    stored: MachineRecord<Context> | undefined,
    now: Instant,
  ): ApiRequest | undefined;
  /** What to read after a refused write: a refusal alone does not tell whose the journal is. */
  owner(record: MachineRecord<Context>): ApiRequest;
  /** What a refused write comes to, by that reading. */
  afterRefusal(
    record: MachineRecord<Context>,
    stored: MachineRecord<Context> | undefined,
    owner: Outcome,
  ): Exclude<StoreVerdict, 'stored'>;
  /** The record of this very driver that the same reading shows: stored by a write whose answer it has not heard. */
  found(record: MachineRecord<Context>, owner: Outcome): MachineRecord<Context> | undefined;
}
