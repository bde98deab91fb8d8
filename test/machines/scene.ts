import { type Instant, instantOf } from '../../src/model/instant.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import type { Subject } from '../../src/model/read-plan.ts';
import type { DesiredState } from '../../src/model/protection-group.ts';

/** How a VM stands on a site. `attached`: the guest has ended, its volume is still attached. */
export type Power = 'running' | 'starting' | 'stopping' | 'attached' | 'stopped' | 'absent';

export interface VmScene {
  readonly power: Power;
  readonly strategy: string;
  /** The run strategy saved while the VM is halted. */
  readonly saved: string | undefined;
}

export interface GroupScene {
  readonly desiredState: DesiredState;
  readonly epoch: number;
  readonly virtualMachines: readonly string[];
  readonly status?: JsonObject;
}

export interface LeaseScene {
  readonly holder: string;
  readonly renewedAt: Instant;
}

export interface SiteScene {
  readonly answers: boolean;
  /** Subjects that are not answered, although the site does. */
  readonly silent: readonly Subject[];
  readonly group: GroupScene | undefined;
  readonly vms: Readonly<Record<string, VmScene>>;
  /** Keys of the taints on its node. */
  readonly taints: readonly string[];
  readonly lease: LeaseScene | undefined;
}

/** One replica; undefined: not reported. */
export interface ReplicaScene {
  readonly role: 'Primary' | 'Secondary' | undefined;
  readonly disk: string | undefined;
  readonly connection: string | undefined;
  readonly replication: string | undefined;
  readonly hasQuorum: boolean;
}

export interface VolumeScene {
  /** By site. */
  readonly replicas: Readonly<Record<string, ReplicaScene>>;
  readonly twoPrimaries: boolean;
}

/** Two sites with VMs, their volumes and the quorum site, as a test wants the machines to see them. */
export interface Scene {
  readonly now: Instant;
  readonly sites: Readonly<Record<string, SiteScene>>;
  readonly volumes: Readonly<Record<string, VolumeScene>>;
  readonly linstorAnswers: boolean;
  /** What LINSTOR sets for all volumes; off when absent. */
  readonly quorum?: 'majority' | 'off';
  /** The Failover object, on the cluster that it names as its target. */
  readonly operation: KubeObject | undefined;
}

export const sceneStart: Instant = instantOf('2026-01-01T00:00:00Z') ?? 0;
export const namespace = 'default';

const secondary: ReplicaScene = {
  role: 'Secondary',
  disk: 'UpToDate',
  connection: 'Connected',
  replication: 'Established',
  hasQuorum: true,
};

/** A replica of which nothing is reported. */
export const goneReplica: ReplicaScene = {
  role: undefined,
  disk: undefined,
  connection: undefined,
  replication: undefined,
  hasQuorum: false,
};

/** Everything as it should be: the group's VMs run on cluster1, stand still on cluster2; vol-N is the disk of vm-N. */
export function calmScene(vms: readonly string[] = ['vm-1', 'vm-2']): Scene {
  const site = (power: Power, desiredState: DesiredState): SiteScene => ({
    answers: true,
    silent: [],
    group: { desiredState, epoch: 0, virtualMachines: vms },
    vms: Object.fromEntries(vms.map((vm) => [vm, vmScene(power)])),
    taints: [],
    lease: undefined,
  });
  return {
    now: sceneStart,
    sites: {
      cluster1: site('running', 'running'),
      cluster2: site('stopped', 'stopped'),
      cluster3: { ...site('absent', 'stopped'), group: undefined, vms: {} },
    },
    volumes: Object.fromEntries(
      vms.map((vm) => [
        volumeOfVm(vm),
        { replicas: { cluster1: { ...secondary, role: 'Primary' }, cluster2: secondary }, twoPrimaries: false },
      ]),
    ),
    linstorAnswers: true,
    operation: undefined,
  };
}

export function volumeOfVm(vm: string): string {
  return vm.replace(/^vm/, 'vol');
}

export function withSite(scene: Scene, site: string, change: Partial<SiteScene>): Scene {
  const before = scene.sites[site];
  if (before === undefined) throw new Error(`no site ${site}`);
  return { ...scene, sites: { ...scene.sites, [site]: { ...before, ...change } } };
}

export function withVm(scene: Scene, site: string, vm: string, change: Partial<VmScene>): Scene {
  const vms = scene.sites[site]?.vms ?? {};
  return withSite(scene, site, { vms: { ...vms, [vm]: { ...(vms[vm] ?? vmScene('stopped')), ...change } } });
}

/** Stopped and stopping VMs are halted, the others Always, unless they are Manual. */
export function withPower(scene: Scene, site: string, vm: string, power: Power): Scene {
  const strategy = scene.sites[site]?.vms[vm]?.strategy === 'Manual' ? 'Manual' : vmScene(power).strategy;
  return withVm(scene, site, vm, { power, strategy });
}

export function withReplica(scene: Scene, volume: string, site: string, change: Partial<ReplicaScene>): Scene {
  const before = scene.volumes[volume];
  if (before === undefined) throw new Error(`no volume ${volume}`);
  const replica: ReplicaScene = { ...secondary, ...before.replicas[site], ...change };
  const replicas = { ...before.replicas, [site]: replica };
  return { ...scene, volumes: { ...scene.volumes, [volume]: { ...before, replicas } } };
}

/** The group has moved: ordered, and its volumes let go, on one site; running on the other one only when told so. */
export function released(scene: Scene, epoch = 1): Scene {
  let next = scene;
  for (const site of ['cluster1', 'cluster2']) {
    const group = next.sites[site]?.group;
    if (group !== undefined) next = withSite(next, site, { group: { ...group, desiredState: 'stopped', epoch } });
    for (const vm of Object.keys(next.sites[site]?.vms ?? {})) next = withPower(next, site, vm, 'stopped');
  }
  for (const volume of Object.keys(next.volumes)) {
    next = withReplica(next, volume, 'cluster1', secondary);
    next = withReplica(next, volume, 'cluster2', secondary);
  }
  return next;
}

/** `Secondary`, `Primary`, `?` (its satellite reports nothing), with further words after commas: `Secondary,Outdated`. */
export function replicaFromText(text: string): ReplicaScene {
  let replica = secondary;
  for (const word of text.split(',')) {
    if (word === '?') {
      replica = {
        role: undefined,
        disk: undefined,
        connection: undefined,
        replication: undefined,
        hasQuorum: true,
      };
    } else if (word === 'Primary' || word === 'Secondary') replica = { ...replica, role: word };
    else if (word === 'noQuorum') replica = { ...replica, hasQuorum: false };
    else if (['Outdated', 'Inconsistent', 'Diskless', 'UpToDate'].includes(word)) replica = { ...replica, disk: word };
    else if (['Connecting', 'StandAlone', 'NetworkFailure'].includes(word))
      replica = { ...replica, connection: word, replication: undefined };
    else if (['SyncTarget', 'SyncSource'].includes(word)) replica = { ...replica, replication: word };
    else throw new Error(`unknown word of a replica: ${word}`);
  }
  return replica;
}

function vmScene(power: Power): VmScene {
  const isUp = power === 'running' || power === 'starting';
  return { power, strategy: isUp ? 'Always' : 'Halted', saved: isUp ? undefined : 'Always' };
}
