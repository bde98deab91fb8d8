import type {
  CapacityRange,
  ControllerPublishVolumeRequest,
  CreatedVolume,
  CreateVolumeRequest,
  CsiAnswer,
  CsiWait,
  Topology,
  VolumeCapability,
  VolumeProvisioner,
  VolumePublisher,
} from '../behaviours/storage/csi-ports.ts';
import { failed } from './answers.ts';
import { createVolume } from './create-volume.ts';
import { deleteVolume } from './delete-volume.ts';
import { type NodeInfo, nodeInfo } from './identity.ts';
import { LinstorClient, type LinstorClientSettings } from './linstor-client.ts';
import { publishVolume, unpublishVolume } from './publish-volume.ts';
import {
  expandVolume,
  getCapacity,
  getVolume,
  listVolumes,
  validateCapabilities,
  type VolumeEntry,
  type VolumeList,
} from './volume-reads.ts';

export interface CsiDriverSettings extends LinstorClientSettings {
  /** `--node`: the Kubernetes node that the process runs on. */
  readonly node?: string;
  /** `--property-namespace`: which properties of LINSTOR's nodes are labels. Default: `Aux`. */
  readonly propertySpace?: string;
  /** `--label-by-storage-pool`. Default: true. */
  readonly labelsByPool?: boolean;
}

/**
 * linstor-csi, one process of it: the calls of the Container Storage Interface, as requests to LINSTOR.
 * Source: piraeusdatastore/linstor-csi 1.12.
 */
export class LinstorCsiDriver implements VolumePublisher, VolumeProvisioner {
  readonly #client: LinstorClient;
  readonly #node: string;
  readonly #labels: { readonly propertySpace: string; readonly labelsByPool: boolean };

  constructor({ node = '', propertySpace = 'Aux', labelsByPool = true, ...client }: CsiDriverSettings) {
    this.#client = new LinstorClient(client);
    this.#node = node;
    this.#labels = { propertySpace, labelsByPool };
  }

  createVolume(request: CreateVolumeRequest): CsiAnswer<{ readonly volume: CreatedVolume }> {
    return createVolume(this.#client, request, this.#labels.propertySpace);
  }

  deleteVolume({ volumeId = '' }: { readonly volumeId?: string }, goesOn: boolean): CsiAnswer<object> | CsiWait {
    return deleteVolume(this.#client, volumeId, goesOn);
  }

  controllerPublishVolume(
    request: ControllerPublishVolumeRequest,
  ): CsiAnswer<{ readonly publishContext: Readonly<Record<string, string>> }> {
    return publishVolume(this.#client, request);
  }

  controllerUnpublishVolume(request: { readonly volumeId?: string; readonly nodeId?: string }): CsiAnswer<object> {
    return unpublishVolume(this.#client, request);
  }

  controllerExpandVolume(request: {
    readonly volumeId?: string;
    readonly capacityRange?: CapacityRange;
    readonly volumeCapability?: VolumeCapability;
  }): CsiAnswer<{ readonly capacityBytes: string; readonly nodeExpansionRequired?: true }> {
    const { volumeId = '', capacityRange = {}, volumeCapability } = request;
    return expandVolume(this.#client, volumeId, capacityRange, volumeCapability);
  }

  controllerGetVolume({ volumeId = '' }: { readonly volumeId?: string }): CsiAnswer<VolumeEntry> {
    return getVolume(this.#client, volumeId);
  }

  listVolumes(request: { readonly maxEntries?: number; readonly startingToken?: string }): CsiAnswer<VolumeList> {
    return listVolumes(this.#client, request);
  }

  validateVolumeCapabilities(request: {
    readonly volumeId?: string;
    readonly volumeCapabilities?: readonly VolumeCapability[];
  }): CsiAnswer<{ readonly confirmed: { readonly volumeCapabilities: readonly VolumeCapability[] } }> {
    return validateCapabilities(this.#client, request.volumeId ?? '', request.volumeCapabilities ?? []);
  }

  getCapacity(request: {
    readonly parameters?: Readonly<Record<string, string>>;
    readonly accessibleTopology?: Topology;
  }): CsiAnswer<{ readonly availableCapacity: string }> {
    return getCapacity(this.#client, request, this.#labels.propertySpace);
  }

  nodeGetInfo(): CsiAnswer<NodeInfo> {
    return nodeInfo(this.#client, this.#node, this.#labels);
  }

  /** The driver stages nothing: a device is the same for all pods of a node. */
  nodeStageVolume(): CsiAnswer<object> {
    return failed('Unimplemented', '');
  }
}
