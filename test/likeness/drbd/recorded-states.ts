import { justCreated, noGeneration, withoutPrimaryBit } from '../../../src/drivers/sim/drbd/generation.ts';
import type { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { type DrbdResource, outOfSyncKib, type Replica } from '../../../src/drivers/sim/drbd/replica.ts';
import { resource } from './commands.ts';
import type { RecordedConnection, RecordedSnapshot, RecordedStatus } from './recording.ts';

/** What differs, in pairs: `disk UpToDate` and `disk Outdated`. */
export interface Differences {
  readonly recorded: readonly string[];
  readonly world: readonly string[];
}

/** Compares recorded states of one recording with the model's. Generation identifiers are chance: the first meeting makes a pair of them. */
export class RecordedStates {
  /** Recorded generations and the model's for them, without bit 0. */
  readonly #generations = new Map<string, string>();
  #recorded: string[] = [];
  #world: string[] = [];

  compare(kernel: DrbdKernel, snapshot: RecordedSnapshot): Differences {
    this.#recorded = [];
    this.#world = [];
    const replica = kernel.replica(resource, snapshot.node)!;
    const found = snapshot.status?.[0];
    this.#same('up', found !== undefined, replica.running);
    if (found !== undefined && replica.running) {
      this.#compareDevice(kernel, snapshot, found, replica);
      for (const connection of found.connections) {
        this.#comparePeer(kernel.resource(resource)!, snapshot, connection, replica);
      }
    }
    return { recorded: this.#recorded, world: this.#world };
  }

  #compareDevice(kernel: DrbdKernel, snapshot: RecordedSnapshot, found: RecordedStatus, replica: Replica): void {
    const [device] = found.devices;
    this.#same('role', found.role, replica.role);
    this.#same('disk', device?.['disk-state'], replica.disk);
    this.#same('quorum', device?.quorum, replica.quorum);
    this.#same('open', device?.open, replica.openers.size > 0);
    this.#same('suspended:quorum', found['suspended-quorum'], replica.suspended.quorum);
    this.#same('suspended:no-data', found['suspended-no-data'], replica.suspended.noData);
    this.#same('force-io-failures', found['force-io-failures'], replica.forceIoFailures);
    if (snapshot.may_promote === undefined) return;
    const { mayPromote, score } = kernel.promotability(resource, snapshot.node)!;
    this.#same('may_promote', snapshot.may_promote === 'yes', mayPromote);
    this.#same('promotion_score', snapshot.promotion_score, score);
  }

  #comparePeer(
    ofResource: DrbdResource,
    snapshot: RecordedSnapshot,
    connection: RecordedConnection,
    replica: Replica,
  ): void {
    const peer = replica.peers.get(connection.name)!;
    const [device] = connection.peer_devices;
    this.#same(`${peer.node} connection`, restOf(connection['connection-state']), peer.connection);
    this.#same(`${peer.node} role`, connection['peer-role'], peer.role);
    this.#same(`${peer.node} replication`, device?.['replication-state'], peer.replication);
    this.#same(`${peer.node} disk`, device?.['peer-disk-state'], peer.disk);
    this.#same(`${peer.node} in sync`, device?.['out-of-sync'] === 0, outOfSyncKib(ofResource, peer) === 0);
    const recorded = snapshot.gi?.[peer.node]?.split(':') ?? [];
    const { current, history } = replica.metadata;
    const model = [current, peer.bitmapGeneration, history[0] ?? noGeneration, history[1] ?? noGeneration];
    recorded.slice(0, 4).forEach((generation, index) => {
      this.#same(`${peer.node} generation ${index}`, this.#meaning(generation, model[index]!), model[index]);
    });
  }

  #same(what: string, recorded: unknown, world: unknown): void {
    if (recorded === world) return;
    this.#recorded.push(`${what} ${String(recorded)}`);
    this.#world.push(`${what} ${String(world)}`);
  }

  /** The model's generation for a recorded one; the first meeting makes them a pair. Bit 0 has to agree as it is. */
  #meaning(recorded: string, model: string): string {
    if (recorded === noGeneration || recorded === justCreated) return recorded;
    const bare = withoutPrimaryBit(recorded);
    let known = this.#generations.get(bare);
    if (known === undefined) {
      known = withoutPrimaryBit(model);
      this.#generations.set(bare, known);
    }
    return bare === recorded
      ? known
      : known.slice(0, 15) + (Number.parseInt(known.slice(15), 16) | 1).toString(16).toUpperCase();
  }
}

/** States on the way to `Connecting` pass without time in the model. */
function restOf(connection: string): string {
  return connection === 'NetworkFailure' || connection === 'Unconnected' ? 'Connecting' : connection;
}
