import { second } from '../../model/instant.ts';
import type { Twin } from '../twin.ts';
import { amountOf, FaultError, type FaultKind, type FaultOrder, later } from './fault.ts';
import { peersOf, type ReplicaPlace, replicasOf } from './replicas.ts';

const options = ['--vm VM', '--site CLUSTER', '--namespace NAMESPACE'];

/** Somebody has disconnected a copy: DRBD calls it Outdated. */
export const replicaOutdated: FaultKind = replicaFault({
  kind: 'replica-outdated',
  about:
    'the copies of a VM on a site are disconnected by hand, and Outdated; they are connected again when it is mended',
  says: 'is disconnected and Outdated',
  onStandby: true,
  needsOther: true,
  act: ({ kernel }, place, peers) => {
    for (const peer of peers) kernel.disconnect(place.volume, place.node, peer);
    kernel.outdate(place.volume, place.node);
  },
  heal: ({ kernel }, { volume, node }, peers) => {
    for (const peer of peers) {
      if (kernel.replica(volume, node)?.peers.get(peer)?.connection === 'StandAlone')
        kernel.connect(volume, node, peer);
      if (kernel.replica(volume, peer)?.peers.get(node)?.connection === 'StandAlone')
        kernel.connect(volume, peer, node);
    }
  },
});

/** The data of a copy is thrown away: it comes again from the others. */
export const replicaInvalidated: FaultKind = replicaFault({
  kind: 'replica-invalidated',
  about: 'the copies of a VM on a site are invalidated, and filled again at the usual speed',
  says: 'is invalidated',
  needsOther: true,
  act: ({ kernel }, { volume, node }) => void kernel.administer(volume, node, { kind: 'invalidate' }),
});

/** The same, slowly. */
export const resyncSlow: FaultKind = replicaFault({
  kind: 'resync-slow',
  about: 'the copies of a VM on a site are invalidated, and filled again at so many KiB a second until it is mended',
  says: 'is filled again slowly',
  needsOther: true,
  act: ({ kernel }, { volume, node }, _peers, order) => {
    kernel.setOptions(volume, { 'c-max-rate': amountOf(order) });
    kernel.administer(volume, node, { kind: 'invalidate' });
  },
  heal: ({ kernel }, { volume, node }, peers) => {
    kernel.setOptions(volume, { 'c-max-rate': usualRate });
    // A resync keeps the speed that it began with: it begins again where it was.
    for (const peer of peers) {
      kernel.setLink(node, peer, false, { silent: false });
      kernel.setLink(node, peer, true);
    }
  },
});

/** KiB a second, `c-max-rate` of a resource that nobody has changed. */
const usualRate = 102_400;

/** A copy has no disk for a while. */
export const replicaDetached: FaultKind = replicaFault({
  kind: 'replica-detached',
  about: 'the disks under the unused copies of a VM on a site are detached, and attached again when it is mended',
  says: 'is Diskless',
  onStandby: true,
  needsOther: true,
  act: ({ kernel }, { volume, node }) => void kernel.administer(volume, node, { kind: 'detach', force: true }),
  heal: (twin, { volume, node }) => attach(twin, volume, node, 20),
});

/** DRBD refuses a disk while it has to wait for newer data: a person tries again. */
function attach(twin: Twin, volume: string, node: string, times: number): void {
  if (twin.kernel.administer(volume, node, { kind: 'attach' }).code !== 150 || times === 0) return;
  later(twin, 5 * second, () => attach(twin, volume, node, times - 1));
}

/** A disk breaks: the next write to it takes it away. */
export const diskBroken: FaultKind = replicaFault({
  kind: 'disk-broken',
  about:
    'the disks under the unused copies of a VM on a site fail every write; whole again and attached when it is mended',
  says: 'has a broken disk',
  onStandby: true,
  needsOther: true,
  act: ({ kernel }, { volume, node }) => kernel.breakDisk(volume, node, true),
  heal: (twin, { volume, node }) => {
    const { kernel } = twin;
    kernel.breakDisk(volume, node, false);
    attach(twin, volume, node, 20);
  },
});

/** A resource is taken down on a node, and LINSTOR is not told. */
export const replicaDown: FaultKind = replicaFault({
  kind: 'replica-down',
  about: 'the copies of a VM on a site are taken down with drbdadm, without LINSTOR; up again when it is mended',
  says: 'is down',
  act: ({ kernel }, { volume, node }) => void kernel.down(volume, node),
  heal: ({ kernel }, { volume, node }) => void kernel.up(volume, node),
});

