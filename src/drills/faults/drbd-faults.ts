import { second } from '../../model/instant.ts';
import { type FaultFamily, needing, notReached, onlyInScenarios, reached } from './fault.ts';
import { between, duration, maybe, only, oneOf } from './knob.ts';
import { anyNode, anyVm, broken, dataSite, tiebreakerAtThirdSite } from './ranges.ts';

/** What may happen to the replicated volumes. */
export const drbdFaults: FaultFamily = {
  letter: 'D',
  title: 'DRBD and LINSTOR',
  faults: [
    onlyInScenarios(
      reached(
        'D1',
        'SplitBrain',
        'Both sides of a volume have data of their own, and do not connect any more.',
        broken('split-brain', { vm: anyVm }),
      ),
      'a person who promotes by force gives up writes, which no product can bring back',
    ),
    reached(
      'D2',
      'DemoteRefused',
      'The device of a VM stays open after the VM has stopped, so that DRBD cannot demote it.',
      broken('opener-stuck', { vm: anyVm }),
    ),
    reached(
      'D3',
      'PromoteRefused',
      'A copy of the source stays promoted by hand when its VM has stopped, so that DRBD promotes none elsewhere.',
      broken('replica-promoted', { vm: anyVm, site: only('cluster1') }, { at: between(0, 4_000) }),
    ),
    needing(
      tiebreakerAtThirdSite,
      reached(
        'D4',
        'Suspended',
        'The node of the Primary loses its peers and with them quorum: I/O stands still, or fails where that is set.',
        broken('link-cut', { site: only('cluster1'), plane: only('drbd') }),
      ),
    ),
    notReached(
      'D5',
      'ForcedFailures',
      'A suspended Primary finds that the other side was promoted meanwhile, and fails the I/O of its openers.',
      'no unplanned failover is drawn yet while its source stands still suspended',
    ),
    reached(
      'D6',
      'PeerNotUpToDate',
      'The copies on a site are Outdated, Diskless or Inconsistent.',
      broken(oneOf('replica-outdated', 'replica-detached', 'replica-invalidated'), { vm: anyVm, site: dataSite }),
    ),
    reached(
      'D7',
      'ResyncSlow',
      'The copies on a site are filled again, slowly.',
      broken('resync-slow', { vm: anyVm, site: dataSite, by: duration(10_000, 40_000) }),
    ),
    reached(
      'D8',
      'DiskBroken',
      'A disk fails the next write to it, and is detached.',
      broken('disk-broken', { vm: anyVm, site: dataSite }),
    ),
    notReached(
      'D9',
      'TwoPhaseCommit',
      'Nodes do not agree in time on a change of state.',
      'the kernel model changes the states of all nodes at once, as a commit that nobody disturbs does',
    ),
    notReached(
      'D10',
      'FencingHandler',
      'A fencing handler answers that the peer is outdated, gone or alive.',
      'LINSTOR sets no fencing policy here, so that no handler is ever called',
    ),
    needing(
      tiebreakerAtThirdSite,
      reached(
        'D11',
        'TiebreakerLost',
        'The node of the tiebreaker loses its power: the two copies are an even number of voters.',
        broken('node-crash', { node: only('cluster3-node-1') }),
      ),
    ),
    onlyInScenarios(
      reached(
        'D12',
        'Probe',
        'A program on a site opens the device again and again, and promotes it where that is possible.',
        broken('probe-opens', { vm: anyVm, site: dataSite }),
      ),
      'one that promotes the source between the last look and the order to start is what S20 takes for our mistake',
    ),
    onlyInScenarios(
      needing(
        { text: 'protocol A', holds: ({ storage }) => storage?.protocol === 'A' },
        reached(
          'D13',
          'TailLost',
          'With protocol A the source goes dark with writes that were acknowledged and never sent.',
          broken('site-loss', { site: only('cluster1') }),
        ),
      ),
      'it is K12 on another layout of the volumes, which is drawn',
    ),
    needing(
      { text: 'a tiebreaker on the quorum site, and I/O that fails without quorum', holds: failsWithoutQuorum },
      reached(
        'D14',
        'SilentDivergence',
        'A Primary writes after it was cut off and before it notices, loses quorum, and is taken for equal when it is back.',
        { ...broken('link-cut', { site: dataSite, plane: only('drbd') }), lasts: duration(12 * second, 20 * second) },
      ),
    ),
    onlyInScenarios(
      reached(
        'D15',
        'MetadataLost',
        'A copy is made again from nothing, and all data is sent anew.',
        broken('replica-replaced', { vm: anyVm, site: dataSite }),
      ),
      'S3 looks at the disk under a guest alone; one that is being filled reads from its peer what is not there yet',
    ),
    reached(
      'D16',
      'SatelliteSilent',
      "LINSTOR does not hear of a node: what it tells of the node's locks is old, and then nothing.",
      broken('satellite-lost', { node: anyNode }),
    ),
    reached(
      'D17',
      'KernelDisagrees',
      'Somebody has used drbdadm past LINSTOR: a copy is down, or has quorum switched off.',
      broken(oneOf('replica-down', 'quorum-off'), { vm: anyVm, site: dataSite }),
    ),
    reached(
      'D18',
      'TaintsFlap',
      'The quorum taint is put on the nodes of a site again, right after it was removed.',
      broken('taint-flap', { site: maybe(dataSite) }),
    ),
    reached(
      'D19',
      'TaintsLate',
      'The controller that taints nodes without quorum does not run.',
      broken('component-down', { site: dataSite, component: only('ha-controller') }),
    ),
  ],
};

function failsWithoutQuorum(topology: Parameters<typeof tiebreakerAtThirdSite.holds>[0]): boolean {
  return tiebreakerAtThirdSite.holds(topology) && topology.storage?.onNoQuorum === 'io-error';
}
