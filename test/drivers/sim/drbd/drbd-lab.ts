import type { Millis } from '../../../../src/model/instant.ts';
import { DrbdKernel } from '../../../../src/drivers/sim/drbd/kernel.ts';
import type { DrbdRace } from '../../../../src/drivers/sim/drbd/races.ts';
import { defaultOptions, type DrbdOptions } from '../../../../src/drivers/sim/drbd/options.ts';
import type { Replica } from '../../../../src/drivers/sim/drbd/replica.ts';
import { EventQueue, type WorldEvent } from '../../../../src/drivers/sim/event-queue.ts';
import { Randomness } from '../../../../src/drivers/sim/random.ts';
import type { Scheduler } from '../../../../src/drivers/sim/scheduler.ts';

/** A clock with a queue, and whoever handles its events: a world that holds nothing but storage. */
export class Clock implements Scheduler {
  readonly queue = new EventQueue();
  readonly random: Randomness;
  readonly handlers = new Map<string, (event: WorldEvent) => void>();
  now: Millis = 0;

  constructor(seed = 1) {
    this.random = new Randomness(seed);
  }

  schedule(delay: Millis, kind: string, key: string, payload?: unknown): number {
    return this.queue.schedule(this.now + delay, kind, key, payload);
  }

  cancel(id: number): void {
    this.queue.cancel(id);
  }

  /** Handles what happens in the next `span` milliseconds. */
  pass(span: Millis): void {
    const end = this.now + span;
    for (let next = this.queue.nextAt(); next !== undefined && next <= end; next = this.queue.nextAt()) {
      const event = this.queue.pop()!;
      this.now = event.at;
      this.handlers.get(event.kind.split('.')[0]!)!(event);
    }
    this.now = end;
  }
}

/** One resource `vol` on nodes whose names say what they are: `a`, `b`, `c` have a disk, `tb` has none. */
export class DrbdLab {
  readonly clock: Clock;
  readonly kernel: DrbdKernel;

  /** `lostRaces`: nobody loses a race but in these. */
  constructor(
    nodes: readonly string[] = ['a', 'b'],
    options: Partial<DrbdOptions> = {},
    seed = 1,
    lostRaces: readonly DrbdRace[] = [],
  ) {
    this.clock = new Clock(seed);
    this.kernel = new DrbdKernel(this.clock, this.clock.random.stream('drbd'), (race) => lostRaces.includes(race));
    this.clock.handlers.set('drbd', (event) => this.kernel.handle(event));
    const replicas: Record<string, Replica['kind']> = {};
    for (const node of nodes) replicas[node] = node === 'tb' ? 'diskless' : 'diskful';
    this.kernel.createResource('vol', { sizeKib: 65_484, replicas, options: { ...defaultOptions, ...options } });
  }

  on(node: string): Replica {
    return this.kernel.replica('vol', node)!;
  }

  /** `Primary UpToDate quorum`, with what is unusual behind it. */
  state(node: string): string {
    const { running, role, disk, quorum, suspended, forceIoFailures } = this.on(node);
    if (!running) return 'down';
    const extras = [
      ...(suspended.quorum ? ['suspended:quorum'] : []),
      ...(suspended.noData ? ['suspended:no-data'] : []),
      ...(forceIoFailures ? ['force-io-failures'] : []),
    ];
    return [role, disk, quorum ? 'quorum' : 'no-quorum', ...extras].join(' ');
  }

  /** `Connected/Secondary/Established/UpToDate`: one peer as a node sees it. */
  link(node: string, peer: string): string {
    const { connection, role, replication, disk } = this.on(node).peers.get(peer)!;
    return `${connection}/${role}/${replication}/${disk}`;
  }

  open(node: string, opener = `on-${node}`): string {
    const result = this.kernel.open('vol', node, opener, 'rw');
    return result.kind === 'refused' ? result.errno : result.kind;
  }

  openReadOnly(node: string, opener = `ro-${node}`): string {
    const result = this.kernel.open('vol', node, opener, 'ro');
    return result.kind === 'refused' ? result.errno : result.kind;
  }

  write(node: string, times = 1): string {
    let last = '';
    for (let index = 0; index < times; index++) {
      const result = this.kernel.write('vol', node, `on-${node}`);
      last = result.kind === 'error' ? result.errno : result.kind;
    }
    return last;
  }

  read(node: string): string {
    return this.kernel.read('vol', node, `on-${node}`);
  }

  close(node: string): void {
    this.kernel.close('vol', node, `on-${node}`);
  }

  cut(a: string, b: string): void {
    this.kernel.setLink(a, b, false);
  }

  heal(a: string, b: string): void {
    this.kernel.setLink(a, b, true);
  }

  /** Long enough for every dead connection to be noticed. */
  notice(): void {
    this.clock.pass(12_000);
  }

  /** Long enough for every connection that can be made, and its resync. */
  settle(): void {
    this.clock.pass(20_000);
  }

  code(result: { readonly code?: number; readonly exit: number }): number {
    return result.code ?? result.exit;
  }
}
