import {
  diskfulReplicas,
  type ReplicaView,
  replicaLabel,
  replicasAt,
  type VolumeView,
  type VolumeViews,
  isInSync,
} from '../drbd-replica.ts';
import { unreachable } from '../assert.ts';
import { drbdOperatorDriver, policyParameter } from '../drbd-operator/installation.ts';
import type { Finding } from '../findings.ts';
import { textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { claimsOf, type GroupView, type SiteView } from '../group-view.ts';
import type { Known } from '../known.ts';
import { oncePer } from '../memo.ts';
import { readingOfSite } from '../site-reading.ts';
import { storageWords } from '../storage-words.ts';
import { replicationOf, storageClassNameOf } from '../volume.ts';
import { unreadable } from './group.ts';

/** Every volume has a diskful replica in each of the two sites. `placementCount` alone may put both into one. */
export function volumesSpanBothSites(view: GroupView): readonly Finding[] {
  return eachVolume(view.volumes, (volume) => {
    const absent = [view.scope.source, view.scope.target].filter(
      (site) => !replicasAt(volume, site).some((replica) => replica.kind === 'diskful'),
    );
    if (absent.length === 0) return [];
    const nodes = diskfulReplicas(volume).map((replica) => replica.node);
    return [
      {
        id: diskfulReplicas(volume).length >= 2 ? 'ReplicasInOneSite' : 'NotReplicated',
        severity: 'error',
        object: storageWords(volume).object,
        what: `${volume.resource} has no diskful replica in ${absent.join(' nor in ')}`,
        why: `its data is on ${nodes.length === 0 ? 'no node' : nodes.join(', ')} only`,
        remedy: storageWords(volume).addCopy(absent[0] ?? ''),
      },
    ];
  });
}

/** Every volume is in sync, connected, whole on both sites, and DRBD's guard against two Primaries is on. */
export function replicationIsHealthy(view: GroupView): readonly Finding[] {
  return replicationIsHealthyOf(view.volumes);
}

/** The same for volumes that were read from one site alone. */
export const replicationIsHealthyOf = oncePer((volumes: Known<VolumeViews>): readonly Finding[] => {
  if (!volumes.known) {
    return [
      {
        id: 'StorageUnknown',
        severity: 'error',
        object: 'the storage',
        what: 'the state of the replication is not known',
        why: volumes.why,
        remedy:
          'pgctl config test --verbose; LINSTOR_CONTROLLERS and DEPLOYMENT_MODEL of the pgctl config say what is asked',
      },
    ];
  }
  return eachVolume(volumes, healthFindings);
});

const healthFindings = oncePer((volume: VolumeView): readonly Finding[] => [
  ...volume.replicas.flatMap((replica) => findingsOfReplica(replica, volume)),
  ...twoPrimariesFinding(volume),
]);

/** Of one without data it counts whether it can tell its role: the lock gate waits for each replica to be Secondary. */
function findingsOfReplica(replica: ReplicaView, volume: VolumeView): readonly Finding[] {
  if (replica.kind === 'diskful') return replicaFindings(replica, volume);
  return replica.inUse === 'unknown' ? [replicaUnknown(volume, replica)] : [];
}

/** The StorageClass of every claim exists on a site and asks for two or more copies. */
export function storageClassesReplicate(site: SiteView): readonly Finding[] {
  const classes = readingOfSite(site, 'storageClasses');
  if (!classes.known) return [unreadable(site, 'StorageClasses', classes.why)];
  const names = new Set<string>();
  for (const { claim, resource } of claimsOf(site)) {
    if (claim.known && claim.value !== undefined && resource !== undefined) names.add(storageClassNameOf(claim.value));
  }
  return [...names].flatMap((name) => {
    const found = classes.value.find((candidate) => candidate.metadata.name === name);
    if (found === undefined) return [classMissing(site, name)];
    const policies = readingOfSite(site, 'replicationPolicies');
    if (isOfOperator(found) && !policies.known) return [unreadable(site, 'DRBDReplicationPolicies', policies.why)];
    const reading = replicationOf(found, policies.known ? policies.value : []);
    if (reading.kind === 'replicated') return [];
    return [classFinding(site, name, reading)];
  });
}

type Reading = ReturnType<typeof replicationOf>;

function classMissing(site: SiteView, name: string): Finding {
  return {
    id: 'StorageClassMissing',
    severity: 'error',
    site: site.site,
    object: `StorageClass ${name}`,
    what: `StorageClass ${name} does not exist on ${site.site}`,
    why: 'a claim is bound to its volume only under the same StorageClass name',
    remedy: `create it on ${site.site} as it is on the other site`,
  };
}

function classFinding(site: SiteView, name: string, reading: Exclude<Reading, { kind: 'replicated' }>): Finding {
  return {
    id: 'StorageClassNotReplicated',
    severity: 'error',
    site: site.site,
    object: `StorageClass ${name}`,
    what: `StorageClass ${name} on ${site.site} does not ask for two copies`,
    why: whyNotReplicated(reading),
    remedy:
      'use a StorageClass of LINSTOR with placementCount 2 or more and replicasOnDifferent on the site, or one of DRBD Operator whose policy lists both clusters',
  };
}

function whyNotReplicated(reading: Exclude<Reading, { kind: 'replicated' }>): string {
  switch (reading.kind) {
    case 'foreign':
      return `its provisioner is ${reading.provisioner === '' ? 'not set' : reading.provisioner}, which replicates nothing between clusters`;
    case 'policyless':
      return reading.policy === undefined
        ? `it has no parameter ${policyParameter}`
        : `there is no DRBDReplicationPolicy ${reading.policy}`;
    case 'invalid':
      return `${reading.parameter} is "${reading.value}", not a whole number`;
    case 'single':
      return `${reading.parameter} is ${reading.copies}`;
    default:
      return unreachable(reading);
  }
}

function isOfOperator(storageClass: KubeObject): boolean {
  return textAt(storageClass, 'provisioner') === drbdOperatorDriver;
}

function replicaFindings(replica: ReplicaView, volume: VolumeView): readonly Finding[] {
  const { object, look, teller } = storageWords(volume);
  const site = replica.site === undefined ? {} : { site: replica.site };
  const found = (id: string, what: string, why: string, remedy: string): Finding => ({
    id,
    severity: 'error',
    ...site,
    object,
    what,
    why,
    remedy,
  });
  const own: Finding[] = [];
  if (replica.diskState === undefined || replica.inUse === 'unknown') {
    own.push(replicaUnknown(volume, replica));
  } else if (replica.diskState !== 'UpToDate') {
    own.push(
      found(
        'ReplicaNotUpToDate',
        `${replicaLabel(replica)} is ${replica.diskState}`,
        'it does not hold the newest data',
        `wait for the resync to end, or connect it again: ${look(replica.site)}`,
      ),
    );
  }
  if (own[0]?.id === 'ReplicaUnknown') return [...own, ...peerFindings(replica, volume, found)];
  const untold = untoldPeers(replica, volume).map((what) => found('ReplicaUnknown', what, teller, look(replica.site)));
  return [...own, ...untold, ...peerFindings(replica, volume, found)];
}

function replicaUnknown(volume: VolumeView, replica: ReplicaView): Finding {
  const { object, look, teller } = storageWords(volume);
  return {
    id: 'ReplicaUnknown',
    severity: 'error',
    ...(replica.site === undefined ? {} : { site: replica.site }),
    object,
    what: `the state of ${replicaLabel(replica)} is not reported`,
    why: teller,
    remedy: look(replica.site),
  };
}

/** What a replica that reports does not say about the other copies: silence is no sign of health. */
function untoldPeers(replica: ReplicaView, volume: VolumeView): readonly string[] {
  return diskfulReplicas(volume).flatMap(({ node }) => {
    if (node === replica.node) return [];
    const seen = replica.peers.find((peer) => peer.node === node);
    if (seen?.connection === undefined) {
      return [`the connection of ${replicaLabel(replica)} towards ${node} is not reported`];
    }
    const isUntold = seen.connection === 'Connected' && seen.replication === undefined;
    return isUntold ? [`whether ${replicaLabel(replica)} and ${node} are in sync is not reported`] : [];
  });
}

function peerFindings(
  replica: ReplicaView,
  volume: VolumeView,
  found: (id: string, what: string, why: string, remedy: string) => Finding,
): readonly Finding[] {
  const diskful = new Set(diskfulReplicas(volume).map((peer) => peer.node));
  return replica.peers.flatMap((peer) => {
    const between = `${replicaLabel(replica)} towards ${peer.node}`;
    if (peer.connection === 'StandAlone') {
      return [
        found(
          'StandAlone',
          `${between} is StandAlone`,
          'the peers refused each other (possibly a split brain), or somebody disconnected them',
          `compare both sides before connecting: drbdadm status ${volume.resource}`,
        ),
      ];
    }
    if (peer.connection !== undefined && peer.connection !== 'Connected') {
      return [
        found(
          'NotConnected',
          `${between} is ${peer.connection}`,
          'the replication link is down, or the peers keep refusing each other',
          'check the network on the DRBD ports between the two sites',
        ),
      ];
    }
    if (diskful.has(peer.node) && peer.replication !== undefined && !isInSync(peer.replication)) {
      const done = peer.donePercentage === undefined ? '' : `, ${peer.donePercentage} % done`;
      return [
        found(
          'Resyncing',
          `${between} is ${peer.replication}${done}`,
          'the two copies are not equal yet',
          'wait for the resync to end',
        ),
      ];
    }
    return [];
  });
}

function twoPrimariesFinding(volume: VolumeView): readonly Finding[] {
  if (volume.options.allowTwoPrimaries === 'no') return [];
  if (volume.options.allowTwoPrimaries === 'unknown') {
    return [
      {
        id: 'StorageUnknown',
        severity: 'error',
        object: storageWords(volume).object,
        what: `whether ${volume.resource} allows two Primaries is not known`,
        why: storageWords(volume).options,
        remedy: 'pgctl config test',
      },
    ];
  }
  return [
    {
      id: 'TwoPrimariesAllowed',
      severity: 'error',
      object: storageWords(volume).object,
      what: `allow-two-primaries is yes on ${volume.resource}`,
      why: 'DRBD would let both sites write at once; a live migration may have left it so',
      remedy: `when no migration runs: ${storageWords(volume).forbidTwoPrimaries}`,
    },
  ];
}

function eachVolume(
  volumes: Known<VolumeViews>,
  findingsOf: (volume: VolumeView) => readonly Finding[],
): readonly Finding[] {
  if (!volumes.known) return [];
  return [...volumes.value].flatMap(([resource, volume]) => {
    if (volume !== undefined) return findingsOf(volume);
    return [
      {
        id: 'ResourceMissing',
        severity: 'error',
        object: `volume ${resource}`,
        what: `the storage has no volume ${resource}`,
        why: 'a PersistentVolume names it',
        remedy: 'linstor resource-definition list, or kubectl get drbdvolumes',
      } satisfies Finding,
    ];
  });
}
