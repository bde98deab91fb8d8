import {
  addSatellites,
  behavioursOf,
  buildMachinery,
  type Machinery,
  tellNodeAgents,
} from '../../../../src/drivers/sim/build-world.ts';
import { hasSatellites } from '../../../../src/drivers/sim/site-topology.ts';
import { World } from '../../../../src/drivers/sim/world.ts';
import { openLiveDriver, type WatchableDriver } from '../../../../src/drivers/real/live-driver.ts';
import { createAuthority } from '../../../../src/lab/certificates.ts';
import { labSites } from '../../../../src/lab/lab-sites.ts';
import { LinstorFace } from '../../../../src/lab/linstor-http/linstor-face.ts';
import { LinstorServer } from '../../../../src/lab/linstor-http/linstor-server.ts';
import { RealTimePump } from '../../../../src/lab/real-time-pump.ts';
import { losePower, regainPower } from '../../../../src/twin/faults/site-faults.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from '../control-plane.ts';
import { installSite } from './installation.ts';
import { PlayedSite } from './played-site.ts';
import { WaitingClient } from './waiting-client.ts';
import { webhookConfigurations } from './webhooks.ts';

const controllers: readonly string[] = [
  'clusterrole-aggregation-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'persistentvolume-attach-detach-controller',
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'pod-garbage-collector-controller',
  'serviceaccount-controller',
  'taint-eviction-controller',
];

const kubernetesVersion = 'v1.36.3';

/** The quorum site holds tiebreakers: the loss of one data site leaves DRBD its quorum on the other. */
const topology = labSites(3).map((site) => ({ ...site, hasSatellites: true }));

/** World seconds per real second. */
const speed = 10;

/**
 * Three real control planes, cluster1 (primary), cluster2 (dr) and cluster3 (quorum), on which KubeVirt, the nodes and the storage are
 * played by the behaviours of the simulated world, through the same HTTP API as everybody else's requests.
 */
export class PlayedWorld {
  readonly world: World;
  readonly machinery: Machinery;
  readonly sites: readonly PlayedSite[];
  /** Faults of what is played: there must be none. */
  readonly faults: readonly unknown[];
  readonly #pump: RealTimePump;
  readonly #connections: Connections;

  private constructor(connections: Connections) {
    const faults: unknown[] = [];
    const onFault = (cause: unknown): void => void faults.push(cause);
    this.faults = faults;
    this.#connections = connections;
    this.world = new World({ seed: 1, epoch: Date.now(), speed, kubernetesVersion, clusters: [] });
    this.machinery = buildMachinery(this.world, {});
    const pump = new RealTimePump(this.world, { speed, monotonicNow: () => performance.now(), onFault });
    const { client, driver, linstor, planes } = connections;
    const answer: ConstructorParameters<typeof LinstorFace>[0]['answer'] = (request) =>
      pump.now(() => this.machinery.linstor.request(request));
    linstor.serve(new LinstorFace({ speed, answer, onFault }), () => true);
    this.sites = topology.map((site, place) => {
      const plane = planes[place] as ControlPlane;
      const now = (act: () => void): void => pump.now(act);
      return new PlayedSite({ world: this.world, topology: site, plane, client, driver, now });
    });
    this.#pump = pump;
  }

  /** Starts the control planes, installs what belongs on them, and lets the world live. */
  static async open(): Promise<PlayedWorld> {
    const played = new PlayedWorld(await openConnections());
    try {
      await played.#begin();
      return played;
    } catch (cause) {
      await played.close();
      throw cause;
    }
  }

  /** Cuts the power of all nodes of a site. Its API server is another machine, and goes on. */
  losePower({ topology: { nodes } }: PlayedSite): void {
    this.#pump.now(() => {
      for (const node of nodes) losePower({ ...this.machinery, world: this.world }, node);
    });
  }

  /** Gives the nodes of a site their power back. */
  regainPower({ topology: { nodes }, cluster }: PlayedSite): void {
    this.#pump.now(() => {
      for (const node of nodes) regainPower({ ...this.machinery, world: this.world }, cluster, node);
    });
  }

  async close(): Promise<void> {
    this.#pump.stop();
    await Promise.all(this.sites.map((site) => site.close()));
    await closeConnections(this.#connections);
  }

  async #begin(): Promise<void> {
    const { world, machinery } = this;
    const { linstor, client, authority } = this.#connections;
    const webhooks = webhookConfigurations(client.webhooksPort, authority);
    for (const [place, { api, topology: site }] of this.sites.entries()) {
      installSite(api, site, { now: world.wall(), kubernetesVersion, linstorUrl: linstor.url, webhooks });
      if (hasSatellites(site)) addSatellites(machinery.linstor, site, place);
    }
    machinery.guests.onChange((guest) => {
      const site = this.sites.find(({ topology: { name } }) => name === guest.cluster);
      if (site !== undefined) tellNodeAgents(site.cluster, guest);
    });
    for (const site of this.sites) await site.play(behavioursOf(world, machinery, site.topology, {}));
    this.#pump.start();
  }
}

/** What a played world is connected by. */
interface Connections {
  readonly planes: readonly ControlPlane[];
  readonly client: WaitingClient;
  readonly driver: WatchableDriver;
  readonly linstor: LinstorServer;
  /** PEM of the authority that signed the certificate of KubeVirt's webhooks. */
  readonly authority: string;
}

async function openConnections(): Promise<Connections> {
  const binaries = controlPlaneBinaries();
  const planes = await Promise.all(topology.map(() => startControlPlane(binaries, { controllers, schedules: true })));
  const sites = topology.map(({ name }, place) => ({ name, kubeconfigPath: planes[place]?.playersKubeconfig ?? '' }));
  const authority = await createAuthority('virt-api');
  return {
    planes,
    client: await WaitingClient.open(sites, await authority.issueServer('virt-api')),
    driver: openLiveDriver({ sites, environment: {} }),
    linstor: await LinstorServer.open(),
    authority: authority.certificate,
  };
}

async function closeConnections({ planes, client, driver, linstor }: Connections): Promise<void> {
  await Promise.all([driver.close(), client.close(), linstor.close()]);
  await Promise.all(planes.map((plane) => plane.stop()));
}
