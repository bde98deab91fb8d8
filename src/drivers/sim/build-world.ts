import { drbdOperatorDriver } from '../../model/drbd-operator/installation.ts';
import { second, type Instant, type Millis } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LinstorRequest, Outcome } from '../../model/request.ts';
import { resources } from '../../model/kube.ts';
import { installCoreApi } from './behaviours/install-core-api.ts';
import { PodRuntime } from './behaviours/node/pod-runtime.ts';
import { createQuorumTaintAgent } from './behaviours/quorum-taint-agent.ts';
import { standardBehaviours } from './behaviours/standard-behaviours.ts';
import { DrbdKernel } from './drbd/kernel.ts';
import { defaultGuestDurations, type Guest, type GuestDurations, GuestRegistry } from './guests.ts';
import { installKubevirtApi } from './kubevirt-admission/install-kubevirt.ts';
import { LinstorController } from './linstor/controller.ts';
import { LinstorCsiDriver } from './linstor-csi/csi-driver.ts';
import type { LinstorAnswer } from './linstor/answer.ts';
import type { Behaviour } from './behaviour.ts';
import type { Cluster } from './cluster.ts';
import type { Origin } from './network.ts';
import { installSiteObjects } from './site-objects.ts';
import { SatelliteContainers } from './satellite-shell/satellite-containers.ts';
import { createAgentDaemonSets, installAgentPods } from './satellite-shell/agent-pods.ts';
import { satellites } from './satellite-shell/satellite-pods.ts';
import type { AgentProcesses } from './drbd-operator/node-agents.ts';
import { createOperationAgent } from './drbd-operator/operation-agent.ts';
import { nodeTopologyKey, OperatorCsiDriver } from './drbd-operator/operator-csi-driver.ts';
import { operatorAgents, type PolicyPlaces, type PolicySettings } from './drbd-operator/operator-objects.ts';
import { createReadinessProbe } from './drbd-operator/readiness-probe.ts';
import { createVolumeAgent } from './drbd-operator/volume-agent.ts';
import { hasSatellites, linstorHome, type SiteTopology } from './site-topology.ts';
import { World } from './world.ts';

export interface TopologySettings {
  readonly seed: number;
  readonly epoch: Instant;
  readonly speed: number;
  readonly kubernetesVersion: string;
  readonly sites: readonly SiteTopology[];
  /** Where the clusters are told that LINSTOR's REST API is. Default: an address at which nobody is. */
  readonly linstorUrl?: string;
  readonly guests?: GuestDurations;
  /** LINSTOR controller properties on top of a fresh installation with Piraeus' defaults. */
  readonly linstorProperties?: Readonly<Record<string, string>>;
  /** DRBD Operator keeps the volumes, in place of LINSTOR: its resource types, and how its policies are set. */
  readonly drbdOperator?: OperatorSettings;
  /** False: what acts in the clusters stores no Events; for worlds that nobody reads. Default: true. */
  readonly events?: boolean;
  /**
   * True: the API servers take what acts in the clusters at its word and check only what comes from outside; for worlds that are
   * played many times. What happens is the same. Default: false.
   */
  readonly trustsInsiders?: boolean;
  /** Changes that each API server keeps per resource, for watches that resume. Default: as the API server has it. */
  readonly watchHistory?: number;
}

export interface OperatorSettings {
  readonly definitions: readonly JsonObject[];
  readonly policy?: PolicySettings;
  /** False: no storage pool takes snapshots. Default: true. */
  readonly snapshots?: boolean;
}

/** What is in a world besides its API servers: devices, LINSTOR's controller, guests, and what nodes have of their pods. */
export interface Machinery {
  readonly kernel: DrbdKernel;
  readonly linstor: LinstorController;
  readonly guests: GuestRegistry;
  readonly pods: PodRuntime;
}

/** A world with everything in it that is not ours: clusters, KubeVirt, DRBD, LINSTOR. */
export interface BuiltWorld extends Machinery {
  readonly world: World;
  readonly containers: SatelliteContainers;
  readonly sites: readonly SiteTopology[];
}

/** What the Piraeus operator sets on its LINSTOR controller (`pkg/vars/defaults.go` of piraeusdatastore/piraeus-operator). */
const piraeusProperties: Readonly<Record<string, string>> = {
  'DrbdOptions/Net/rr-conflict': 'retry-connect',
  'DrbdOptions/Resource/on-no-data-accessible': 'suspend-io',
  'DrbdOptions/Resource/on-no-quorum': 'suspend-io',
  'DrbdOptions/Resource/on-suspended-primary-outdated': 'force-secondary',
  'DrbdOptions/AutoEvictAllowEviction': 'false',
};

