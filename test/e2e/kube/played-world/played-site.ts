import { clusterResources } from '../../../../src/drivers/sim/behaviours/resource-types.ts';
import type { Behaviour } from '../../../../src/drivers/sim/behaviour.ts';
import { Cluster } from '../../../../src/drivers/sim/cluster.ts';
import type { SiteTopology } from '../../../../src/drivers/sim/site-topology.ts';
import type { World } from '../../../../src/drivers/sim/world.ts';
import { Reflector } from '../../../../src/drivers/real/reflector.ts';
import type { WatchableDriver } from '../../../../src/drivers/real/live-driver.ts';
import { systemClock } from '../../../../src/drivers/real/system-clock.ts';
import { type ResourceType, resources } from '../../../../src/model/kube.ts';
import type { ControlPlane } from '../control-plane.ts';
import { PlayedApi } from './played-api.ts';
import type { WaitingClient } from './waiting-client.ts';

/** Behaviours of the world whose originals run here themselves: kube-scheduler, and controllers of kube-controller-manager. */
const realOnes: ReadonlySet<string> = new Set([
  'attachdetach-controller',
  'default-scheduler',
  'deployment-controller',
  'node-lifecycle-controller',
  'persistentvolume-binder',
  'pod-garbage-collector',
  'storage-protection',
  'taint-eviction-controller',
]);

const kubernetesTypes: readonly ResourceType[] = [
  resources.node,
  resources.pod,
  resources.persistentVolume,
  resources.persistentVolumeClaim,
  resources.storageClass,
  resources.volumeAttachment,
  resources.secret,
  resources.configMap,
  resources.event,
  resources.lease,
  clusterResources.controllerRevision,
];

const kubevirtTypes: readonly ResourceType[] = [
  resources.virtualMachine,
  resources.virtualMachineInstance,
  clusterResources.instancetype,
  clusterResources.clusterInstancetype,
  clusterResources.preference,
  clusterResources.clusterPreference,
];

/** How often a server that was lost is asked whether it is back. */
const lookEveryMs = 200;

export interface PlayedSiteParts {
  readonly world: World;
  readonly topology: SiteTopology;
  readonly plane: ControlPlane;
  readonly client: WaitingClient;
  readonly driver: WatchableDriver;
  /** Acts at the present moment of the world. */
  now(act: () => void): void;
}

/**
 * One cluster of a played world: a real control plane, and the behaviours that act on its objects. While its API server does not
 * answer nobody acts; when it is back everybody looks at everything again.
 */
export class PlayedSite {
  readonly topology: SiteTopology;
  readonly plane: ControlPlane;
  readonly api: PlayedApi;
  readonly cluster: Cluster<PlayedApi>;
  readonly #parts: PlayedSiteParts;
  readonly #reflectors: readonly Reflector[];
  #behaviours: readonly Behaviour[] = [];
  #looking: NodeJS.Timeout | undefined;

  constructor(parts: PlayedSiteParts) {
    const { world, topology, plane, client } = parts;
    const { name, role } = topology;
    this.topology = topology;
    this.plane = plane;
    this.#parts = parts;
    const types = role === 'quorum' ? kubernetesTypes : [...kubernetesTypes, ...kubevirtTypes];
    this.api = new PlayedApi({
      site: name,
      types,
      perform: (request) => client.perform(request),
      onSilence: () => this.#lose(),
    });
    this.cluster = new Cluster(name, this.api, {
      scheduler: world,
      randomness: world.randomness,
      wall: () => world.wallAt(name),
      nodeIsUp: (_cluster, node) => world.nodeIsUp(node),
    });
    world.route(`cluster.${name}`, (event) => this.cluster.handle(event));
    this.#reflectors = types.map((type) => this.#follow(type));
  }

  /** Lets those of the behaviours act whose originals are not there and whose types are, once the copies are as new as the server. */
  async play(behaviours: readonly Behaviour[]): Promise<void> {
    const isPlayed = ({ name, watches }: Behaviour): boolean =>
      !realOnes.has(name) && watches.every((type) => this.api.follows(type));
    this.#behaviours = behaviours.filter(isPlayed);
    for (const reflector of this.#reflectors) reflector.start();
    while (!this.#isFollowing) await systemClock.sleepUntil(systemClock.now() + 20);
    this.#parts.now(() => {
      for (const behaviour of this.#behaviours) this.cluster.addBehaviour(behaviour);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  #follow(resource: ResourceType): Reflector {
    const { driver, topology, now } = this.#parts;
    return new Reflector({
      transport: () => driver.siteTransport(topology.name),
      resource,
      clock: systemClock,
      random: Math.random,
      times: { listPause: 100, firstBackOff: 100, longestBackOff: 500 },
      onChange: ({ type, object }) =>
        now(() => (type === 'deleted' ? this.api.remove(resource, object) : this.api.take(resource, object))),
      onSynced: () => {},
      onStale: () => this.#lose(),
    });
  }

  get #isFollowing(): boolean {
    return this.#reflectors.every(({ synced }) => synced);
  }

  #lose(): void {
    if (this.#looking !== undefined || this.#behaviours.length === 0) return;
    for (const { name } of this.#behaviours) this.cluster.suspend(name);
    this.#looking = setInterval(() => {
      if (this.#isFollowing) this.#regain();
    }, lookEveryMs);
  }

  #regain(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#parts.now(() => {
      for (const { name } of this.#behaviours) this.cluster.resume(name);
    });
  }
}
