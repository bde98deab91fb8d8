import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverStatus } from '../../src/machines/failover/journal.ts';
import { holderOf, isJournalled } from '../../src/machines/operation/journal.ts';
import type { MachineRecord } from '../../src/machines/definition.ts';
import { type FailoverRequest, newFailover } from '../../src/model/failover.ts';
import { decide, isProgress, isSameRecord, noteOutcome } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import { answersOf, perform } from '../machines/scene-answers.ts';
import type { Scene } from '../machines/scene.ts';
import { requestLine, type Script } from './transcript.ts';

type Record = MachineRecord<FailoverContext>;

/** One process that drives the operation. */
interface Process {
  record: Record;
  stored: Record | undefined;
  lost: boolean;
  blockers: string;
}

const passesMax = 12;

/**
 * Orders: `failover cluster1 -> cluster2 by NAME [patient] [no-rollback]` starts a process (a second one takes over),
 * `cancel` asks the operation to be given up, `look [as NAME]` and `wait 5s [as NAME]` let a process go on, `as nobody` none.
 */
export class FailoverScript implements Script {
  scene: Scene;
  #processes = new Map<string, Process>();
  #newest = '';

  constructor(scene: Scene) {
    this.scene = scene;
  }

  order(words: readonly string[]): readonly string[] | undefined {
    if (words[0] === 'cancel') {
      const { operation } = this.scene;
      if (operation === undefined) throw new Error('nothing to cancel');
      this.scene = { ...this.scene, operation: { ...operation, spec: { ...operation.spec, cancel: true } } };
      return [];
    }
    const [verb, source, , target, , holder = ''] = words;
    if (verb !== 'failover') return undefined;
    const options = words.slice(6);
    const request = requestFrom(source ?? '', target ?? '', !options.includes('no-rollback'));
    const created = newFailover(request);
    const operation = { ...created, metadata: { ...created.metadata, resourceVersion: '1' } };
    this.scene = { ...this.scene, operation: this.scene.operation ?? operation };
    const input = {
      request,
      holder,
      otherSites: ['cluster3'],
      patient: options.includes('patient'),
      now: this.scene.now,
    };
    const { record } = begin(failoverDefinition, input, this.scene.now);
    this.#processes.set(holder, { record, stored: undefined, lost: false, blockers: '' });
    this.#newest = holder;
    return [record.state];
  }

  look(options: readonly string[]): readonly string[] {
    if (options[1] === 'nobody') return [];
    const process = this.#processes.get(options[1] ?? this.#newest);
    if (process === undefined) throw new Error(`no process ${options.join(' ')}`);
    const lines: string[] = [];
    for (let pass = 0; pass < passesMax && !process.lost; pass++) {
      const { progressed, written } = this.#pass(process, pass === 0);
      lines.push(...written);
      if (!progressed || failoverDefinition.finalStates.has(process.record.state)) break;
    }
    return lines;
  }

  /** Observe, decide, store, act: as the hosts do. */
  #pass(process: Process, isFirst: boolean): { readonly progressed: boolean; readonly written: readonly string[] } {
    const before = process.record;
    const plan = failoverDefinition.reads(before.state, before.context);
    const { record, effects } = decide(failoverDefinition, before, plan, answersOf(this.scene, plan), this.scene.now);
    if (!this.#store(process, record)) {
      return { progressed: false, written: [process.lost ? 'the journal belongs to another' : 'not stored'] };
    }
    process.record = record;
    let progressed = record.state !== before.state;
    const lines: string[] = [];
    for (const effect of effects) {
      const { scene, outcome } = perform(this.scene, effect.request);
      this.scene = scene;
      process.record = noteOutcome(failoverDefinition, process.record, effect, outcome, this.scene.now);
      progressed ||= isProgress(failoverDefinition, effect, outcome);
      lines.push(`  ${requestLine(effect.request)}${outcome.kind === 'applied' ? '' : ` (${outcome.kind})`}`);
    }
    const moved = record.state !== before.state;
    const header = moved ? `${before.state} -> ${record.state}` : `${record.state} (stays)`;
    const waits = this.#waits(process);
    if (!moved && !isFirst && lines.length === 0 && waits.length === 0) return { progressed, written: [] };
    return { progressed, written: [header, ...lines, ...waits, ...verdictLines(record)] };
  }

  #store(process: Process, record: Record): boolean {
    if (!isJournalled(record)) return true;
    if (process.stored !== undefined && isSameRecord(process.stored, record)) return true;
    const { operation } = this.scene;
    if (operation === undefined || this.scene.sites[record.context.request.target]?.answers !== true) return false;
    const { holder, takenOverAt } = record.context;
    const version = operation.metadata.resourceVersion ?? '';
    const isRefused = process.stored === undefined ? takenOverAt !== version : holderOf(operation) !== holder;
    if (isRefused) {
      process.lost = true;
      return false;
    }
    process.stored = record;
    const metadata = { ...operation.metadata, resourceVersion: String(Number(version) + 1) };
    const status = failoverStatus(record, this.scene.now);
    this.scene = { ...this.scene, operation: { ...operation, metadata, status } };
    return true;
  }

  #waits(process: Process): readonly string[] {
    const { blockers } = process.record.context;
    const text = blockers.join('; ');
    if (text === process.blockers) return [];
    process.blockers = text;
    return blockers.map((blocker) => `  waits: ${blocker}`);
  }
}

function requestFrom(source: string, target: string, rollBack: boolean): FailoverRequest {
  return {
    name: 'pg-1',
    namespace: 'default',
    group: 'pg',
    source,
    target,
    mode: 'Planned',
    rollBack,
    timeouts: { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 },
    requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
  };
}

function verdictLines({ context: { verdict } }: Record): readonly string[] {
  if (verdict === undefined) return [];
  if (verdict.kind === 'succeeded') return ['verdict: succeeded'];
  const because = 'because' in verdict ? ` (${verdict.because})` : '';
  return [`verdict: ${verdict.kind}${because}: ${verdict.reason}`, `next: ${verdict.remedy}`];
}
