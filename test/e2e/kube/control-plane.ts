import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from '../../../src/lab/certificates.ts';
import { kubeconfigText } from '../../../src/lab/kubeconfig-text.ts';
import { callOver } from '../../conformance/https-call.ts';
import { type AuditedRequest, auditedRequests, auditFlags } from './audit-log.ts';
import { Processes } from './processes.ts';
import { ProductCertificate } from './product-certificate.ts';

/** What a real control plane is started with. */
export interface ControlPlaneSettings {
  /** Controllers of kube-controller-manager that run, by their long names. */
  readonly controllers: readonly string[];
  readonly schedules: boolean;
}

/** A real Kubernetes control plane on loopback: etcd, kube-apiserver, kube-controller-manager and, if wanted, kube-scheduler. */
export interface ControlPlane {
  readonly port: number;
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
  /** Bearer tokens: `admin` may do everything, `nobody` has no rights of its own. */
  readonly tokens: Readonly<Record<'admin' | 'nobody', string>>;
  /** How the product reaches it. */
  readonly productAccess: { readonly server: string; readonly authority: string };
  readonly kubeconfig: string;
  /** For what is played on it: may do everything, under the name of KubeVirt's handler. */
  readonly playersKubeconfig: string;
  /** Kills the API server with SIGKILL; its store stays. */
  stopApiServer(): Promise<void>;
  /** Starts it again on the same store; resolves when it is ready. */
  startApiServer(): Promise<void>;
  /** Gives the product's access a certificate by a new authority, from the next start of the API server on. */
  replaceAuthority(): Promise<void>;
  /** What accounts of namespace default have asked it so far. */
  audited(): readonly AuditedRequest[];
  /** Forgets the store's history up to now. */
  compact(): Promise<void>;
  /** Ends all its processes and removes its folder. */
  stop(): Promise<void>;
}

const buildScript = join(import.meta.dirname, '../../../tools/kube/build.sh');

/** The folder of the servers: KUBEBUILDER_ASSETS, or what tools/kube builds. Throws with the reason in one line. */
export function controlPlaneBinaries(): string {
  try {
    return execFileSync('sh', [buildScript], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (cause) {
    const said = String((cause as { stderr?: unknown }).stderr ?? cause).trim();
    throw new Error(`No Kubernetes servers: ${said.split('\n').at(-1)}`, { cause });
  }
}

/** Starts a control plane; resolves when its namespace `default` has its service account. */
export async function startControlPlane(binaries: string, settings: ControlPlaneSettings): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'site-recovery-kube-'));
  const processes = new Processes(binaries, folder);
  try {
    return await launch(folder, processes, settings);
  } catch (cause) {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

async function launch(folder: string, processes: Processes, settings: ControlPlaneSettings): Promise<ControlPlane> {
  const [etcdPort, peerPort, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const authority = await createAuthority('kube-ca');
  const tokens = { admin: newToken(), nobody: newToken() };
  const components = { controllers: newToken(), scheduler: newToken(), players: newToken() };
  await writeSecrets(folder, authority, [
    `${tokens.admin},admin,admin,system:masters`,
    `${tokens.nobody},nobody,nobody`,
    `${components.players},system:serviceaccount:kubevirt:kubevirt-handler,players,system:masters`,
    `${components.controllers},system:kube-controller-manager,controllers`,
    `${components.scheduler},system:kube-scheduler,scheduler`,
  ]);
  const server = `https://127.0.0.1:${port}`;
  const product = await ProductCertificate.issue(folder);
  const access = { cluster: 'kube', server, authority: authority.certificate };
  const kubeconfig = (user: string, token: string): string => {
    const path = join(folder, `${user}.kubeconfig`);
    writeFileSync(path, kubeconfigText({ ...access, user, token }), { mode: 0o600 });
    return path;
  };
  const etcd = `http://127.0.0.1:${etcdPort}`;
  processes.start('etcd', etcdFlags(folder, etcd, `http://127.0.0.1:${peerPort}`));
  processes.start('kube-apiserver', [...apiServerFlags(folder, etcd, port), ...product.flags]);
  const call = (path: string): Promise<{ status: number }> =>
    callOver({ port, ca: authority.certificate, token: tokens.admin }, { method: 'GET', path });
  const isReady = (): Promise<void> =>
    processes.until('kube-apiserver is ready', async () => (await call('/readyz')).status === 200);
  await isReady();
  processes.start('kube-controller-manager', [
    `--kubeconfig=${kubeconfig('controllers', components.controllers)}`,
    `--service-account-private-key-file=${join(folder, 'accounts.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    `--controllers=${settings.controllers.join(',')}`,
    '--use-service-account-credentials=true',
    '--pvclaimbinder-sync-period=1s',
    '--node-monitor-period=1s',
    '--leader-elect=false',
    '--secure-port=0',
  ]);
  if (settings.schedules) {
    const config = `--kubeconfig=${kubeconfig('scheduler', components.scheduler)}`;
    processes.start('kube-scheduler', [config, '--leader-elect=false', '--secure-port=0']);
  }
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await processes.until('the controllers work', async () => (await call(account)).status === 200);
  return {
    port,
    server,
    authority: authority.certificate,
    tokens,
    get productAccess() {
      return { server: `https://localhost:${port}`, authority: product.authority };
    },
    kubeconfig: kubeconfig('admin', tokens.admin),
    playersKubeconfig: kubeconfig('players', components.players),
    stopApiServer: () => processes.kill('kube-apiserver'),
    startApiServer: () => {
      processes.startAgain('kube-apiserver');
      return isReady();
    },
    replaceAuthority: () => product.replace(),
    audited: () => auditedRequests(folder),
    compact: () => compact(etcd),
    stop: async () => {
      await processes.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function writeSecrets(folder: string, authority: Authority, users: readonly string[]): Promise<void> {
  const server = await authority.issueServer('kube-apiserver');
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = {
    'ca.crt': authority.certificate,
    'server.crt': server.certificate,
    'server.key': server.privateKey,
    'accounts.key': accounts.privateKey.export({ type: 'sec1', format: 'pem' }),
    'accounts.pub': accounts.publicKey.export({ type: 'spki', format: 'pem' }),
    'tokens.csv': `${users.join('\n')}\n`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
}

function etcdFlags(folder: string, client: string, peer: string): readonly string[] {
  return [
    '--name=kube',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=kube=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiServerFlags(folder: string, etcd: string, port: number): readonly string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    // A loopback address is refused as an endpoint of the service `kubernetes`.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--cert-dir=${join(folder, 'certificates')}`,
    `--tls-cert-file=${join(folder, 'server.crt')}`,
    `--tls-private-key-file=${join(folder, 'server.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'accounts.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'accounts.key')}`,
    ...auditFlags(folder),
    // Compacting is left to the checks that need it.
    '--etcd-compaction-interval=0',
  ];
}

/** Etcd's own gateway for JSON: a put tells the present revision, up to which is forgotten. */
async function compact(etcd: string): Promise<void> {
  const post = async (path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { readonly header: { readonly revision: string } };
  };
  const { header } = await post('put', { key: btoa('compacted'), value: '' });
  await post('compaction', { revision: header.revision, physical: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function newToken(): string {
  return randomBytes(24).toString('hex');
}