/** Builds a world: sites with their nodes and infrastructure, no VMs yet. */
export function buildWorld(settings: TopologySettings): BuiltWorld {
  const { seed, epoch, speed, kubernetesVersion, sites, watchHistory } = settings;
  const clusters = sites.map((site) => site.name);
  const world = new World({
    seed,
    epoch,
    speed,
    kubernetesVersion,
    clusters,
    ...(watchHistory === undefined ? {} : { watchHistory }),
    trustsInsiders: settings.trustsInsiders ?? false,
  });
  const machinery = buildMachinery(world, settings);
  const { kernel, linstor, guests, pods } = machinery;
  if (settings.drbdOperator === undefined) {
    world.linstor = { perform: (request, from) => performLinstor(world, linstor, sites, request, from) };
  }
  const containers = new SatelliteContainers(world, kernel, pods);
  world.containers = containers;
  const built: BuiltWorld = { world, ...machinery, containers, sites };
  for (const site of sites) installSite(built, site, settings);
  guests.onChange((guest) => tellNodeAgents(world.cluster(guest.cluster), guest));
  return built;
}

/** Builds what is in a world besides its API servers, on the world's clock and its chance. */
export function buildMachinery(
  world: World,
  { guests: durations, linstorProperties }: Pick<TopologySettings, 'guests' | 'linstorProperties'>,
): Machinery {
  const kernel = new DrbdKernel(world, world.randomness.stream('drbd'));
  const linstor = new LinstorController({
    scheduler: world,
    kernel,
    random: world.randomness.stream('linstor'),
    wallNow: () => world.wall(),
    properties: { ...piraeusProperties, ...linstorProperties },
  });
  const guests = new GuestRegistry(
    world,
    kernel,
    world.randomness.stream('guests'),
    durations ?? defaultGuestDurations,
  );
  const pods = new PodRuntime();
  world.route('drbd', (event) => kernel.handle(event));
  world.route('linstor', (event) => linstor.handle(event));
  world.route('guest', (event) => guests.handle(event));
  return { kernel, linstor, guests, pods };
}

function installSite(built: BuiltWorld, site: SiteTopology, settings: TopologySettings): void {
  const { world, pods } = built;
  const cluster = world.cluster(site.name);
  const random = world.randomness.stream(`${site.name}/kubevirt`);
  installCoreApi(cluster.api);
  installKubevirtApi(cluster.api, random, () => world.wallAt(site.name));
  installSiteObjects(cluster.api, site, {
    now: world.wall(),
    kubernetesVersion: settings.kubernetesVersion,
    linstorUrl: settings.linstorUrl ?? 'http://linstor-controller.invalid:3370',
    ...(settings.drbdOperator === undefined
      ? {}
      : { operator: { definitions: settings.drbdOperator.definitions, places: policyPlaces(settings) } }),
  });
  const agents = settings.drbdOperator === undefined ? satellites : operatorAgents;
  if (hasSatellites(site)) {
    installAgentPods(cluster.api, pods, agents, { cluster: site.name, nodes: site.nodes, now: world.wall() });
    if (agents === satellites) addSatellites(built.linstor, site, built.sites.indexOf(site));
  }
  const behaviours =
    settings.drbdOperator === undefined
      ? behavioursOf(world, built, site, settings)
      : operatorBehavioursOf(built, site, settings.drbdOperator, settings);
  for (const behaviour of behaviours) cluster.addBehaviour(behaviour);
  if (hasSatellites(site)) cluster.addBehaviour(createAgentDaemonSets(agents, site.nodes));
}

/** One copy in each site where VMs run, and a vote on the quorum site where it takes part in the storage. */
function policyPlaces({ sites, drbdOperator }: TopologySettings): PolicyPlaces {
  const tiebreaker = sites.find((site) => site.role === 'quorum' && hasSatellites(site))?.name;
  return {
    clusters: sites.filter(({ role }) => role !== 'quorum').map(({ name }) => name),
    ...(tiebreaker === undefined ? {} : { tiebreaker }),
    ...drbdOperator?.policy,
  };
}

/** Registers the nodes of a site, the n-th of its world from 0, with LINSTOR. */
export function addSatellites(linstor: LinstorController, site: SiteTopology, place: number): void {
  site.nodes.forEach((name, index) => {
    const address = `192.0.2.${10 * place + index + 1}`;
    linstor.addNode({ name, address, site: site.name, ...(site.role === 'quorum' ? { pools: [] } : {}) });
  });
}

