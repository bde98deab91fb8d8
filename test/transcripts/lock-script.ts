import { type LockTrack, trackLocks } from '../../src/machines/drbd-lock/track.ts';
import { failoverView } from '../../src/model/failover-view.ts';
import { virtualMachinesAreStopped } from '../../src/model/gates.ts';
import { second } from '../../src/model/instant.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import type { Scene } from '../machines/scene.ts';
import type { Script } from './transcript.ts';

/** Orders: `follow vol-1 from cluster1 to cluster2 for 30s`: from now on the lock should be released within 30 s. */
export class LockScript implements Script {
  scene: Scene;
  #volume = '';
  #source = '';
  #target = '';
  #releaseBy = 0;
  #track: LockTrack = {};

  constructor(scene: Scene) {
    this.scene = scene;
  }

  order([verb, volume = '', , source = '', , target = '', , length = '']: readonly string[]):
    | readonly string[]
    | undefined {
    if (verb !== 'follow') return undefined;
    this.#volume = volume;
    this.#source = source;
    this.#target = target;
    this.#releaseBy = this.scene.now + Number.parseInt(length, 10) * second;
    return ['unknown'];
  }

  look(): readonly string[] {
    const scope = { namespace: 'default', group: 'pg', source: this.#source, target: this.#target };
    const view = failoverView(observationOfScene(this.scene), scope, { leaseSites: [], preflightOf: undefined });
    const before = this.#track[this.#volume]?.state ?? 'unknown';
    const readings = view.locks.filter((lock) => lock.resource === this.#volume);
    const sourceStopped = virtualMachinesAreStopped(view.group.source).open;
    this.#track = trackLocks(this.#track, readings, {
      now: this.scene.now,
      sourceStopped,
      releaseBy: this.#releaseBy,
    });
    const record = this.#track[this.#volume];
    if (record === undefined) throw new Error(`${this.#volume} is not a volume of the group`);
    const { state, context } = record;
    const blockers = context.blockers.map((blocker) => `  blocked: ${blocker}`);
    return [before === state ? `${state} (stays)` : `${before} -> ${state}`, ...blockers];
  }
}
