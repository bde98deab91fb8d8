import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Lab, openLab } from '../../../src/lab/lab.ts';
import { labVirtualMachines } from '../../../src/lab/lab-sites.ts';
import { newFailover } from '../../../src/model/failover.ts';
import { type Json, type JsonObject, textAt } from '../../../src/model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../../src/model/kube.ts';
import { newProtectionGroup } from '../../../src/model/protection-group.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import type { SiteName } from '../../../src/model/site.ts';
import { backendField, type StorageBackend } from '../../../src/model/storage-backend.ts';
import { pageTimeouts } from '../../../src/twin/planned-run.ts';
import { mustApply, protectGroup } from '../../../src/twin/protect.ts';

const root = join(import.meta.dirname, '..', '..', '..');
/** Some hundred processes are started; a second of each would go into the same sources. */
const compiled = join(root, 'node_modules', '.cache', 'compiled');

function definitionsIn(file: string): readonly JsonObject[] {
  const text = readFileSync(join(root, 'crds', file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

const definitions = definitionsIn('protection-group-crd.yaml');

/** A lab without controllers of its own, its configuration folder, and the controllers that a test runs against it. */
export class ControllerLab {
  readonly lab: Lab;
  /** What the Secret of a Deployment holds. */
  readonly config: string;
  readonly #processes: ControllerProcess[] = [];

  private constructor(lab: Lab, config: string) {
    this.lab = lab;
    this.config = config;
  }

  static async open(speed = 10, storage: StorageBackend = 'linstor'): Promise<ControllerLab> {
    const faults: unknown[] = [];
    const onFault = (cause: unknown): void => void faults.push(cause);
    const drbdOperator = storage === 'linstor' ? undefined : { definitions: definitionsIn('drbd-operator-crds.yaml') };
    const settings = { clusters: 3, speed, seed: 1, definitions, withControllers: false, drbdOperator } as const;
    const lab = await openLab({ ...settings, onFault });
    const config = mkdtempSync(join(tmpdir(), 'site-recovery-controllers-'));
    const keys = { primary: 'PRIMARY', dr: 'DR', quorum: 'QUORUM' } as const;
    const lines = lab.clusters.map(({ name, role }) => `${keys[role]}_CLUSTER=${name}\n`);
    writeFileSync(join(config, 'config'), `${lines.join('')}DEPLOYMENT_MODEL=${storage}\n`);
    for (const { name, kubeconfig } of lab.clusters) writeFileSync(join(config, `${name}.kubeconfig`), kubeconfig);
    return new ControllerLab(lab, config);
  }

  /** Starts a controller of a cluster as a process. */
  start(controller: string, cluster: SiteName, environment: Readonly<Record<string, string>> = {}): ControllerProcess {
    const role = this.lab.clusters.find(({ name }) => name === cluster)?.role ?? '';
    const started = new ControllerProcess(controller, {
      CLUSTER_NAME: cluster,
      CLUSTER_ROLE: role,
      CONFIG_DIR: this.config,
      LISTEN: '127.0.0.1:0',
      ...environment,
    });
    this.#processes.push(started);
    return started;
  }

  /** Copies the lab's VMs to cluster2 and protects them, as `pgctl create` does. */
  protect(group: string): void {
    const virtualMachines = [...labVirtualMachines];
    protectGroup(this.lab.twin, {
      namespace: 'default',
      group,
      source: 'cluster1',
      target: 'cluster2',
      virtualMachines,
    });
  }

  /** Tells a site what to do with a group, as a person does with kubectl. */
  order(cluster: SiteName, name: string, desiredState: 'running' | 'stopped'): void {
    this.#apply(cluster, { verb: 'patch', name, patch: 'merge', body: { spec: { desiredState } } });
  }

  /** Resolves when all of the types have been read on a site, and acts before the last of the answers is sent. */
  onceRead(cluster: SiteName, types: readonly ResourceType[], act: () => void): Promise<void> {
    const { api } = this.lab.twin.world.cluster(cluster);
    const serve = api.request.bind(api);
    const missing = new Set(types.map(({ plural }) => plural));
    return new Promise((resolve) => {
      api.request = (request, user) => {
        const isRead = request.verb === 'get' || request.verb === 'list';
        if (isRead && missing.delete(request.resource.plural) && missing.size === 0) {
          api.request = serve;
          act();
          resolve();
        }
        return serve(request, user);
      };
    });
  }

  /** Changes a group without asking for anything. */
  touch(cluster: SiteName, name: string): void {
    this.#apply(cluster, { verb: 'patch', name, patch: 'merge', body: { spec: { epoch: 1 } } });
  }

  /** `Normal Stopped`: type and reason of the Events that tell of an object. */
  eventsOf(cluster: SiteName, name: string): readonly string[] {
    const events = this.lab.twin.world.cluster(cluster).api.list(resources.event, 'default');
    const told = events.filter((event) => textAt(event, 'involvedObject', 'name') === name);
    return told.map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')}`);
  }

  /** A group of the lab's VMs that is to run on a site. */
  create(cluster: SiteName, name: string): void {
    const body = newProtectionGroup(name, 'default', labVirtualMachines, 'running') as unknown as Json;
    this.#apply(cluster, { verb: 'create', body });
  }

  /** Orders a failover of a group towards a site, as a `pgctl failover` does that is killed at once. */
  orderFailover(name: string, group: string, source: SiteName, target: SiteName): void {
    const request = { name, namespace: 'default', group, source, target, mode: 'Planned', rollBack: true } as const;
    const backend = backendField(this.lab.twin.storageBackend);
    const requestedBy = { user: 'operator', host: 'desk', client: 'pgctl' };
    const body = newFailover({ ...request, ...backend, timeouts: pageTimeouts, requestedBy }) as unknown as Json;
    const place = { api: 'kube', site: target, namespace: 'default', resource: resources.failover } as const;
    mustApply(this.lab.twin, { ...place, verb: 'create', body });
  }

  operation(cluster: SiteName, name: string): KubeObject | undefined {
    return this.lab.twin.world.cluster(cluster).api.get(resources.failover, 'default', name);
  }

  /** `Running/awaitingRelease`: phase and state of an operation. */
  progress(cluster: SiteName, name: string): string {
    const operation = this.operation(cluster, name);
    return `${textAt(operation, 'status', 'phase')}/${textAt(operation, 'status', 'record', 'state')}`;
  }

  /** resourceVersions of all objects of a type, by name. */
  versions(cluster: SiteName, type: ResourceType): Readonly<Record<string, string | undefined>> {
    const objects = this.lab.twin.world.cluster(cluster).api.list(type);
    return Object.fromEntries(objects.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  }

  remove(cluster: SiteName, name: string): void {
    this.#apply(cluster, { verb: 'delete', name });
  }

  group(cluster: SiteName, name: string): KubeObject | undefined {
    return this.lab.twin.world.cluster(cluster).api.get(resources.protectionGroup, 'default', name);
  }

  /** The VMs whose guests really execute on a site. */
  runningOn(cluster: SiteName): readonly string[] {
    const guests = labVirtualMachines.flatMap((vm) => this.lab.twin.guests.executing('default', vm));
    return guests.filter((guest) => guest.cluster === cluster).map(({ vm }) => vm);
  }

  stateOf(cluster: SiteName, group: string): string | undefined {
    return textAt(this.group(cluster, group), 'status', 'currentState');
  }

  #apply(site: SiteName, request: Omit<KubeRequest, 'api' | 'site' | 'namespace' | 'resource'>): void {
    const place = { api: 'kube', site, namespace: 'default', resource: resources.protectionGroup } as const;
    mustApply(this.lab.twin, { ...place, ...request });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends all controllers in good order. */
  async endControllers(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((one) => one.end()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.end('SIGKILL')));
    await this.lab.close();
    rmSync(this.config, { recursive: true });
  }
}

export interface LoggedLine {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** A controller as a process of its own. */
export class ControllerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;
  stdout = '';
  stderr = '';

  constructor(controller: string, environment: Readonly<Record<string, string>>, words: readonly string[] = []) {
    this.#child = spawn(process.execPath, [join(root, 'src/controllers/main.ts'), controller, ...words], {
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compiled, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve));
    void this.#ended.then(() => (this.#hasEnded = true));
  }

  /** What it has logged so far. */
  get log(): readonly LoggedLine[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LoggedLine);
  }

  logged(message: string): readonly LoggedLine[] {
    return this.log.filter(({ msg }) => msg === message);
  }

  /** Resolves when it has logged such a line. */
  async untilLogged(message: string, isWanted: (line: LoggedLine) => boolean = () => true): Promise<void> {
    while (!this.logged(message).some(isWanted)) {
      if (this.#hasEnded) throw new Error(`It has ended without ${message}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Where it serves health and metrics; undefined before it does. */
  get url(): string | undefined {
    const url = this.logged('controller_started')[0]?.['health'];
    return typeof url === 'string' ? url : undefined;
  }

  /** The lines of its metrics that begin like that, without the prefix of all. */
  async metrics(start: string): Promise<readonly string[]> {
    const page = await (await fetch(`${this.url}/metrics`)).text();
    const lines = page.split('\n').filter((line) => line.startsWith(`site_recovery_${start}`));
    return lines.map((line) => line.slice('site_recovery_'.length));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with its exit code when it has ended by itself. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async end(name: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(name);
    return this.#ended;
  }
}
