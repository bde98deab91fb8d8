import { join } from 'node:path';
import { watchGroundTruth } from '../../../src/twin/ground-truth.ts';
import { ControllerProcess } from '../controllers/controller-lab.ts';
import { type Kubectl, kubectls, run, start } from '../kubectl/kubectl-program.ts';
import { LabUser } from '../lab/lab-user.ts';
import { claim, machine } from '../lab/manifests.ts';
import {
  type Administered,
  type Controller,
  controllers,
  giveRights,
  replaceAccounts,
  writeControllersFolder,
  writeKubeconfigs,
  writeViewersFolder,
} from './accounts.ts';
import type { AuditedRequest } from './audit-log.ts';
import { PlayedWorld } from './played-world/played-world.ts';

/**
 * The product on a played world: controllers as processes and a person with pgctl, each with the rights that `deploy/controllers` gives
 * them and tokens of their own accounts, and kubectl for an administrator.
 */
export class Stage {
  readonly world: PlayedWorld;
  /** The person with pgctl. */
  readonly me = new LabUser();
  readonly truth: ReturnType<typeof watchGroundTruth>;
  readonly #kubectl = kubectls()[0] as Kubectl;
  readonly #processes: ControllerProcess[] = [];

  private constructor(world: PlayedWorld) {
    this.world = world;
    this.truth = watchGroundTruth({ ...world.machinery, world: world.world });
  }

  static async open(): Promise<Stage> {
    const stage = new Stage(await PlayedWorld.open());
    try {
      await stage.#prepare();
      return stage;
    } catch (cause) {
      await stage.close();
      throw cause;
    }
  }

