import type { DrbdKernel } from '../drbd/kernel.ts';
import { type DrbdResource, type Peer, type Replica, replicaOn } from '../drbd/replica.ts';

/** Where a program runs. */
export interface SatelliteHost {
  readonly kernel: DrbdKernel;
  readonly node: string;
  /** World time. */
  readonly now: number;
}

/** The words behind the name of a command, apart. */
export interface Arguments {
  /** `res`, `1000`, `res:peer/0` … */
  readonly operands: readonly string[];
  /** `--force`, `--reset-bitmap=no`, by their names without dashes; '' where no value is given. */
  readonly options: ReadonlyMap<string, string>;
}

/** A resource with the replica of the node that the program runs on. */
export interface OwnReplica {
  readonly resource: DrbdResource;
  readonly replica: Replica;
}

const longNames: Readonly<Record<string, string>> = {
  v: 'verbose',
  s: 'statistics',
  j: 'json',
  f: 'force',
  r: 'discard-my-data',
};

export function argumentsOf(words: readonly string[]): Arguments {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (const word of words) {
    const [, long, value = ''] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    const short = /^-(\w+)$/.exec(word)?.[1];
    if (long !== undefined) options.set(long, value);
    else if (short !== undefined) for (const letter of short) options.set(longNames[letter] ?? letter, '');
    else operands.push(word);
  }
  return { operands, options };
}

/** Every resource of the node, whether it is up or down. */
export function replicasOf({ kernel, node }: SatelliteHost): readonly OwnReplica[] {
  return kernel.resourceNames().flatMap((name) => {
    const resource = kernel.resource(name);
    const replica = resource?.replicas.get(node);
    return resource === undefined || replica === undefined ? [] : [{ resource, replica }];
  });
}

/** The resource of that name on the node, if the kernel has it: one that is down it does not have. */
export function runningReplica(host: SatelliteHost, name: string | undefined): OwnReplica | undefined {
  const resource = name === undefined ? undefined : host.kernel.resource(name);
  if (resource === undefined || !resource.replicas.has(host.node)) return undefined;
  const replica = replicaOn(resource, host.node);
  return replica.running ? { resource, replica } : undefined;
}

/** The resource of a device, which is told by its minor number or its path. */
export function replicaOfDevice(host: SatelliteHost, device: string | undefined): OwnReplica | undefined {
  const minor = /^(?:minor-|\/dev\/drbd)?(\d+)$/.exec(device ?? '')?.[1];
  return minor === undefined
    ? undefined
    : replicasOf(host).find(({ resource, replica }) => replica.running && resource.minor === Number(minor));
}

/** A peer by its node id, as drbdsetup is told it. */
export function peerById({ replica }: OwnReplica, nodeId: string | undefined): Peer | undefined {
  return [...replica.peers.values()].find((peer) => String(peer.nodeId) === nodeId);
}
