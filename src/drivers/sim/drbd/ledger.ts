import type { Millis } from '../../../model/instant.ts';
import { addWrite, countWrites, differenceOf, hasWrite, type WriteSet } from './write-set.ts';

/** Writes of one opener on one node, in a row without a gap. */
export interface AckRun {
  readonly opener: string;
  readonly node: string;
  readonly from: number;
  to: number;
  readonly times: Millis[];
}

interface ResourceLedger {
  readonly acked: WriteSet;
  readonly failed: WriteSet;
  readonly runs: AckRun[];
}

/**
 * Which numbered writes were acknowledged, when and to whom. Kept outside the disks, as the guests would: what a disk lacks
 * of it is lost data.
 */
export class Ledger {
  readonly #resources = new Map<string, ResourceLedger>();

  acknowledge(resource: string, seq: number, node: string, opener: string, at: Millis): void {
    const ledger = this.#of(resource);
    addWrite(ledger.acked, seq);
    const last = ledger.runs.at(-1);
    if (last !== undefined && last.opener === opener && last.node === node && last.to + 1 === seq) {
      last.to = seq;
      last.times.push(at);
    } else {
      ledger.runs.push({ opener, node, from: seq, to: seq, times: [at] });
    }
  }

  fail(resource: string, seq: number): void {
    addWrite(this.#of(resource).failed, seq);
  }

  /** `open`: neither acknowledged nor failed so far. */
  fateOf(resource: string, seq: number): 'acked' | 'failed' | 'open' {
    const ledger = this.#of(resource);
    if (hasWrite(ledger.acked, seq)) return 'acked';
    return hasWrite(ledger.failed, seq) ? 'failed' : 'open';
  }

  /** Every acknowledged write, as ranges. */
  acked(resource: string): Readonly<WriteSet> {
    return this.#of(resource).acked;
  }

  ackedCount(resource: string): number {
    return countWrites(this.#of(resource).acked);
  }

  /** In order of acknowledgement. */
  runs(resource: string): readonly AckRun[] {
    return this.#of(resource).runs;
  }

  /** World time of the newest acknowledged write; undefined when there is none. */
  lastAckAt(resource: string): Millis | undefined {
    return this.#of(resource).runs.at(-1)?.times.at(-1);
  }

  /** Acknowledged writes that a disk lacks. */
  missingFrom(resource: string, disk: WriteSet): WriteSet {
    return differenceOf(this.#of(resource).acked, disk);
  }

  #of(resource: string): ResourceLedger {
    let ledger = this.#resources.get(resource);
    if (ledger === undefined) {
      ledger = { acked: [], failed: [], runs: [] };
      this.#resources.set(resource, ledger);
    }
    return ledger;
  }
}