  /** Runs kubectl as the administrator of a cluster; throws when it fails. */
  async kubectl(cluster: string, args: readonly string[], input?: string): Promise<string> {
    const { code, out, err } = await run(this.#kubectl, this.site(cluster).plane.kubeconfig, args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} on ${cluster}: ${err}`);
    return out;
  }

  /** A kubectl that goes on until it is killed, and the lines of its output so far. */
  watch(cluster: string, args: readonly string[]): ReturnType<typeof start> {
    return start(this.#kubectl, this.site(cluster).plane.kubeconfig, args);
  }

  /** Creates VMs of one disk each on a cluster; resolves when they run. */
  async runVms(cluster: string, names: readonly string[]): Promise<void> {
    const manifest = names.flatMap((name) => [claim(name, 'Block'), machine(name, 'Always', [name])]).join('---\n');
    await this.kubectl(cluster, ['apply', '-f', '-'], manifest);
    const vms = names.map((name) => `vm/${name}`);
    await this.kubectl(cluster, ['wait', '--for=condition=Ready', '--timeout=60s', ...vms]);
  }

  /** A group that runs on cluster1, with so many VMs; answers their names. */
  async protect(group: string, count: number): Promise<readonly string[]> {
    const vms = Array.from({ length: count }, (_each, index) => `${group}-vm-${index + 1}`);
    await this.runVms('cluster1', vms);
    await this.succeeds(['create', 'protectiongroup', group, ...vms.flatMap((vm) => ['--vm', vm])]);
    return vms;
  }

  /** The output of a pgctl of somebody who may look only; it must end with code 0. */
  views(args: readonly string[]): Promise<string> {
    return this.succeeds([...args, '--config-dir', this.#viewersFolder]);
  }

  /** The output of a pgctl that must end with code 0. */
  async succeeds(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.me.pgctl(args);
    if (code !== 0) throw new Error(`pgctl ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** `Running/awaitingRelease`: phase and state of each operation on a group that is known on a cluster. */
  async operations(cluster: string, group: string): Promise<readonly string[]> {
    const columns = ['{.status.phase}', '{.status.record.state}'].join('/');
    const template = `jsonpath={range .items[*]}${columns} {end}`;
    const selector = `siterecovery.trilio.io/protection-group=${group}`;
    const ask = ['get', 'failovers', '-l', selector, '-o', template];
    return (await this.kubectl(cluster, ask)).split(' ').filter((line) => line !== '');
  }

  /** `True`: a condition of a group as a cluster has it. */
  conditionOf(cluster: string, group: string, type: string): Promise<string> {
    const path = `jsonpath={.status.conditions[?(@.type=="${type}")].status}`;
    return this.kubectl(cluster, ['get', 'protectiongroup', group, '-o', path]);
  }

  /** Those of the VMs whose guests execute on a cluster. */
  executingOn(cluster: string, names: readonly string[]): readonly string[] {
    const { guests } = this.world.machinery;
    return names.filter((name) => guests.executing('default', name).some((guest) => guest.cluster === cluster));
  }

  /** What the controllers and the person have asked of all clusters so far. */
  asked(): readonly AuditedRequest[] {
    return this.world.sites.flatMap(({ plane }) => plane.audited());
  }

  /** Starts a controller of a cluster as a process. */
  start(controller: Controller, cluster: string): ControllerProcess {
    const started = new ControllerProcess(controller, {
      CLUSTER_NAME: cluster,
      CLUSTER_ROLE: this.site(cluster).topology.role,
      CONFIG_DIR: this.#configuration(controller, cluster),
      LISTEN: '127.0.0.1:0',
    });
    this.#processes.push(started);
    return started;
  }

  /** Both controllers of both sites with VMs. */
  startControllers(): readonly ControllerProcess[] {
    return ['cluster1', 'cluster2'].flatMap((cluster) => controllers.map((one) => this.start(one, cluster)));
  }

  site(cluster: string): PlayedWorld['sites'][number] {
    const site = this.world.sites.find(({ topology: { name } }) => name === cluster);
    if (site === undefined) throw new Error(`There is no cluster ${cluster}`);
    return site;
  }

  /** Asks all controllers to end; throws when one of them does not end in good order. */
  async endControllers(): Promise<void> {
    const codes = await Promise.all(this.#processes.splice(0).map((one) => one.end()));
    // Those that a test has killed have no code.
    const bad = codes.filter((code) => code !== 0 && code !== null);
    if (bad.length > 0) throw new Error(`Controllers ended with ${bad.join(', ')}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.end('SIGKILL')));
    await this.world.close();
    await this.me.end();
  }

  /** Gives a cluster a certificate by another authority, revokes all tokens there, and restarts its API server. Nobody has been told. */
  async replaceCredentials(cluster: string): Promise<void> {
    const { plane } = this.site(cluster);
    await replaceAccounts(this.#administered().find(({ topology }) => topology.name === cluster) as Administered);
    await plane.replaceAuthority();
    await plane.stopApiServer();
    await plane.startApiServer();
  }

  /** Writes what the controllers' Deployments mount, and the person's kubeconfigs, as the clusters are now. */
  giveAccess(): Promise<void> {
    return this.#giveAccess(this.#administered());
  }

  #administered(): readonly Administered[] {
    return this.world.sites.map(({ topology, plane }): Administered => {
      const kubectl = (...args: readonly string[]): Promise<string> => this.kubectl(topology.name, args);
      return { topology, plane, kubectl };
    });
  }

  async #giveAccess(clusters: readonly Administered[]): Promise<void> {
    for (const { topology } of clusters) {
      if (topology.role === 'quorum') continue;
      for (const controller of controllers) {
        await writeControllersFolder(
          this.#configuration(controller, topology.name),
          controller,
          topology.name,
          clusters,
        );
      }
    }
    await writeKubeconfigs(join(this.me.home, '.kube'), clusters);
    await writeViewersFolder(this.#viewersFolder, clusters);
  }

  async #prepare(): Promise<void> {
    const clusters = this.#administered();
    for (const cluster of clusters) await giveRights(cluster);
    await this.#giveAccess(clusters);
    const folder = join(this.me.home, '.kube');
    await this.me.pgctl(['init']);
    for (const { topology } of clusters) {
      const kubeconfig = ['--kubeconfig', join(folder, `config-${topology.name}`)];
      const cluster = ['--name', topology.name, '--role', topology.role, ...kubeconfig];
      const added = await this.me.pgctl(['config', 'add-cluster', ...cluster]);
      if (added.code !== 0) throw new Error(`cluster ${topology.name} not added: ${added.stderr}`);
    }
  }

  get #viewersFolder(): string {
    return join(this.me.home, 'viewer');
  }

  #configuration(controller: Controller, cluster: string): string {
    return join(this.me.home, 'controllers', cluster, controller);
  }
}
