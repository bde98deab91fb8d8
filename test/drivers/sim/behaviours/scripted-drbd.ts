import type { DrbdPort, OpenResult, WriteResult } from '../../../../src/drivers/sim/drbd/port.ts';

/** A device that can be told what to answer; it remembers who has it open. */
export class ScriptedDrbd implements DrbdPort {
  readonly openers = new Map<string, Set<string>>();
  openAnswer: OpenResult = { kind: 'open' };
  writeAnswer: WriteResult = { kind: 'acked', seq: 1 };
  writes = 0;

  open(resource: string, _node: string, opener: string): OpenResult {
    if (this.openAnswer.kind !== 'open') return this.openAnswer;
    const openers = this.openers.get(resource) ?? new Set();
    this.openers.set(resource, openers.add(opener));
    return { kind: 'open' };
  }

  close(resource: string, _node: string, opener: string): void {
    this.openers.get(resource)?.delete(opener);
  }

  write(): WriteResult {
    this.writes += 1;
    return this.writeAnswer;
  }

  hasDevice(): boolean {
    return true;
  }

  openersOf(resource: string): readonly string[] {
    return [...(this.openers.get(resource) ?? [])];
  }
}
