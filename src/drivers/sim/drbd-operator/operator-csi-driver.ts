import { type JsonObject, listAt, textAt } from '../../../model/json.ts';
import { apiVersionOf, resources } from '../../../model/kube.ts';
import { policyParameter } from '../../../model/drbd-operator/installation.ts';
import type { SiteName } from '../../../model/site.ts';
import type {
  ControllerPublishVolumeRequest,
  CreatedVolume,
  CreateVolumeRequest,
  CsiAnswer,
  CsiError,
  CsiWait,
  VolumeProvisioner,
  VolumePublisher,
} from '../behaviours/storage/csi-ports.ts';
import type { InsideApi } from '../cluster.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { Reach } from '../network.ts';
import { type ReplicationPolicy, replicationPolicyOf } from './replication-policy.ts';

/** The label of a node by which volumes are bound to it. */
export const nodeTopologyKey = 'topology.csi.drbd.io/node';

/** What the operator of a cluster works with: its own API server, those of its peers, and the nodes' DRBD. */
export interface OperatorSurroundings {
  readonly cluster: SiteName;
  readonly kernel: DrbdKernel;
  /** The API server of a cluster of that name; undefined where there is none. */
  readonly apiOf: (cluster: SiteName) => InsideApi | undefined;
  readonly reach: (cluster: SiteName) => Reach;
  /** The nodes of a cluster that have an agent and are up, in the order of their names. */
  readonly nodesOf: (cluster: SiteName) => readonly string[];
}

/** From when on a waiting DeleteVolume looks again. */
const deleteInterval = 2000;

/**
 * The CSI driver of DRBD Operator: a volume is made in all clusters of its policy at once, or not at all. It is used only where a
 * copy of it is.
 */
export class OperatorCsiDriver implements VolumeProvisioner, VolumePublisher {
  readonly #around: OperatorSurroundings;

  constructor(around: OperatorSurroundings) {
    this.#around = around;
  }

  createVolume(request: CreateVolumeRequest): CsiAnswer<{ readonly volume: CreatedVolume }> {
    const { name = '', parameters = {}, capacityRange = {} } = request;
    const policyName = parameters[policyParameter] ?? '';
    const found = this.#around.apiOf(this.#around.cluster)?.get(resources.drbdReplicationPolicy, '', policyName);
    if (found === undefined) return failed('InvalidArgument', `there is no DRBDReplicationPolicy "${policyName}"`);
    const policy = replicationPolicyOf(found);
    const clusters = clustersOf(policy);
    const silent = clusters.find((cluster) => this.#around.reach(cluster) !== 'open');
    if (silent !== undefined) return failed('Unavailable', `the API server of ${silent} does not answer`);
    const sizeKib = Math.max(4, Math.ceil(Number(capacityRange.requiredBytes ?? '0') / 1024));
    const preferred = request.accessibilityRequirements?.preferred?.[0]?.segments[nodeTopologyKey];
    const members = this.#membersOf(name) ?? this.#place(policy, preferred);
    if ('kind' in members) return members;
    const refusal = this.#make(name, policyName, sizeKib, policy, members);
    if (refusal !== undefined) return refusal;
    return {
      kind: 'ok',
      value: {
        volume: {
          volumeId: name,
          capacityBytes: String(sizeKib * 1024),
          volumeContext: { [policyParameter]: policyName },
          accessibleTopology: members
            .filter(({ type }) => type === 'Diskful')
            .map(({ node }) => ({ segments: { [nodeTopologyKey]: node } })),
        },
      },
    };
  }

  deleteVolume({ volumeId = '' }: { readonly volumeId?: string }): CsiAnswer<object> | CsiWait {
    const { kernel } = this.#around;
    const nodes = [...(kernel.resource(volumeId)?.replicas.keys() ?? [])];
    if (nodes.some((node) => kernel.replica(volumeId, node)?.role === 'Primary')) {
      return { kind: 'waiting', lookAgainAfter: deleteInterval };
    }
    const members = this.#membersOf(volumeId) ?? [];
    const clusters = [...new Set(members.map(({ cluster }) => cluster))];
    const silent = clusters.find((cluster) => this.#around.reach(cluster) !== 'open');
    if (silent !== undefined) return failed('Unavailable', `the API server of ${silent} does not answer`);
    for (const node of nodes) kernel.removeReplica(volumeId, node);
    const place = { resource: resources.drbdVolume, name: volumeId } as const;
    for (const cluster of clusters) this.#around.apiOf(cluster)?.requestFromInside({ verb: 'delete', ...place });
    return { kind: 'ok', value: {} };
  }

  controllerPublishVolume({
    volumeId = '',
    nodeId = '',
  }: ControllerPublishVolumeRequest): CsiAnswer<{ readonly publishContext: Readonly<Record<string, string>> }> {
    if (this.#around.kernel.replica(volumeId, nodeId) === undefined) {
      return failed('NotFound', `${nodeId} is no member of ${volumeId}`);
    }
    return { kind: 'ok', value: { publishContext: { devicePath: `/dev/drbd/by-res/${volumeId}/0` } } };
  }

  controllerUnpublishVolume(): CsiAnswer<object> {
    return { kind: 'ok', value: {} };
  }

  /** The members of a volume that is there already. */
  #membersOf(name: string): readonly Member[] | undefined {
    const object = this.#around.apiOf(this.#around.cluster)?.get(resources.drbdVolume, '', name);
    return object && listAt(object, 'spec', 'replicas').map(memberOf);
  }

  /** One node of each cluster: the one that was asked for, or that with the fewest volumes. */
  #place(policy: ReplicationPolicy, preferred: string | undefined): readonly Member[] | CsiError {
    const members: Member[] = [];
    for (const cluster of clustersOf(policy)) {
      const nodes = this.#around.nodesOf(cluster).toSorted((a, b) => this.#volumesOn(a) - this.#volumesOn(b));
      const node = nodes.find((each) => each === preferred) ?? nodes[0];
      if (node === undefined) return failed('ResourceExhausted', `no node of ${cluster} has an agent`);
      const type = cluster === policy.tiebreaker ? 'Tiebreaker' : 'Diskful';
      members.push({ node, cluster, nodeID: members.length, type });
    }
    return members;
  }

