import { describe, expect, test } from 'vitest';
import { preflightChecks } from '../../src/model/checks/preflight.ts';
import { errorsOf } from '../../src/model/findings.ts';
import { groupStatus } from '../../src/model/group-status.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { protectionGroupDefinition } from '../../src/machines/protection-group/definition.ts';
import { type GroupView, groupView, localGroupView } from '../../src/model/group-view.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { volumeViews } from '../../src/model/linstor-reading.ts';
import { type Observation, observationOf } from '../../src/model/observation.ts';
import type { Subject } from '../../src/model/read-plan.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { begin } from '../../src/runtime/step.ts';
import { answersOf } from '../machines/scene-answers.ts';
import { calmScene, withReplica, withSite } from '../machines/scene.ts';
import { plannedRequest } from '../twin/protected-group.ts';

describe('what could not be read speaks against a failover', () => {
  test.each<[Subject, string]>([
    ['operations', 'cluster1'],
    ['operations', 'cluster2'],
    ['groups', 'cluster2'],
  ])('%s of %s', (subject, site) => {
    const view = viewOf(observe([subject], site));
    expect(errorsOf(preflightChecks(view)).map(({ id, site: where }) => [id, where])).toContainEqual([
      'SiteUnreadable',
      site,
    ]);
  });

  test('the claims of a VM whose only disk is its persistent vTPM', () => {
    const view = viewOf(withTpmOnly(observe(['claims'], 'cluster1')));
    expect(errorsOf(preflightChecks(view)).map(({ what }) => what)).toContain(
      'PersistentVolumeClaims of vm-1 could not be read from cluster1',
    );
    expect(view.source.virtualMachines.find(({ name }) => name === 'vm-1')?.power.state).not.toBe('stopped');
  });

  test('the options of a volume that LINSTOR does not define', () => {
    const readings = {
      resources: known([{ name: 'vol' }]),
      definitions: known([]),
      groups: known([]),
      properties: known({}),
    };
    const views = volumeViews(['vol'], { ...readings, siteOfNode: () => undefined });
    expect(views.known && views.value.get('vol')?.options.allowTwoPrimaries).toBe('unknown');
  });
});

describe('the condition Ready of a group', () => {
  const readyOf = (disk: string) => {
    const untold = withSite(calmScene(), 'cluster1', { silent: ['instances'] });
    const scene = withReplica(untold, 'vol-2', 'cluster2', { disk });
    const context = {
      site: 'cluster1',
      namespace: 'default',
      group: 'pg',
      otherSites: [],
      clusterRole: null,
      patience: null,
      connectingSince: null,
      inDoubt: false,
    };
    const plan = protectionGroupDefinition.reads('unknown', context);
    const view = localGroupView(observationOf(plan, answersOf(scene, plan), scene.now), 'cluster1');
    const group = view.site.group.known ? view.site.group.value : undefined;
    if (group === undefined) throw new Error('no group');
    const { conditions } = groupStatus(group, view, { clusterRole: null, connectingSince: null });
    const ready = (conditions as readonly JsonObject[]).find(({ type }) => type === 'Ready');
    return [ready?.status, ready?.reason];
  };

  test('is Unknown while it cannot be told whether a VM runs', () => {
    expect(readyOf('UpToDate')).toEqual(['Unknown', 'PowerUnknown']);
  });

  test('is False when something is known to be wrong besides', () => {
    expect(readyOf('Outdated')).toEqual(['False', 'ReplicaNotUpToDate']);
  });
});

function observe(silent: readonly Subject[], site: string): Observation {
  const scene = withSite(calmScene(), site, { silent });
  const input = { request: plannedRequest('pg-1', 'cluster1', 'cluster2'), holder: 'me', otherSites: [] };
  const { context } = begin(failoverDefinition, { ...input, patient: false, now: 0 }, 0).record;
  const plan = failoverDefinition.reads('preflight', context);
  return observationOf(plan, answersOf(scene, plan), scene.now);
}

function viewOf(observation: Observation): GroupView {
  return groupView(observation, { namespace: 'default', group: 'pg', source: 'cluster1', target: 'cluster2' });
}

/** vm-1 halted, with no disk but the claim that KubeVirt makes for its vTPM. */
function withTpmOnly(observation: Observation): Observation {
  const site = observation.sites.cluster1;
  const vms = site?.readings.virtualMachines;
  if (site === undefined || vms?.known !== true) throw new Error('no VMs');
  const changed = vms.value.map((vm): KubeObject => {
    if (vm.metadata.name !== 'vm-1') return vm;
    const template = { spec: { domain: { devices: { tpm: { persistent: true } } }, volumes: [] } };
    return { ...vm, spec: { runStrategy: 'Halted', template } };
  });
  const readings = {
    ...site.readings,
    virtualMachines: known(changed),
    instances: known([]),
    pods: known([]),
    claims: unknown<readonly KubeObject[]>('the claims of cluster1 were not read'),
  };
  return { ...observation, sites: { ...observation.sites, cluster1: { ...site, readings } } };
}
