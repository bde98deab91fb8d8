import type { Effect, MachineRecord } from '../../src/machines/definition.ts';
import type { RecoveryContext } from '../../src/machines/recovery/context.ts';
import { recoveryDefinition } from '../../src/machines/recovery/definition.ts';
import { recoveryStatus } from '../../src/machines/recovery/journal.ts';
import { execOutcome } from '../../src/model/exec-result.ts';
import { known } from '../../src/model/known.ts';
import type { RecoveryRequest } from '../../src/model/recovery/recovery-request.ts';
import type { RecoveryView } from '../../src/model/recovery/recovery-view.ts';
import type { Outcome } from '../../src/model/request.ts';
import { step } from '../../src/runtime/step.ts';
import {
  accepted,
  beginningOf,
  leasesOf,
  objectOf,
  order,
  verifyOrder,
  viewOf,
} from '../machines/recovery/recovery-scene.ts';
import type { Scene } from '../machines/scene.ts';
import { ReunionLab } from '../model/recovery/reunion-lab.ts';
import type { Script } from './transcript.ts';

type Record = MachineRecord<RecoveryContext>;

const passesMax = 12;

/**
 * A volume on nodes with the tools of DRBD. `nodes a b tb quorum=majority` makes it; `open a`, `write a 3`, `read a`, `close a`,
 * `cut a b`, `heal a b`, `settle` and `type a drbdsetup …` are done to it. `recover a [by NAME] [no-snapshot] [declined]` and `verify
 * [b]` begin an operation, whose process sees it: `look`, `wait 5s`. `take-over` has another process go on with it.
 */
export class RecoveryScript implements Script {
  scene: Scene;
  readonly #begunAt: number;
  #lab = new ReunionLab();
  #record: Record | undefined;
  #snapshots: RecoveryView['snapshots'] = known([]);
  #blockers = '';

  constructor(scene: Scene) {
    this.scene = scene;
    this.#begunAt = scene.now;
  }

