import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubePath } from '../../../src/drivers/real/kube-request.ts';
import { linstorHttpCall } from '../../../src/drivers/real/linstor-client.ts';
import { piraeus } from '../../../src/drivers/real/linstor-discovery.ts';
import { openLiveDriver, type WatchableDriver } from '../../../src/drivers/real/live-driver.ts';
import type { HttpCall } from '../../../src/drivers/real/http-call.ts';
import type { SiteTopology } from '../../../src/drivers/sim/site-topology.ts';
import { labSites } from '../../../src/lab/lab-sites.ts';
import { type Json, listAt } from '../../../src/model/json.ts';
import type { ResourceType } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import { type AccountRequest, needsOf, type WatchRequest } from '../../deploy/account-requests.ts';
import { type Kubectl, kubectls, run } from '../kubectl/kubectl-program.ts';
import { accessOf, type Administered, controllers, giveRights, peer, people } from './accounts.ts';
import type { ControlPlane } from './control-plane.ts';

/** Something that somebody may do; `name`: only to that object. */
export interface Right {
  /** `patch protectiongroups.siterecovery.trilio.io/status`, or `get /healthz`. */
  readonly permission: string;
  readonly name?: string;
}

const topology = labSites(3)[0] as SiteTopology;
const site = topology.name;
const limitMs = 10_000;
/** An account of which the server knows nothing but that it is one. */
const anybody = 'default';
const rulesReview: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
};

/** A real API server with the roles of `deploy/controllers`, and the product's driver with the token of each account. */
export class RoledServer {
  readonly #folder: string;
  readonly #drivers: ReadonlyMap<string, WatchableDriver>;
  readonly #administered: Administered;

  private constructor(folder: string, drivers: ReadonlyMap<string, WatchableDriver>, administered: Administered) {
    this.#folder = folder;
    this.#drivers = drivers;
    this.#administered = administered;
  }

  static async open(plane: ControlPlane): Promise<RoledServer> {
    const program = kubectls()[0] as Kubectl;
    const kubectl = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await run(program, plane.kubeconfig, args);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${err}`);
      return out;
    };
    const administered = { topology, plane, kubectl };
    await giveRights(administered, ['drbd-operator-rbac.yaml']);
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-rights-'));
    const open = async (account: string): Promise<[string, WatchableDriver]> => {
      const kubeconfigPath = join(folder, account);
      writeFileSync(kubeconfigPath, await accessOf(administered, account), { mode: 0o600 });
      const timeouts = { kubeMs: limitMs, execMs: limitMs };
      return [account, openLiveDriver({ sites: [{ name: site, kubeconfigPath }], environment: {}, timeouts })];
    };
    const drivers = await Promise.all([...controllers, peer, ...people, anybody].map(open));
    return new RoledServer(folder, new Map(drivers), administered);
  }

  /** Sends all requests, each as its account, and none so that it changes anything; answers which were refused for want of rights. */
  async refusals(requests: readonly AccountRequest[]): Promise<readonly string[]> {
    const statuses = await Promise.all(requests.map((each) => this.#statusOf(each)));
    const refused = requests.filter((_each, index) => statuses[index] === 403);
    const said = refused.map(
      ({ account, request }) =>
        `${account}: ${needsOf(request)
          .map(({ permission }) => permission)
          .join(', ')}`,
    );
    return said.toSorted();
  }

  /** What an account may do in namespace default beyond what any account may, by the server's own word. */
  async rightsOf(account: string): Promise<readonly Right[]> {
    const [rights, common] = await Promise.all([this.#allRightsOf(account), this.#allRightsOf(anybody)]);
    const ofAnybody = new Set(common.map((right) => JSON.stringify(right)));
    return rights.filter((right) => !ofAnybody.has(JSON.stringify(right)));
  }

  async removeRules(role: string): Promise<void> {
    const patch = JSON.stringify([{ op: 'replace', path: '/rules', value: [] }]);
    await this.#administered.kubectl('patch', 'clusterrole', role, '--type=json', '-p', patch);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
    rmSync(this.#folder, { recursive: true });
  }

  /** HTTP status of the answer. */
  async #statusOf({ account, request }: AccountRequest): Promise<number> {
    const driver = this.#driverOf(account);
    if (request.api === 'watch') return exchanged(driver, watchCall(request));
    if (request.api === 'linstor') return exchanged(driver, throughService(linstorHttpCall(request)));
    const outcome = await driver.perform(request.api === 'exec' ? { ...request, site } : rehearsed(request));
    if (outcome.kind !== 'unknown') return outcome.status;
    throw new Error(`${account}, ${JSON.stringify(needsOf(request))}: ${outcome.message}`);
  }

  async #allRightsOf(account: string): Promise<readonly Right[]> {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: rulesReview.kind, spec: { namespace: 'default' } };
    const outcome = await this.#driverOf(account).perform({
      api: 'kube',
      site,
      verb: 'create',
      resource: rulesReview,
      body,
    });
    if (outcome.kind !== 'applied') throw new Error(`${account} may not ask for its rights: ${outcome.message}`);
    return [
      ...listAt(outcome.body, 'status', 'resourceRules').flatMap(rightsOfRule),
      ...listAt(outcome.body, 'status', 'nonResourceRules').flatMap((rule) =>
        texts(rule, 'verbs').flatMap((verb) =>
          texts(rule, 'nonResourceURLs').map((url) => ({ permission: `${verb} ${url}` })),
        ),
      ),
    ];
  }

  #driverOf(account: string): WatchableDriver {
    const driver = this.#drivers.get(account);
    if (driver === undefined) throw new Error(`There is no account ${account}`);
    return driver;
  }
}

/** The same request to this server, so that it changes nothing. */
function rehearsed(request: KubeRequest): KubeRequest {
  const isRead = request.verb === 'get' || request.verb === 'list';
  return { ...request, site, ...(isRead ? {} : { options: { ...request.options, dryRun: true } }) };
}

function watchCall({ resource }: WatchRequest): HttpCall {
  const path = kubePath({ api: 'kube', site, verb: 'list', resource });
  return { method: 'GET', path: `${path}?watch=1&timeoutSeconds=1`, headers: { accept: 'application/json' } };
}

/** As LINSTOR is reached where there is no other way in. */
function throughService(call: HttpCall): HttpCall {
  const { namespace, controllerService, controllerPort } = piraeus;
  const service = `/api/v1/namespaces/${namespace}/services/${controllerService}:${controllerPort}/proxy`;
  return { ...call, path: `${service}${call.path}` };
}

async function exchanged(driver: WatchableDriver, call: HttpCall): Promise<number> {
  const transport = await driver.siteTransport(site);
  const result = await transport.exchange(call, limitMs, new AbortController().signal);
  if (result.kind === 'answered') return result.status;
  throw new Error(`${call.method} ${call.path}: ${String(result.error)}`);
}

function rightsOfRule(rule: Json): readonly Right[] {
  const names = texts(rule, 'resourceNames');
  return texts(rule, 'verbs').flatMap((verb) =>
    texts(rule, 'apiGroups').flatMap((group) =>
      texts(rule, 'resources').flatMap((resource): readonly Right[] => {
        const [type = '', ...part] = resource.split('/');
        const permission = `${verb} ${[group === '' ? type : `${type}.${group}`, ...part].join('/')}`;
        return names.length === 0 ? [{ permission }] : names.map((name) => ({ permission, name }));
      }),
    ),
  );
}

function texts(rule: Json, field: string): readonly string[] {
  return listAt(rule, field) as readonly string[];
}
