import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { preflightChecks, validationChecks } from '../../../src/model/checks/preflight.ts';
import type { CheckLine, Finding } from '../../../src/model/findings.ts';
import { type GroupView, groupView } from '../../../src/model/group-view.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { known, unknown } from '../../../src/model/known.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { changed, observationOfScene } from '../../machines/scene-answers.ts';
import { replicaFromText, type Scene, withPower, withReplica, withSite } from '../../machines/scene.ts';
import {
  calm,
  claimInPhase,
  groupNamed,
  groupOf,
  tenant,
  lostOnSource,
  oneSided,
  otherOperation,
  userPod,
  vmWithDiskOf,
  volume,
  withCondition,
  withCopies,
  withDriver,
  withHandle,
  withMore,
  withNodeElsewhere,
  withPolicy,
  withSecondGroup,
  withTwoHalfFullNodes,
  withVmSpec,
  withVolume,
  withVolumes,
  without,
  withoutCrd,
} from './troubled-scenes.ts';

const scope = { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' };

/** What a case makes different from a healthy pair, and what the finding must name. */
interface Case {
  readonly of: Scene | Observation;
  readonly names: RegExp;
  /** KiB that DRBD has marked. */
  readonly outOfSync?: number;
  readonly site?: string;
  /** `error` unless it says so; `either`: a warning before a failover, an error where the group is validated. */
  readonly severity?: 'warning' | 'info' | 'either';
}

const cases: Readonly<Record<string, Case>> = {
  SiteUnreadable: {
    of: withSite(calm, 'cluster1', { answers: false }),
    names: /ProtectionGroup default\/pg/,
    site: 'cluster1',
  },
  CrdMissing: { of: withoutCrd('cluster2'), names: /cluster2 does not know ProtectionGroups/, site: 'cluster2' },
  CrdOutdated: {
    of: changed(observationOfScene(calm), 'cluster2', 'group', (group) => {
      const { epoch: _unknownThere, ...spec } = group.spec ?? {};
      return { ...group, spec };
    }),
    names: /ProtectionGroup on cluster2 is of an earlier release/,
    site: 'cluster2',
  },
  GroupMissing: { of: withSite(calm, 'cluster2', { group: undefined }), names: /pg does not exist/, site: 'cluster2' },
  MembersDiffer: { of: withSite(calm, 'cluster2', { group: groupOf(['vm-1']) }), names: /vm-2/ },
  WavesDiffer: {
    of: changed(observationOfScene(calm), 'cluster1', 'group', (group) => ({
      ...group,
      metadata: { ...group.metadata, annotations: { 'siterecovery.trilio.io/wave': '2' } },
    })),
    names: /the wave of pg is 2 on cluster1, not set on cluster2/,
    severity: 'warning',
  },
  BothSitesDesired: {
    of: withSite(calm, 'cluster2', { group: { ...groupOf(['vm-1', 'vm-2']), desiredState: 'running' } }),
    names: /running on both cluster1 and cluster2/,
  },
  TargetIsDesired: {
    of: withSite(
      withSite(calm, 'cluster1', { group: { ...groupOf(['vm-1', 'vm-2']), desiredState: 'stopped' } }),
      'cluster2',
      { group: { ...groupOf(['vm-1', 'vm-2']), desiredState: 'running' } },
    ),
    names: /cluster2 is told to run pg already/,
    site: 'cluster2',
  },
  VirtualMachineInTwoGroups: { of: withSecondGroup(), names: /vm-1 is in Protection Group other/ },
  OperationInProgress: { of: { ...calm, operation: otherOperation() }, names: /another on pg has not ended/ },

  VirtualMachineMissing: { of: withPower(calm, 'cluster2', 'vm-1', 'absent'), names: /vm-1/, site: 'cluster2' },
  VirtualMachineNotRunning: {
    of: withPower(calm, 'cluster1', 'vm-1', 'starting'),
    names: /vm-1 is starting/,
    site: 'cluster1',
  },
  VirtualMachineStandsStill: {
    of: withPower(calm, 'cluster1', 'vm-1', 'stopped'),
    names: /vm-1 is stopped/,
    site: 'cluster1',
    severity: 'warning',
  },
  PowerUnknown: { of: withSite(calm, 'cluster2', { silent: ['pods'] }), names: /vm-1/, site: 'cluster2' },
  RunsOnTarget: { of: withPower(calm, 'cluster2', 'vm-2', 'running'), names: /vm-2 is running/, site: 'cluster2' },
  PowerFieldInvalid: { of: withVmSpec({ running: true }), names: /both spec.running and spec.runStrategy/ },
  NotProtectable: { of: withVolume({ hostDisk: { path: '/disk.img', type: 'Disk' } }), names: /disk\.img|host/ },
  NeedMissing: {
    of: withVmSpec({ instancetype: { name: 'small' } }),
    names: /vm-1 needs VirtualMachineClusterInstancetype small, which cluster2 does not have/,
    site: 'cluster2',
  },
  NothingReplicated: {
    of: withVmSpec({ template: { spec: { volumes: [{ name: 'root', containerDisk: { image: 'cirros' } }] } } }),
    names: /vm-1 has no disk on replicated storage/,
    site: 'cluster1',
    severity: 'warning',
  },
  ReferenceMissing: { of: withVolume({ secret: { secretName: 'keys' } }), names: /Secret keys/ },

  ClaimMissing: {
    of: without('cluster1', 'claims', 'vm-1-disk'),
    names: /vm-1-disk of vm-1 does not exist/,
    site: 'cluster1',
  },
  ClaimNotBound: { of: claimInPhase('cluster1', 'Pending'), names: /vm-1-disk of vm-1 is Pending/, site: 'cluster1' },
  ClaimLost: { of: claimInPhase('cluster2', 'Lost'), names: /vm-1-disk on cluster2 is Lost/, site: 'cluster2' },
  ClaimLostHere: {
    of: lostOnSource(),
    names: /vm-1 cannot run on cluster1: its PVC vm-1-disk is Lost/,
    site: 'cluster1',
    severity: 'warning',
  },
  VolumeMissing: { of: without('cluster2', 'volumes', 'pv-vm-1'), names: /PV of PVC vm-1-disk/, site: 'cluster2' },
  VolumeDiffers: { of: withHandle('cluster2', 'vol-9'), names: /vol-9 on cluster2, by vol-1 on cluster1/ },
  VolumeNotReplicated: { of: withDriver('hostpath.csi.k8s.io'), names: /vm-1-disk of vm-1 is not on replicated/ },
  DeploymentModelDiffers: {
    of: withDriver('csi.drbd.io'),
    names: /vm-1-disk of vm-1 on cluster1 is on a volume of DRBD Operator, and LINSTOR was asked/,
    site: 'cluster1',
  },
  ReclaimPolicyNotRetain: {
    of: withPolicy('cluster2', 'Delete'),
    names: /pv-vm-1 on cluster2 is Delete/,
    site: 'cluster2',
  },
  StorageClassMissing: {
    of: without('cluster2', 'storageClasses', 'replicated'),
    names: /replicated/,
    site: 'cluster2',
  },
  StorageClassNotReplicated: { of: withCopies('cluster1', '1'), names: /replicated on cluster1/, site: 'cluster1' },

  StorageUnknown: { of: { ...calm, linstorAnswers: false }, names: /state of the replication/ },
  ResourceMissing: { of: withVolumes({ 'vol-2': volume('vol-2') }), names: /no volume vol-1/ },
  NotReplicated: { of: withVolumes({ ...calm.volumes, 'vol-1': oneSided() }), names: /in cluster2/ },
  QuorumLostWithSite: {
    of: { ...calm, quorum: 'majority' },
    names: /without cluster1 .* vol-1, vol-2/,
    severity: 'warning',
  },
  QuorumOff: { of: calm, names: /no quorum on vol-1, vol-2/, severity: 'info' },
  ReplicasInOneSite: { of: withNodeElsewhere(), names: /vol-1 has no diskful replica in cluster2/ },
  ReplicaUnknown: { of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('?')), names: /vol-1 on cluster2-node/ },
  ReplicaNotUpToDate: {
    of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,Outdated')),
    names: /vol-1 on cluster2-node \(cluster2\) is Outdated/,
  },
  StandAlone: {
    of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,StandAlone')),
    names: /is StandAlone/,
  },
  NotConnected: {
    of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,Connecting')),
    names: /is Connecting/,
  },
  Resyncing: {
    of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,SyncTarget')),
    names: /is SyncTarget/,
  },
  TwoPrimariesAllowed: {
    of: withVolumes({ ...calm.volumes, 'vol-1': { ...volume('vol-1'), twoPrimaries: true } }),
    names: /allow-two-primaries is yes on vol-1/,
  },

  VolumeInUse: {
    of: withMore('cluster1', 'pods', userPod()),
    names: /PVC vm-1-disk is used on cluster1 by pod backup, which is not in the group/,
    site: 'cluster1',
  },
  VolumeInTwoGroups: {
    of: withMore('cluster2', 'groups', groupNamed('other', 'vm-9'), vmWithDiskOf('vm-1', 'vm-9')),
    names: /PVC vm-1-disk is a disk of vm-9 as well, which is in Protection Group other/,
    site: 'cluster2',
  },
  NoNode: {
    of: withSite(calm, 'cluster2', { taints: ['maintenance'] }),
    names: /no node of cluster2 takes vm-1/,
    site: 'cluster2',
  },
  NoRoom: {
    of: withMore('cluster2', 'clusterPods', tenant({ memory: '5Gi' })),
    names: /cluster2 has no room for all VMs/,
    site: 'cluster2',
  },
  RoomByPreemption: {
    of: withMore('cluster2', 'clusterPods', tenant({ memory: '7Gi' }, -1)),
    names: /cluster2 has no room for vm-1/,
    site: 'cluster2',
    severity: 'warning',
  },
  RoomTight: {
    of: withTwoHalfFullNodes(),
    names: /cluster2 may have no room for all VMs/,
    site: 'cluster2',
    severity: 'warning',
  },
  RoomUnknown: {
    of: withSite(calm, 'cluster2', { silent: ['clusterPods'] }),
    names: /whether cluster2 has room for all VMs is not known/,
    site: 'cluster2',
    severity: 'warning',
  },

  OutOfSync: { of: calm, names: /40 KiB of pg are not the same in all copies/, outOfSync: 40 },
  SplitBrain: {
    of: withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Secondary,StandAlone')),
    names: /copies of pg have parted/,
  },
  Superseded: {
    of: withCondition('cluster1', 'Superseded', 'True', 'NewerOrder'),
    names: /cluster1 has been superseded in running pg/,
    site: 'cluster1',
    severity: 'either',
  },
  SplitDecision: {
    of: withCondition('cluster1', 'Superseded', 'Unknown', 'SplitDecision'),
    names: /two clusters are ordered to run pg/,
    site: 'cluster1',
    severity: 'either',
  },
  Unverified: {
    of: withCondition('cluster2', 'Verified', 'False', 'QuorumLost'),
    names: /the copies of pg on cluster2 are not known to be the same/,
    site: 'cluster2',
    severity: 'either',
  },
};

