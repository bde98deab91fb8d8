import { timestamp } from '../model/instant.ts';
import type { JsonObject } from '../model/json.ts';
import type { SiteRole } from '../model/site.ts';
import type { OperatorSettings } from '../drivers/sim/build-world.ts';
import { linstorHome } from '../drivers/sim/site-topology.ts';
import type { Twin } from '../twin/twin.ts';
import { type Authority, type Certificate, createAuthority } from './certificates.ts';
import { type ActiveFault, FaultBoard } from '../twin/faults/fault-board.ts';
import type { FaultOrder } from '../twin/faults/fault.ts';
import { KubeFace } from './kube-http/kube-face.ts';
import { KubeServer } from './kube-http/kube-server.ts';
import type { ProxiedService } from './kube-http/service-proxy.ts';
import { kubeconfigText } from './kubeconfig-text.ts';
import { labLogs } from './lab-logs.ts';
import { labSites } from './lab-sites.ts';
import { kubernetesVersion, warmTwin } from './lab-twin.ts';
import { type LabUser, letViewersView, newTokens, usersByToken } from './lab-users.ts';
import { LinstorFace } from './linstor-http/linstor-face.ts';
import { LinstorServer } from './linstor-http/linstor-server.ts';
import { RealTimePump } from './real-time-pump.ts';

export interface LabSettings {
  readonly clusters: 2 | 3;
  /** LINSTOR has a satellite on the quorum cluster, which holds a tiebreaker of each volume. False unless given. */
  readonly tiebreaker?: boolean;
  /** World seconds per real second. */
  readonly speed: number;
  readonly seed: number;
  /** The product's CustomResourceDefinitions, as on every cluster of the page. */
  readonly definitions: readonly JsonObject[];
  /** DRBD Operator keeps the volumes, in place of LINSTOR. */
  readonly drbdOperator?: OperatorSettings | undefined;
  /** False: the product's controllers are not in the lab; they can be run against it. True unless given. */
  readonly withControllers?: boolean;
  /** Told of a fault of this program; requests that meet one are answered with 500. */
  onFault(cause: unknown): void;
}

export interface LabCluster {
  readonly name: string;
  readonly role: SiteRole;
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  readonly kubeconfig: string;
  /** Bearer tokens by what they may do. */
  readonly tokens: Readonly<Record<LabUser, string>>;
}

/** A world in real time behind HTTPS endpoints, within this process. */
export interface Lab {
  readonly twin: Twin;
  readonly clusters: readonly LabCluster[];
  /** Where LINSTOR's REST API answers; undefined where DRBD Operator keeps the volumes. */
  readonly linstorUrl: string | undefined;
  readonly startedAt: string;
  faults(): readonly ActiveFault[];
  injectFault(order: FaultOrder): ActiveFault;
  healFaults(id: string | undefined): readonly ActiveFault[];
  close(): Promise<void>;
}

/** Builds the world, opens its endpoints and starts its time. Resolves when everything answers. */
export async function openLab(settings: LabSettings): Promise<Lab> {
  const { speed, seed, tiebreaker, definitions, drbdOperator, withControllers = true } = settings;
  if (!(speed > 0)) throw new Error(`Expected a speed above 0, got ${speed}`);
  const sites = labSites(settings.clusters, tiebreaker);
  const linstor = drbdOperator === undefined ? await LinstorServer.open() : undefined;
  const startedAt = Date.now();
  const twin = warmTwin({
    sites,
    seed,
    speed,
    readyAt: startedAt,
    linstorUrl: linstor?.url,
    drbdOperator,
    definitions,
    withControllers,
  });
  const servers = new Map<string, KubeServer>();
  const pump = new RealTimePump(twin.world, {
    speed,
    monotonicNow: () => performance.now(),
    onMoved: () => followNetwork(twin, servers, settings.onFault),
    onFault: settings.onFault,
  });
  const face = new LinstorFace({
    speed,
    answer: (request) => pump.now(() => twin.linstor.request(request)),
    onFault: settings.onFault,
  });
  const home = linstor === undefined ? undefined : linstorHome(sites);
  linstor?.serve(face, () => twin.world.network.reach('operator', home ?? '') === 'open');
  const authority = await createAuthority('site-recovery-lab');
  const clusters: LabCluster[] = [];
  for (const site of sites) {
    const services = site.name === home ? [linstorService(face)] : [];
    const opened = await openCluster({ twin, pump, authority, site, services, onFault: settings.onFault });
    servers.set(site.name, opened.server);
    clusters.push(opened.cluster);
  }
  const board = new FaultBoard(twin);
  pump.start();
  return {
    twin,
    clusters,
    linstorUrl: linstor?.url,
    startedAt: timestamp(startedAt),
    faults: () => board.list(),
    injectFault: (order) => pump.now(() => board.inject(order, twin.world.wall())),
    healFaults: (id) => pump.now(() => board.heal(id)),
    close: async () => {
      pump.stop();
      await Promise.all([...[...servers.values()].map((server) => server.close()), linstor?.close()]);
    },
  };
}

interface ClusterParts {
  readonly twin: Twin;
  readonly pump: RealTimePump;
  readonly authority: Authority;
  readonly site: { readonly name: string; readonly role: SiteRole };
  readonly services: readonly ProxiedService[];
  onFault(cause: unknown): void;
}

async function openCluster(parts: ClusterParts): Promise<{ server: KubeServer; cluster: LabCluster }> {
  const { twin, pump, authority, site, services } = parts;
  const { api } = twin.world.cluster(site.name);
  const tokens = newTokens();
  letViewersView(api);
  const certificate: Certificate = await authority.issueServer('kube-apiserver');
  const server = await KubeServer.open(
    certificate,
    authority.certificate,
    (serverAddress) =>
      new KubeFace({
        api,
        kubernetesVersion,
        serverAddress,
        services,
        logs: labLogs(twin, site.name),
        exec: (command) => twin.containers.perform({ api: 'exec', site: site.name, ...command }),
        tokens: usersByToken(tokens),
        wallNow: () => twin.world.wall(),
        now: (act) => pump.now(act),
        onFault: (cause) => parts.onFault(cause),
      }),
  );
  const access = { cluster: site.name, server: server.url, authority: authority.certificate };
  const kubeconfig = kubeconfigText({ ...access, user: 'admin', token: tokens.admin });
  return { server, cluster: { name: site.name, role: site.role, server: server.url, kubeconfig, tokens } };
}

/** LINSTOR as a Service of the cluster that hosts it. */
function linstorService(face: LinstorFace): ProxiedService {
  return {
    namespace: 'piraeus-datastore',
    name: 'linstor-controller',
    ports: ['http', '3370'],
    backend: (request, response, path) => void face.handle(request, response, path),
  };
}

/** Endpoints behave as the world's network says that they do for somebody outside of the sites. */
function followNetwork(twin: Twin, servers: ReadonlyMap<string, KubeServer>, onFault: (cause: unknown) => void): void {
  for (const [site, server] of servers) {
    server.setReachability(twin.world.network.reach('operator', site)).catch(onFault);
  }
}
