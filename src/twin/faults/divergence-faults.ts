import { second } from '../../model/instant.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, FaultError, later } from './fault.ts';
import { type ReplicaPlace, replicasOf, volumesOf } from './replicas.ts';

/** Both sides have data of their own. */
export const splitBrain: FaultKind = {
  kind: 'split-brain',
  about:
    'the standby copies of a VM are cut off, made Primary by force and looked at, so that both sides have data of their own; where they are apart still when it is mended, the standby gives its up',
  options: ['--vm VM', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const standby = standbyCopies(twin, volumesOf(twin, order));
    return {
      says: `the copies of ${order.vm} on ${standby.map(({ node }) => node).join(', ')} go their own way`,
      breaks: standby.map(({ volume }) => `unity of ${volume}`),
      act: () => standby.forEach((place) => diverge(twin, place)),
      // Whoever has brought them together again meanwhile has chosen already.
      heal: () => standby.filter((place) => isApart(twin, place)).forEach((place) => reconcile(twin, place)),
    };
  },
};

/** Both sides have data of their own, and the wrong one is given up. */
export const wrongSideDiscarded: FaultKind = {
  kind: 'wrong-side-discarded',
  about: 'of copies that have diverged a person discards those of the site that is named, whatever they hold',
  options: ['--vm VM', '--site CLUSTER', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const places = replicasOf(twin, order);
    return {
      says: `a person discards the data of ${order.vm} on ${places.map(({ node }) => node).join(', ')}`,
      breaks: [],
      act: () => places.forEach((place) => reconcile(twin, place)),
      heal: () => undefined,
    };
  },
};

function isApart({ kernel }: Twin, { volume, node }: ReplicaPlace): boolean {
  const peers = [...(kernel.replica(volume, node)?.peers.values() ?? [])];
  return peers.some(({ kind, connection }) => kind === 'diskful' && connection !== 'Connected');
}

function standbyCopies({ kernel }: Twin, volumes: readonly string[]): readonly ReplicaPlace[] {
  return volumes.map((volume) => {
    const copies = [...(kernel.resource(volume)?.replicas.values() ?? [])];
    const primary = copies.find(({ role }) => role === 'Primary');
    const standby = copies.find((copy) => copy.kind === 'diskful' && copy.role === 'Secondary' && copy.running);
    if (primary === undefined || standby === undefined)
      throw new FaultError(`${volume} has no Primary and standby now`);
    return { volume, node: standby.node };
  });
}

/** A read of the forced Primary is enough: it makes a new data generation, and the other side writes on. */
function diverge(twin: Twin, { volume, node }: ReplicaPlace): void {
  const { kernel } = twin;
  for (const peer of kernel.replica(volume, node)?.peers.keys() ?? []) kernel.disconnect(volume, node, peer);
  later(twin, second, () => {
    kernel.promote(volume, node, { force: true });
    kernel.open(volume, node, 'look', 'ro');
    kernel.read(volume, node, 'look');
  });
  later(twin, 8 * second, () => {
    kernel.close(volume, node, 'look');
    kernel.demote(volume, node);
    for (const peer of kernel.replica(volume, node)?.peers.keys() ?? []) connectBoth(twin, volume, node, peer, false);
  });
}

/** What the manual tells: the victim connects and discards, then the survivors connect. */
function reconcile(twin: Twin, { volume, node }: ReplicaPlace): void {
  for (const peer of twin.kernel.replica(volume, node)?.peers.keys() ?? []) {
    twin.kernel.disconnect(volume, node, peer);
    connectBoth(twin, volume, node, peer, true);
  }
}

function connectBoth({ kernel }: Twin, volume: string, node: string, peer: string, discardMyData: boolean): void {
  kernel.connect(volume, node, peer, { discardMyData });
  if (kernel.replica(volume, peer)?.peers.get(node)?.connection === 'StandAlone') kernel.connect(volume, peer, node);
}