describe('a finding', () => {
  test.each(Object.entries(cases))(
    '%s appears where its cause is, and says what, why and what to do',
    (id, { of, names, site, outOfSync, severity: expected = 'error' }) => {
      const found = findingsIn(of, outOfSync).filter((finding) => finding.id === id);
      expect(found.map(({ what }) => what)).toContainEqual(expect.stringMatching(names));
      for (const { what, why, remedy, severity } of found) {
        if (expected !== 'either') expect(severity).toBe(expected);
        expect([what, why, remedy].every((text) => text.trim().length > 5)).toBe(true);
      }
      if (site !== undefined) expect(found.map((finding) => finding.site)).toContain(site);
    },
  );

  test('does not appear where nothing is wrong', () => {
    expect(troublesIn(calm)).toEqual([]);
  });

  test('is in this table, whatever its id', () => {
    const folder = join(import.meta.dirname, '../../../src/model/checks');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const ids = sources.flatMap((text) =>
      [...text.matchAll(/(?:\bid: |\bid: [^,\n]*[?:] |found\(\s*)'([A-Z]\w+)'/g)].map(([, id]) => id),
    );
    expect(ids).toEqual(expect.arrayContaining(['SiteUnreadable', 'Resyncing', 'ClaimLost']));
    expect(Object.keys(cases)).toEqual(expect.arrayContaining(ids));
  });

  test.each(['Superseded', 'SplitDecision', 'Unverified'])(
    '%s, which a controller wrote some time ago, warns before a failover and keeps the group from being valid',
    (id) => {
      const view = viewOf(cases[id]?.of ?? calm);
      const { active, standby } = validationChecks(view);
      const severitiesIn = (lines: readonly CheckLine[]) =>
        lines.flatMap(({ findings }) => findings.filter((each) => each.id === id).map(({ severity }) => severity));
      expect(severitiesIn(preflightChecks(view))).toEqual(['warning']);
      expect(severitiesIn([...active, ...standby])).toEqual(['error']);
    },
  );

  test('about the operation that asks is none', () => {
    const view = viewOf({ ...calm, operation: otherOperation() });
    expect(preflightChecks(view, { ownOperation: 'another' }).flatMap((line) => line.findings)).toEqual([]);
  });
});

test('a quorum taint on the target is no obstacle: the failover takes it away', () => {
  expect(troublesIn(withSite(calm, 'cluster2', { taints: ['drbd.linbit.com/lost-quorum'] }))).toEqual([]);
});

test('a volume that is open on the target while no VM of the group runs there is in the way', () => {
  const open = withReplica(calm, 'vol-1', 'cluster2', replicaFromText('Primary'));
  const inUse = (of: Scene) => findingsIn(of).filter(({ id }) => id === 'VolumeInUse');
  expect(inUse(open).map(({ what }) => what)).toContainEqual(
    expect.stringMatching(/vol-1 on cluster2-node \(cluster2\) is Primary/),
  );
  expect(inUse(withPower(open, 'cluster2', 'vm-1', 'running'))).toEqual([]);
});

test('an operation that nobody drives yet hinders no other', () => {
  const { status: _status, ...pending } = otherOperation();
  expect(troublesIn({ ...calm, operation: pending })).toEqual([]);
});

test.each([
  ['a PriorityClass', { template: { spec: { priorityClassName: 'gold' } } }, /PriorityClass gold/],
  [
    'a preference',
    { preference: { kind: 'VirtualMachinePreference', name: 'windows' } },
    /VirtualMachinePreference windows/,
  ],
  ['a network', { template: { spec: { networks: [{ name: 'lan', multus: { networkName: 'lan' } }] } } }, /lan/],
  ['a node label', { template: { spec: { nodeSelector: { zone: 'a' } } } }, /a node labelled zone=a/],
])('%s that the target lacks is missed', (_what, spec, names) => {
  const needs = findingsIn(withVmSpec(spec as JsonObject)).filter(({ id }) => id === 'NeedMissing');
  expect(needs.map(({ what }) => what)).toContainEqual(expect.stringMatching(names));
});

test('what the target could not be asked for counts as neither there nor missing', () => {
  const asked = withVmSpec({ instancetype: { name: 'small' } });
  const there = asked.sites.cluster2;
  if (there === undefined) throw new Error('no cluster2');
  const readings = { ...there.readings, clusterInstancetypes: unknown<never>('no answer') };
  const silent = { ...asked, sites: { ...asked.sites, cluster2: { ...there, readings } } };
  expect(findingsIn(silent).map(({ id }) => id)).toContain('SiteUnreadable');
  expect(findingsIn(silent).map(({ id }) => id)).not.toContain('NeedMissing');
});

/** What speaks against it, or warns. */
function troublesIn(of: Scene | Observation): readonly Finding[] {
  return findingsIn(of).filter(({ severity }) => severity !== 'info');
}

function findingsIn(of: Scene | Observation, outOfSync = 0): readonly Finding[] {
  const view = viewOf(of);
  const { active, standby } = validationChecks(view, known(outOfSync));
  const lines: readonly CheckLine[] = [...preflightChecks(view), ...active, ...standby];
  return lines.flatMap((line) => line.findings);
}

function viewOf(of: Scene | Observation): GroupView {
  return groupView('volumes' in of ? observationOfScene(of) : of, scope);
}
