/** How a CSI call went. `code` is the gRPC code as its text has it: `Internal`, `NotFound`, `DeadlineExceeded`. */
export type CsiResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** Makes a volume reachable on a node, and takes it away again: ControllerPublishVolume and ControllerUnpublishVolume. */
export interface VolumePublisher {
  /** `sharedBlock`: access mode ReadWriteMany with volumeMode Block, for which the driver may allow two primaries. */
  publish(volume: string, node: string, options: { readonly sharedBlock: boolean }): CsiResult;
  unpublish(volume: string, node: string): CsiResult;
}

/** What is asked of the storage for a new volume. */
export interface VolumeWish {
  readonly name: string;
  readonly sizeKib: number;
  /** Parameters of the StorageClass. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Node chosen by the scheduler, for classes that wait for the first consumer. */
  readonly onNode?: string;
  readonly claim: { readonly namespace: string; readonly name: string };
}

/** A volume that is there. `onlyOn`: the nodes that may use it, when the class allows no remote access; else any node may. */
export interface CreatedVolume {
  readonly kind: 'ok';
  readonly onlyOn?: readonly string[];
}

/** Makes and destroys volumes: CreateVolume and DeleteVolume. Deleting destroys the copies of every site. */
export interface VolumeProvisioner {
  ensureVolume(wish: VolumeWish): CreatedVolume | Extract<CsiResult, { kind: 'error' }>;
  deleteVolume(name: string): CsiResult;
}