/** What acts in a site's cluster on that machinery. */
export function behavioursOf(
  world: World,
  { kernel, linstor, guests, pods }: Machinery,
  site: SiteTopology,
  { events = true }: Pick<TopologySettings, 'events'>,
): readonly Behaviour[] {
  const driver = new LinstorCsiDriver({ linstor, now: () => world.now });
  const parts = { drbd: kernel, guests, pods, publisher: driver, storage: driver };
  const agents = site.role === 'quorum' ? [] : [createQuorumTaintAgent(kernel)];
  return [...standardBehaviours(parts, { events }), ...agents];
}

/** The same where DRBD Operator keeps the volumes: its driver, and the agents of the nodes. */
function operatorBehavioursOf(
  { world, kernel, guests, pods, containers, sites }: BuiltWorld,
  site: SiteTopology,
  { snapshots = true }: OperatorSettings,
  { events = true }: Pick<TopologySettings, 'events'>,
): readonly Behaviour[] {
  const driver = new OperatorCsiDriver({
    cluster: site.name,
    kernel,
    apiOf: (name) => world.clusters.get(name)?.api,
    reach: (name) => world.network.reach(site.name, name),
    nodesOf: (name) => {
      const nodes = sites.find((each) => each.name === name && hasSatellites(each))?.nodes ?? [];
      return nodes.filter((node) => world.nodeIsUp(node));
    },
  });
  const parts = {
    drbd: kernel,
    guests,
    pods,
    publisher: driver,
    storage: driver,
    csiDriver: drbdOperatorDriver,
    topologyKey: nodeTopologyKey,
  };
  const processes: AgentProcesses = {
    pods,
    isFrozen: (node) => containers.isFrozen(node),
    onFreeze: (listener) => containers.onFreeze(listener),
  };
  const agents = { ...processes, kernel, snapshotsSupported: snapshots };
  return [
    ...standardBehaviours(parts, { events }),
    ...(site.role === 'quorum' ? [] : [createQuorumTaintAgent(kernel)]),
    ...(hasSatellites(site)
      ? [createVolumeAgent(agents), createOperationAgent(agents), createReadinessProbe(processes)]
      : []),
  ];
}

/** LINSTOR's controller is reached over the network of the site in which it runs. */
function performLinstor(
  world: World,
  linstor: LinstorController,
  sites: readonly SiteTopology[],
  request: LinstorRequest,
  from: Origin,
): Outcome | { readonly kind: 'hang' } {
  const home = linstorHome(sites);
  const reach = home === undefined ? 'refuse' : world.network.reach(from, home);
  if (reach === 'hang') return { kind: 'hang' };
  if (reach === 'refuse') return { kind: 'unknown', reason: 'unreachable', message: 'LINSTOR: connection refused' };
  return outcomeOfLinstorAnswer(linstor.request(request));
}

const outcomes = new WeakMap<LinstorAnswer, Outcome | { readonly kind: 'hang' }>();

/** The same answer gives the same outcome, so that a host sees by comparing references that it need not think again. */
function outcomeOfLinstorAnswer(answer: LinstorAnswer): Outcome | { readonly kind: 'hang' } {
  const known = outcomes.get(answer);
  if (known !== undefined) return known;
  const outcome = freshOutcome(answer);
  outcomes.set(answer, outcome);
  return outcome;
}

/** An answer that takes longer than a caller waits is none, whatever it would have said. */
const callerPatience: Millis = 10 * second;

function freshOutcome(answer: LinstorAnswer): Outcome | { readonly kind: 'hang' } {
  if (answer.takes >= callerPatience) return { kind: 'hang' };
  if (answer.status < 300) return { kind: 'applied', status: answer.status, body: answer.body };
  const message = `LINSTOR answered ${answer.status}`;
  if (answer.status >= 500) return { kind: 'unknown', reason: 'server-error', message };
  return { kind: 'refused', status: answer.status, reason: String(answer.status), message };
}

/** Makes the node agents of a guest's cluster look at it. */
export function tellNodeAgents(cluster: Pick<Cluster, 'wake'>, guest: Guest): void {
  const { namespace } = guest;
  cluster.wake('virt-handler', { resource: resources.virtualMachineInstance, namespace, name: guest.vm });
  cluster.wake('kubelet', { resource: resources.pod, namespace, name: guest.podName });
}