/** Somebody has promoted a copy by hand. */
export const replicaPromoted: FaultKind = replicaFault({
  kind: 'replica-promoted',
  about:
    'the copies of a VM on a site are made Primary with drbdadm, as far as DRBD lets them; Secondary again when it is mended',
  says: 'is promoted by hand',
  act: ({ kernel }, { volume, node }) => void kernel.promote(volume, node),
  heal: (twin, { volume, node }) => demote(twin, volume, node, 300),
});

/** DRBD refuses while a VM has the device open: a person tries again until it has not. */
function demote(twin: Twin, volume: string, node: string, times: number): void {
  if (twin.kernel.replica(volume, node)?.explicitPrimary !== true || times === 0) return;
  if (twin.kernel.demote(volume, node).exit !== 0) later(twin, 2 * second, () => demote(twin, volume, node, times - 1));
}

/** Quorum is switched off in the kernel alone. */
export const quorumOff: FaultKind = replicaFault({
  kind: 'quorum-off',
  about: 'quorum of the volumes of a VM is switched off with drbdsetup, without LINSTOR; as it was when it is mended',
  says: 'has quorum switched off',
  act: ({ kernel }, { volume, node }) => void kernel.setOptions(volume, { quorum: 'off' }, node),
  heal: ({ kernel }, { volume, node }, _peers, _order, before) =>
    void kernel.setOptions(volume, { quorum: before.options.quorum }, node),
});

/** Something on the node looks into the device, again and again. */
export const probeOpens: FaultKind = {
  kind: 'probe-opens',
  about:
    'a program on the nodes of a site opens the devices of a VM for writing twice a second, and closes them at once',
  options,
  prepare: (twin, order) => {
    const places = replicasOf(twin, order);
    let isOn = false;
    const probe = (): void => {
      if (!isOn) return;
      for (const { volume, node } of places) {
        twin.kernel.open(volume, node, 'probe', 'rw');
        later(twin, 100, () => twin.kernel.close(volume, node, 'probe'));
      }
      later(twin, 500, probe);
    };
    return {
      says: `something opens ${names(places)} again and again`,
      breaks: [],
      act: () => {
        isOn = true;
        probe();
      },
      heal: () => {
        isOn = false;
      },
    };
  },
};

interface ReplicaFault {
  readonly kind: string;
  readonly about: string;
  readonly says: string;
  /** It is done to a copy that is not in use. */
  readonly onStandby?: boolean;
  /** Where the data of a copy is given up, another one has to have it. */
  readonly needsOther?: boolean;
  readonly act: (twin: Twin, place: ReplicaPlace, peers: readonly string[], order: FaultOrder) => void;
  readonly heal?: (
    twin: Twin,
    place: ReplicaPlace,
    peers: readonly string[],
    order: FaultOrder,
    before: Before,
  ) => void;
}

function hasOther({ kernel }: Twin, { volume, node }: ReplicaPlace): boolean {
  const peers = kernel.replica(volume, node)?.peers.values() ?? [];
  return [...peers].some(
    (peer) =>
      peer.connection === 'Connected' &&
      peer.disk === 'UpToDate' &&
      kernel.replica(volume, peer.node)?.diskIsBroken === false,
  );
}

/** A copy as it was. */
type Before = NonNullable<ReturnType<Twin['kernel']['replica']>>;

function replicaFault({
  kind,
  about,
  says,
  onStandby = false,
  needsOther = false,
  act,
  heal,
}: ReplicaFault): FaultKind {
  return {
    kind,
    about,
    options,
    prepare: (twin, order) => {
      const dr = twin.sites.find((site) => site.role === 'dr')?.name;
      const places = replicasOf(twin, order, dr).map((place) => ({
        place,
        peers: peersOf(twin, place),
        before: { ...(twin.kernel.replica(place.volume, place.node) as Before) },
      }));
      for (const { place } of places) {
        if (onStandby && twin.kernel.replica(place.volume, place.node)?.role === 'Primary')
          throw new FaultError(`${place.volume} is Primary on ${place.node}`);
        if (needsOther && !hasOther(twin, place))
          throw new FaultError(`${place.node} has the only copy of ${place.volume} that is connected and up to date`);
      }
      return {
        says: `${names(places.map(({ place }) => place))} ${says}`,
        breaks: places.map(({ place }) => `copy ${place.volume} on ${place.node}`),
        act: () => places.forEach(({ place, peers }) => act(twin, place, peers, order)),
        heal: () => places.forEach(({ place, peers, before }) => heal?.(twin, place, peers, order, before)),
      };
    },
  };
}

function names(places: readonly ReplicaPlace[]): string {
  return places.map(({ volume, node }) => `${volume} on ${node}`).join(', ');
}
