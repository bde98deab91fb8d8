import type { Millis } from '../../../../model/instant.ts';
import type { Json } from '../../../../model/json.ts';

/*
 * The calls that the side cars of a CSI driver make, as the Container Storage Interface has them (container-storage-interface/spec,
 * `csi.proto`), written as protobuf writes them in JSON: sizes in bytes are decimal texts, fields that are not set are absent.
 */

/** How a call went. `code` is the gRPC code as its text has it: `Internal`, `NotFound`, `DeadlineExceeded`. */
export type CsiAnswer<T> = { readonly kind: 'ok'; readonly value: T } | CsiError;

export interface CsiError {
  readonly kind: 'error';
  readonly code: string;
  readonly message: string;
}

/** The call is not over: the driver waits for something and looks again after this long. */
export interface CsiWait {
  readonly kind: 'waiting';
  readonly lookAgainAfter: Millis;
}

export interface VolumeCapability {
  readonly block?: Json;
  readonly mount?: { readonly fsType?: string };
  /** `SINGLE_NODE_WRITER`, `MULTI_NODE_MULTI_WRITER` … */
  readonly accessMode?: { readonly mode?: string };
}

export interface Topology {
  readonly segments: Readonly<Record<string, string>>;
}

export interface CapacityRange {
  readonly requiredBytes?: string;
  readonly limitBytes?: string;
}

export interface CreateVolumeRequest {
  readonly name?: string;
  readonly capacityRange?: CapacityRange;
  readonly volumeCapabilities?: readonly VolumeCapability[];
  /** Parameters of the StorageClass. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What is to be in the volume at first. */
  readonly volumeContentSource?: {
    readonly snapshot?: { readonly snapshotId?: string };
    readonly volume?: { readonly volumeId?: string };
  };
  readonly accessibilityRequirements?: {
    readonly requisite?: readonly Topology[];
    readonly preferred?: readonly Topology[];
  };
}

export interface CreatedVolume {
  readonly volumeId: string;
  readonly capacityBytes: string;
  readonly volumeContext: Readonly<Record<string, string>>;
  /** From where the volume may be used; absent: from everywhere. */
  readonly accessibleTopology?: readonly Topology[];
  readonly contentSource?: CreateVolumeRequest['volumeContentSource'];
}

export interface ControllerPublishVolumeRequest {
  readonly volumeId?: string;
  readonly nodeId?: string;
  readonly volumeCapability?: VolumeCapability;
}

/** Makes a volume reachable on a node, and takes it away again. */
export interface VolumePublisher {
  controllerPublishVolume(
    request: ControllerPublishVolumeRequest,
  ): CsiAnswer<{ readonly publishContext: Readonly<Record<string, string>> }>;
  controllerUnpublishVolume(request: { readonly volumeId?: string; readonly nodeId?: string }): CsiAnswer<object>;
}

/** Makes and destroys volumes. Deleting destroys the copies of every site. */
export interface VolumeProvisioner {
  createVolume(request: CreateVolumeRequest): CsiAnswer<{ readonly volume: CreatedVolume }>;
  /** `goesOn`: a call that answered that it waits looks again, and goes on. */
  deleteVolume(request: { readonly volumeId?: string }, goesOn: boolean): CsiAnswer<object> | CsiWait;
}