  order([verb = '', ...words]: readonly string[]): readonly string[] | undefined {
    const [node = '', other = ''] = words;
    switch (verb) {
      case 'nodes': {
        const options = words.filter((word) => word.includes('=')).map((word) => word.split('='));
        this.#lab = new ReunionLab(
          words.filter((word) => !word.includes('=')),
          Object.fromEntries(options),
        );
        return [];
      }
      case 'open':
        return told(this.#lab.open(node));
      case 'write':
        return told(this.#lab.write(node, Number(other || '1')));
      case 'read':
        return told(this.#lab.read(node));
      case 'close':
        this.#lab.close(node);
        return [];
      case 'cut':
        this.#lab.cut(node, other);
        return [];
      case 'heal':
        this.#lab.heal(node, other);
        return [];
      case 'notice':
        this.#lab.notice();
        return [];
      case 'settle':
        this.#lab.settle();
        return [];
      case 'type':
        return told(this.#lab.type(node, words.slice(1).join(' ')).stderr.trim() || 'done');
      case 'recover':
        return this.#begin({ ...order, survivor: `site-${node}`, snapshot: !words.includes('no-snapshot') }, words);
      case 'verify':
        return this.#begin(node === '' ? verifyOrder : { ...verifyOrder, repair: `site-${node}` }, words);
      case 'take-over':
        return this.#takeOver();
      default:
        return undefined;
    }
  }

  look(): readonly string[] {
    const { now } = this.#clock();
    // A lab that was told something has gone on by itself: the scene follows it.
    if (this.scene.now > now) this.#lab.clock.pass(this.scene.now - now);
    this.scene = { ...this.scene, now: this.#clock().now };
    const lines: string[] = [];
    for (let pass = 0; pass < passesMax; pass++) {
      const { progressed, written } = this.#pass(pass === 0);
      lines.push(...written);
      if (!progressed || recoveryDefinition.finalStates.has(this.#running().state)) break;
    }
    return lines;
  }

  #begin(request: RecoveryRequest, words: readonly string[]): readonly string[] {
    const asked = accepted(request, this.#lab);
    const { consents } = asked;
    this.#record = this.#at(beginningOf(words.includes('declined') ? request : asked));
    return [...consents.map(({ kind, statement }) => `accepts ${kind}: ${statement}`), this.#record.state];
  }

  #takeOver(): readonly string[] {
    const { state, context } = this.#running();
    const status = recoveryStatus({ ...this.#running(), state, context }, this.#clock().now);
    const fresh = this.#at(beginningOf(context.request));
    const view = this.#view(fresh, { operation: known(objectOf(fresh, status)) });
    this.#record = step(recoveryDefinition, fresh, { type: 'observed', now: this.#clock().now, view }).record;
    return [`${fresh.state} -> ${this.#record.state}`];
  }

  /** Observe, decide, act: the Leases are ours, and what is decided is stored. */
  #pass(isFirst: boolean): { readonly progressed: boolean; readonly written: readonly string[] } {
    const before = this.#running();
    const { now } = this.#clock();
    let result = step(recoveryDefinition, before, { type: 'observed', now, view: this.#view(before) });
    let { effects } = result;
    for (const { name, at } of recoveryDefinition.deadlines(result.record.context)) {
      if (at > now || name === 'leaseRenewal') continue;
      const { state } = result.record;
      result = step(recoveryDefinition, result.record, { type: 'deadlinePassed', now, deadline: name });
      // Who is out of time orders nothing of what it was about to.
      effects = result.record.state === state ? [...effects, ...result.effects] : result.effects;
    }
    let { record } = result;
    const lines: string[] = [];
    for (const effect of effects) {
      const { outcome, line } = this.#perform(effect);
      if (line !== undefined) lines.push(`  ${line}`);
      record = step(recoveryDefinition, record, { type: 'outcome', now, effect, outcome }).record;
    }
    this.#record = record;
    const moved = record.state !== before.state;
    const waits = this.#waits(record);
    if (!moved && !isFirst && lines.length + waits.length === 0) return { progressed: false, written: [] };
    const header = moved ? `${before.state} -> ${record.state}` : `${record.state} (stays)`;
    return { progressed: moved || lines.length > 0, written: [header, ...lines, ...waits, ...verdictLines(record)] };
  }

  #perform({ request }: Effect): { readonly outcome: Outcome; readonly line?: string } {
    if (request.api === 'exec') {
      const node = this.#lab.nodes.find((each) => request.pod === `satellite-${each}`) ?? '';
      const result = this.#lab.run(node, ...request.command);
      const failed = result.exitCode === 0 ? '' : ` (${result.stderr.trim()})`;
      return { outcome: execOutcome(result), line: `${node}: ${request.command.slice(8).join(' ')}${failed}` };
    }
    const outcome: Outcome = { kind: 'applied', status: 200, body: {} };
    if (request.api === 'kube') return { outcome };
    const { name = '', nodes = [] } = request.body as { name?: string; nodes?: string[] };
    this.#snapshots = known([{ name, resource_name: 'vol', nodes, flags: ['SUCCESSFUL'] }]);
    return { outcome, line: `LINSTOR: snapshot ${name} of vol on ${nodes.join(', ')}` };
  }

  #view(record: Record, changes: Partial<RecoveryView> = {}): RecoveryView {
    const leases = leasesOf(record, record.context.holder);
    return viewOf(this.#lab, record, { leases, snapshots: this.#snapshots, ...changes });
  }

  #waits({ context: { blockers } }: Record): readonly string[] {
    const text = blockers.join('; ');
    if (text === this.#blockers) return [];
    this.#blockers = text;
    return blockers.map((blocker) => `  waits: ${blocker}`);
  }

  #running(): Record {
    if (this.#record === undefined) throw new Error('no operation goes on');
    return this.#record;
  }

  #at(record: Record): Record {
    return { ...record, context: { ...record.context, startedAt: this.#clock().now } };
  }

  #clock(): { readonly now: number } {
    return { now: this.#begunAt + this.#lab.clock.now };
  }
}

function told(what: string): readonly string[] {
  return what === '' || what === 'done' ? [] : [what];
}

function verdictLines({ context: { verdict, comparisons } }: Record): readonly string[] {
  if (verdict === undefined) return [];
  const results = comparisons.map(({ node, peer, result, differingKib }) => {
    const amount = differingKib === undefined ? '' : ` (${differingKib} KiB)`;
    return `${node} and ${peer}: ${result}${amount}`;
  });
  const said = 'reason' in verdict ? `${verdict.kind}: ${verdict.reason}` : verdict.kind;
  return [...results, `verdict: ${said}`, ...('remedy' in verdict ? [`next: ${verdict.remedy}`] : [])];
}