  #volumesOn(node: string): number {
    const { kernel } = this.#around;
    return kernel.resourceNames().filter((name) => kernel.replica(name, node) !== undefined).length;
  }

  #make(
    name: string,
    policyName: string,
    sizeKib: number,
    { options }: ReplicationPolicy,
    members: readonly Member[],
  ): CsiError | undefined {
    const { kernel, apiOf } = this.#around;
    const body: JsonObject = {
      apiVersion: apiVersionOf(resources.drbdVolume),
      kind: resources.drbdVolume.kind,
      metadata: { name },
      spec: { size: `${sizeKib}Ki`, replicationPolicy: policyName, replicas: members.map((member) => ({ ...member })) },
    };
    for (const cluster of new Set(members.map((member) => member.cluster))) {
      const api = apiOf(cluster);
      if (api?.get(resources.drbdVolume, '', name) !== undefined) continue;
      const status = api?.requestFromInside({ verb: 'create', resource: resources.drbdVolume, body }).status ?? 404;
      // What has been made so far is found at the next attempt.
      if (status >= 300) return failed('Unavailable', `${cluster} does not take the DRBDVolume (${status})`);
    }
    if (kernel.resource(name) === undefined) {
      const kinds = members.map(({ node, type }) => [node, type === 'Diskful' ? 'diskful' : 'diskless'] as const);
      kernel.createResource(name, { sizeKib, replicas: Object.fromEntries(kinds), options });
    }
    return undefined;
  }
}

interface Member {
  readonly node: string;
  readonly cluster: SiteName;
  readonly nodeID: number;
  readonly type: 'Diskful' | 'Tiebreaker';
}

function memberOf(replica: unknown, index: number): Member {
  return {
    node: textAt(replica, 'node') ?? '',
    cluster: textAt(replica, 'cluster') ?? '',
    nodeID: index,
    type: textAt(replica, 'type') === 'Tiebreaker' ? 'Tiebreaker' : 'Diskful',
  };
}

function clustersOf({ clusters, tiebreaker }: ReplicationPolicy): readonly SiteName[] {
  return tiebreaker === undefined ? clusters : [...clusters, tiebreaker];
}

function failed(code: string, message: string): CsiError {
  return { kind: 'error', code, message };
}
