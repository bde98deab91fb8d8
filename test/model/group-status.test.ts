import { describe, expect, test } from 'vitest';
import { groupStatus, holderElsewhere, observedRole } from '../../src/model/group-status.ts';
import { localGroupView, type LocalGroupView } from '../../src/model/group-view.ts';
import { listAt, textAt } from '../../src/model/json.ts';
import { known } from '../../src/model/known.ts';
import type { SiteRole } from '../../src/model/site.ts';
import { observationOfScene } from '../machines/scene-answers.ts';
import {
  calmScene,
  released,
  replicaFromText,
  type Scene,
  withPower,
  withReplica,
  withSite,
} from '../machines/scene.ts';
import { withDriver } from './checks/troubled-scenes.ts';

const viewOf = (scene: Scene, site = 'cluster1'): LocalGroupView => localGroupView(observationOfScene(scene), site);

function statusOf(scene: Scene, site = 'cluster1', role?: SiteRole) {
  return statusIn(viewOf(scene, site), role);
}

function statusIn(view: LocalGroupView, role?: SiteRole) {
  if (!view.site.group.known || view.site.group.value === undefined) throw new Error('no group');
  return groupStatus(view.site.group.value, view, { clusterRole: role ?? null, connectingSince: null });
}

function condition(scene: Scene, type: string, site = 'cluster1', role?: SiteRole): string {
  return conditionIn(viewOf(scene, site), type, role);
}

function conditionIn(view: LocalGroupView, type: string, role?: SiteRole): string {
  const found = listAt(statusIn(view, role), 'conditions').find((one) => textAt(one, 'type') === type);
  return `${textAt(found, 'status')} ${textAt(found, 'reason')}`;
}

describe('the status of a group', () => {
  test.each([
    ['running', 'running', 'running'],
    ['stopped', 'stopped', 'stopped'],
    ['running', 'stopped', 'mixed'],
    ['starting', 'starting', 'mixed'],
    ['attached', 'stopped', 'mixed'],
  ] as const)('with VMs %s and %s is %s', (first, second, state) => {
    const scene = withPower(withPower(calmScene(), 'cluster1', 'vm-1', first), 'cluster1', 'vm-2', second);
    expect(statusOf(scene).currentState).toBe(state);
  });

  test('is unknown as soon as one VM cannot be told, and says which', () => {
    const status = statusOf(withSite(released(calmScene()), 'cluster1', { silent: ['pods'] }));
    expect(status.currentState).toBe('unknown');
    expect(listAt(status, 'virtualMachines').map((vm) => textAt(vm, 'state'))).toEqual(['unknown', 'unknown']);
  });

  test('names a VM that does not exist, and one whose volume another site holds', () => {
    const scene = withPower(
      withReplica(released(calmScene()), 'vol-2', 'cluster2', replicaFromText('Primary')),
      'cluster1',
      'vm-1',
      'absent',
    );
    expect(listAt(statusOf(scene), 'virtualMachines')).toMatchObject([
      { name: 'vm-1', state: 'missing', reason: 'NotFound' },
      { name: 'vm-2', state: 'stopped', reason: 'HeldByOtherSite', message: expect.stringContaining('cluster2-node') },
    ]);
  });

  test('is Ready only while nothing that the site sees speaks against a planned failover', () => {
    expect(condition(calmScene(), 'Ready')).toBe('True Valid');
    expect(condition(calmScene(), 'Ready', 'cluster2')).toBe('True Valid');
    expect(condition(withPower(calmScene(), 'cluster2', 'vm-1', 'running'), 'Ready', 'cluster2')).toBe(
      'False RunsOnTarget',
    );
    expect(condition(withPower(calmScene(), 'cluster2', 'vm-1', 'absent'), 'Ready', 'cluster2')).toBe(
      'False VirtualMachineMissing',
    );
    expect(condition({ ...calmScene(), linstorAnswers: false }, 'Ready')).toBe('Unknown StorageUnknown');
    expect(condition(withSite(calmScene(), 'cluster2', { silent: ['pods'] }), 'Ready', 'cluster2')).toBe(
      'Unknown PowerUnknown',
    );
  });

  test('is not Ready on either side while one of them doubts that the copies are the same', () => {
    const view = viewOf(calmScene(), 'cluster2');
    const conditions = [
      { type: 'Verified', status: 'False', reason: 'QuorumLost', message: 'the Primary lost quorum' },
    ];
    const others = view.others.map((other) => {
      const group = other.group.known ? other.group.value : undefined;
      if (group === undefined) return other;
      return { ...other, group: known({ ...group, object: { ...group.object, status: { conditions } } }) };
    });
    expect(conditionIn({ ...view, others }, 'Ready')).toBe('False Unverified');
    expect(conditionIn(view, 'Ready')).toBe('True Valid');
  });

  test('is not Ready where another storage keeps a volume than the one that was asked, and names the setting', () => {
    const { conditions } = statusIn(localGroupView(withDriver('csi.drbd.io'), 'cluster1'));
    for (const type of ['Ready', 'Replicated'])
      expect(conditions).toContainEqual(
        expect.objectContaining({
          type,
          status: 'False',
          reason: 'DeploymentModelDiffers',
          message: expect.stringContaining('DEPLOYMENT_MODEL is linstor') as string,
        }),
      );
  });

  test('says whether CLUSTER_ROLE is what the site does', () => {
    expect(condition(calmScene(), 'RoleMatches', 'cluster1', 'primary')).toBe('True AsConfigured');
    expect(condition(calmScene(), 'RoleMatches', 'cluster1', 'dr')).toBe('False FailedOver');
    expect(condition(released(calmScene()), 'RoleMatches', 'cluster1', 'primary')).toBe('False Standby');
    expect(condition(calmScene(), 'RoleMatches')).toBe('Unknown RoleNotSet');
  });
});

describe('the observed role', () => {
  test('is Active where VMs run, Standby where they are defined, None where nothing is', () => {
    expect(observedRole(viewOf(calmScene()))).toBe('Active');
    expect(observedRole(viewOf(calmScene(), 'cluster2'))).toBe('Standby');
    const bare = withPower(withPower(calmScene(), 'cluster2', 'vm-1', 'absent'), 'cluster2', 'vm-2', 'absent');
    expect(observedRole(viewOf(bare, 'cluster2'))).toBe('None');
  });

  test('is Both where VMs run while another site holds a volume of the group', () => {
    const scene = withReplica(calmScene(), 'vol-1', 'cluster2', replicaFromText('Primary'));
    expect(observedRole(viewOf(scene))).toBe('Both');
    const [first] = viewOf(scene).site.virtualMachines;
    expect(first && holderElsewhere(viewOf(scene), first)).toBe('cluster2-node');
  });
});
