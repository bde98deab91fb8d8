import type { DrbdPort, OpenResult, WriteResult } from '../../../../src/drivers/sim/drbd/port.ts';

/** A device that can be told what to answer; it remembers who has it open, and where. */
export class ScriptedDrbd implements DrbdPort {
  openAnswer: OpenResult = { kind: 'open' };
  writeAnswer: WriteResult = { kind: 'acked', seq: 1 };
  writes = 0;
  #open: { readonly resource: string; readonly node: string; readonly opener: string }[] = [];

  open(resource: string, node: string, opener: string): OpenResult {
    if (this.openAnswer.kind !== 'open') return this.openAnswer;
    this.close(resource, node, opener);
    this.#open.push({ resource, node, opener });
    return this.openAnswer;
  }

  close(resource: string, node: string, opener: string): void {
    this.#open = this.#open.filter((one) => one.resource !== resource || one.node !== node || one.opener !== opener);
  }

  write(): WriteResult {
    this.writes += 1;
    return this.writeAnswer;
  }

  hasDevice(): boolean {
    return true;
  }

  losePower(node: string): void {
    this.#open = this.#open.filter((one) => one.node !== node);
  }

  openersOf(resource: string): readonly string[] {
    return this.#open.filter((one) => one.resource === resource).map((one) => one.opener);
  }
}
