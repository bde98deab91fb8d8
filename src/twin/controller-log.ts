import type { Effect } from '../machines/definition.ts';
import { type Instant, timestamp } from '../model/instant.ts';
import type { Outcome } from '../model/request.ts';

const linesMax = 1000;

/** What `kubectl logs` shows of a controller in the world: JSON lines, a constant sentence and keys. */
export class ControllerLog {
  #wall: () => Instant;
  #lines: string[] = [];

  constructor(wall: () => Instant) {
    this.#wall = wall;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  write(level: 'info' | 'warn', message: string, keys: Readonly<Record<string, string>>): void {
    this.#lines.push(JSON.stringify({ time: timestamp(this.#wall()), level, msg: message, ...keys }));
    if (this.#lines.length > linesMax) this.#lines.splice(0, this.#lines.length - linesMax);
  }

  /** One order of a ProtectionGroup's machine and its answer. */
  reconciled(host: string, effect: Effect, outcome: Outcome): void {
    const { request } = effect;
    if (request.api !== 'kube' || effect.name === 'reportStatus') return;
    const [, cluster = '', namespace = '', group = ''] = host.split('/');
    this.write(outcome.kind === 'applied' ? 'info' : 'warn', 'reconcile_vm_state', {
      cluster,
      protectionGroup: `${namespace}/${group}`,
      virtualMachine: request.name ?? '',
      order: effect.name,
      outcome: outcome.kind,
      ...(outcome.kind === 'applied' ? {} : { message: outcome.message }),
    });
  }
}
