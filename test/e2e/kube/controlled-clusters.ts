import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import { kubeconfigText } from '../../../src/lab/kubeconfig-text.ts';
import { type Json, type JsonObject, textAt } from '../../../src/model/json.ts';
import { type ResourceType, resources } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import type { SiteName } from '../../../src/model/site.ts';
import type { Driver } from '../../../src/runtime/ports.ts';
import { controllerManifests } from '../../../tools/manifests/controllers.ts';
import { ControllerProcess } from '../controllers/controller-lab.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { kubeVirtDefinitions, playKubeVirt, type Stopping } from './played-kubevirt.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const crds = readFileSync(join(root, 'crds/protection-group-crd.yaml'), 'utf8');
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const types: readonly ResourceType[] = [
  ...Object.values(resources),
  { ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false },
  { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
  { ...rbac, plural: 'roles', kind: 'Role', namespaced: true },
  { ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true },
];
const clusters = [
  ['cluster1', 'PRIMARY', 'primary'],
  ['cluster2', 'DR', 'dr'],
  ['cluster3', 'QUORUM', 'quorum'],
] as const;

/**
 * Three real control planes with the product's types, manifests and rights on them, in which KubeVirt is played and LINSTOR
 * knows of nothing. Every controller signs in with a token of its own account.
 */
export class ControlledClusters {
  readonly driver: Driver;
  readonly #planes: ReadonlyMap<SiteName, ControlPlane>;
  readonly #folder: string;
  readonly #linstorUrl: string;
  readonly #close: () => void;
  readonly #processes: ControllerProcess[] = [];
  readonly #running = new Map<SiteName, readonly string[]>();
  #isOpen = true;

  private constructor(planes: ReadonlyMap<SiteName, ControlPlane>, linstor: { url: string; close: () => void }) {
    this.#planes = planes;
    this.#folder = mkdtempSync(join(tmpdir(), 'site-recovery-controlled-'));
    this.#linstorUrl = linstor.url;
    this.#close = linstor.close;
    const sites = [...planes].map(([name, { kubeconfig }]) => ({ name, kubeconfigPath: kubeconfig }));
    this.driver = openLiveDriver({ sites, environment: {} });
  }

  static async open(): Promise<ControlledClusters> {
    const binaries = controlPlaneBinaries();
    const controllers = ['serviceaccount-controller', 'namespace-controller', 'garbage-collector-controller'];
    const planes = await Promise.all(
      clusters.map(() => startControlPlane(binaries, { controllers, schedules: false })),
    );
    const byName = new Map(clusters.map(([name], index) => [name as SiteName, planes[index] as ControlPlane]));
    const opened = new ControlledClusters(byName, await emptyLinstor());
    for (const [cluster] of clusters) await opened.#install(cluster);
    void opened.#play();
    return opened;
  }

  /** Starts a controller of a cluster with the rights of its account there, and of a peer elsewhere. */
  async start(controller: string, cluster: SiteName): Promise<ControllerProcess> {
    const config = mkdtempSync(join(this.#folder, 'config-'));
    writeFileSync(join(config, 'config'), clusters.map(([name, key]) => `${key}_CLUSTER=${name}\n`).join(''));
    for (const [name, plane] of this.#planes) {
      const account = name === cluster ? controller : 'site-recovery-peer';
      const token = await this.#tokenOf(name, account);
      const access = { cluster: name, server: `https://127.0.0.1:${plane.port}`, authority: plane.authority };
      writeFileSync(join(config, `${name}.kubeconfig`), kubeconfigText({ ...access, user: account, token }));
    }
    const process = new ControllerProcess(controller, {
      CLUSTER_NAME: cluster,
      CLUSTER_ROLE: clusters.find(([name]) => name === cluster)?.[2] ?? '',
      CONFIG_DIR: config,
      LISTEN: '127.0.0.1:0',
      LS_CONTROLLERS: this.#linstorUrl,
    });
    this.#processes.push(process);
    return process;
  }

  /** Creates an object; it must be taken. */
  async create(site: SiteName, body: JsonObject): Promise<void> {
    const resource = types.find(({ kind }) => kind === textAt(body, 'kind'));
    if (resource === undefined) throw new Error(`No type for ${textAt(body, 'kind')}`);
    const namespace = textAt(body, 'metadata', 'namespace');
    const place = namespace === undefined ? {} : { namespace };
    await this.#must({ api: 'kube', site, verb: 'create', resource, ...place, body });
  }

  async get(site: SiteName, resource: ResourceType, name: string): Promise<Json | undefined> {
    const outcome = await this.driver.perform({ api: 'kube', site, verb: 'get', resource, namespace: 'default', name });
    return outcome.kind === 'applied' ? outcome.body : undefined;
  }

  /** Kills the API server of a site, forgets its store's history, and starts it anew. */
  async restartApiServer(site: SiteName): Promise<void> {
    const plane = this.#planes.get(site);
    await plane?.stopApiServer();
    await plane?.compact();
    await plane?.startApiServer();
  }

  /** The VMs that run on a cluster. */
  runningOn(site: SiteName): readonly string[] {
    return this.#running.get(site) ?? [];
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#processes.map((one) => one.end('SIGKILL')));
    await this.driver.close();
    await Promise.all([...this.#planes.values()].map((plane) => plane.stop()));
    this.#close();
    rmSync(this.#folder, { recursive: true });
  }

  async #install(site: SiteName): Promise<void> {
    const manifests = Object.values(controllerManifests()).join('');
    for (const text of [crds, manifests])
      for (const document of parseAllDocuments(text)) await this.create(site, document.toJS() as JsonObject);
    for (const definition of kubeVirtDefinitions()) await this.create(site, definition);
    await this.#addNode(site);
  }

  /** A node that takes VMs, and that nobody runs. */
  async #addNode(site: SiteName): Promise<void> {
    const name = `${site}-node`;
    const labels = { 'kubernetes.io/hostname': name, 'kubevirt.io/schedulable': 'true' };
    await this.create(site, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
    const of = { api: 'kube', site, verb: 'patch', patch: 'merge', resource: resources.node, name } as const;
    const resourcesThere = { cpu: '8', memory: '32Gi', pods: '110', 'devices.kubevirt.io/kvm': '1k' };
    const conditions = [{ type: 'Ready', status: 'True' }];
    const status = { capacity: resourcesThere, allocatable: resourcesThere, conditions };
    await this.#must({ ...of, subresource: 'status', body: { status } });
    // Admission has put not-ready there.
    await this.#must({ ...of, body: { spec: { taints: [] } } });
  }

  async #play(): Promise<void> {
    const stopping: Stopping = new Map();
    while (this.#isOpen) {
      for (const site of ['cluster1', 'cluster2'])
        this.#running.set(site, await playKubeVirt(this.driver, site, stopping));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #tokenOf(site: SiteName, name: string): Promise<string> {
    const account = { resource: resources.serviceAccount, namespace: 'default', name, subresource: 'token' };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
    const answer = await this.#must({ api: 'kube', site, verb: 'create', ...account, body });
    return textAt(answer, 'status', 'token') ?? '';
  }

  async #must(request: KubeRequest): Promise<Json> {
    const outcome = await this.driver.perform(request);
    if (outcome.kind === 'applied') return outcome.body;
    throw new Error(`${request.site} did not take ${request.verb} of ${request.resource.plural}: ${outcome.message}`);
  }
}

/** A LINSTOR that knows of nothing: volumes are the business of other suites. */
function emptyLinstor(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(request.url?.includes('properties') || request.url?.includes('version') ? '{}' : '[]');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() });
    });
  });
}
