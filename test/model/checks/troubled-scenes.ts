import type { JsonObject } from '../../../src/model/json.ts';
import { known, unknown } from '../../../src/model/known.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import type { Observation } from '../../../src/model/observation.ts';
import type { Subject } from '../../../src/model/read-plan.ts';
import { changed, observationOfScene } from '../../machines/scene-answers.ts';
import { calmScene, type Scene, withPower, withSite } from '../../machines/scene.ts';

// A healthy pair in which one thing is wrong, as both sites and the storage would tell it.

export const calm = calmScene();

export function groupOf(virtualMachines: readonly string[]): NonNullable<Scene['sites'][string]['group']> {
  return { desiredState: 'stopped', epoch: 0, virtualMachines };
}

export function volume(name: string): Scene['volumes'][string] {
  const found = calm.volumes[name];
  if (found === undefined) throw new Error(`no volume ${name}`);
  return found;
}

export function oneSided(): Scene['volumes'][string] {
  const { cluster1 } = volume('vol-1').replicas;
  return { replicas: cluster1 === undefined ? {} : { cluster1 }, twoPrimaries: false };
}

export function withVolumes(volumes: Scene['volumes']): Scene {
  return { ...calm, volumes };
}

/** The node that holds the second copy belongs to cluster1 as well. */
export function withNodeElsewhere(): Observation {
  const observation = observationOfScene(calm);
  const none = changed(observation, 'cluster2', 'nodes', () => undefined);
  const own = none.sites.cluster1;
  if (own?.readings.nodes?.known !== true) return none;
  const second = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'cluster2-node' } };
  const nodes = known([...own.readings.nodes.value, second]);
  return { ...none, sites: { ...none.sites, cluster1: { ...own, readings: { ...own.readings, nodes } } } };
}

export function withoutCrd(site: string): Observation {
  const observation = observationOfScene(calm);
  const there = observation.sites[site];
  if (there === undefined) return observation;
  const readings = { ...there.readings, group: unknown<never>('not served'), groups: unknown<never>('not served') };
  const missingTypes = ['protectiongroups.siterecovery.trilio.io'];
  return { ...observation, sites: { ...observation.sites, [site]: { ...there, readings, missingTypes } } };
}

export function withSecondGroup(): Observation {
  const observation = observationOfScene(calm);
  const there = observation.sites.cluster1;
  if (there?.readings.groups?.known !== true) return observation;
  const other: KubeObject = {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'ProtectionGroup',
    metadata: { name: 'other', namespace: 'default' },
    spec: { virtualMachines: [{ name: 'vm-1' }] },
  };
  const groups = known([...there.readings.groups.value, other]);
  return {
    ...observation,
    sites: { ...observation.sites, cluster1: { ...there, readings: { ...there.readings, groups } } },
  };
}

/** The scene with another object in one reading; a second object is a VM. */
export function withMore(site: string, subject: Subject, more: KubeObject, vm?: KubeObject): Observation {
  const observation = observationOfScene(calm);
  const there = observation.sites[site];
  const [reading, vms] = [there?.readings[subject], there?.readings.virtualMachines];
  if (there === undefined || reading?.known !== true || vms?.known !== true) throw new Error(`no ${subject}`);
  const virtualMachines = known([...vms.value, ...(vm === undefined ? [] : [vm])]);
  const readings = { ...there.readings, virtualMachines, [subject]: known([...reading.value, more]) };
  return { ...observation, sites: { ...observation.sites, [site]: { ...there, readings } } };
}

/** A pod that has a disk of the group mounted. */
export function userPod(): KubeObject {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'vm-1-disk' } }];
  return pod('backup', { nodeName: 'cluster1-node', volumes });
}

/** A pod on the node of cluster2 that takes up room. */
export function tenant(requests: JsonObject, priority = 0): KubeObject {
  return pod('tenant', { nodeName: 'cluster2-node', priority, containers: [{ resources: { requests } }] });
}

function pod(name: string, spec: JsonObject): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

export function groupNamed(name: string, vm: string): KubeObject {
  const apiVersion = 'siterecovery.trilio.io/v1alpha1';
  const metadata = { name, namespace: 'default' };
  return { apiVersion, kind: 'ProtectionGroup', metadata, spec: { virtualMachines: [{ name: vm }] } };
}

export function vmWithDiskOf(owner: string, name: string): KubeObject {
  const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${owner}-disk` } }];
  const spec = { runStrategy: 'Halted', template: { spec: { volumes } } };
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name, namespace: 'default' }, spec };
}

/** Two nodes with 3 GiB each: enough for 2 GiB and 2 GiB, and for a third VM of 2 GiB in total, but on neither of them. */
export function withTwoHalfFullNodes(): Observation {
  const observation = observationOfScene(calmScene(['vm-1', 'vm-2', 'vm-3']));
  const there = observation.sites.cluster2;
  const nodes = there?.readings.nodes;
  if (there === undefined || nodes?.known !== true) throw new Error('no nodes');
  const halves = nodes.value.flatMap((node) =>
    ['cluster2-node', 'cluster2-second'].map((name) => ({
      ...node,
      metadata: { ...node.metadata, name },
      status: { allocatable: { cpu: '4', memory: '3Gi', pods: '10' } },
    })),
  );
  const readings = { ...there.readings, nodes: known(halves) };
  return { ...observation, sites: { ...observation.sites, cluster2: { ...there, readings } } };
}

export function withCondition(site: string, type: string, status: string, reason: string): Scene {
  const group = calm.sites[site]?.group;
  if (group === undefined) throw new Error(`no group on ${site}`);
  const condition = { type, status, reason, message: `${reason} on ${site}` };
  return withSite(calm, site, { group: { ...group, status: { conditions: [condition] } } });
}

export function otherOperation(): KubeObject {
  return {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'Failover',
    metadata: { name: 'another', namespace: 'default' },
    spec: { protectionGroup: 'pg', targetCluster: 'cluster2' },
    status: { phase: 'Running', holder: 'pgctl/b' },
  };
}

export function without(site: string, subject: Subject, name: string): Observation {
  return changed(observationOfScene(calm), site, subject, (object) =>
    object.metadata.name === name ? undefined : object,
  );
}

function withSpec(site: string, subject: Subject, name: string, change: (spec: JsonObject) => JsonObject): Observation {
  return changed(observationOfScene(calm), site, subject, (object) =>
    object.metadata.name === name ? { ...object, spec: change(object.spec ?? {}) } : object,
  );
}

export function withVmSpec(more: JsonObject): Observation {
  return withSpec('cluster1', 'virtualMachines', 'vm-1', (spec) => ({ ...spec, ...more }));
}

export function withVolume(source: JsonObject): Observation {
  const volumes = [{ name: 'extra', ...source }];
  return withVmSpec({ template: { spec: { domain: {}, volumes } } });
}

export function withHandle(site: string, volumeHandle: string): Observation {
  const csi = { driver: 'linstor.csi.linbit.com', volumeHandle };
  return withSpec(site, 'volumes', 'pv-vm-1', (spec) => ({ ...spec, csi }));
}

export function withDriver(driver: string): Observation {
  return withSpec('cluster1', 'volumes', 'pv-vm-1', (spec) => ({ ...spec, csi: { driver, volumeHandle: 'x' } }));
}

export function withPolicy(site: string, persistentVolumeReclaimPolicy: string): Observation {
  return withSpec(site, 'volumes', 'pv-vm-1', (spec) => ({ ...spec, persistentVolumeReclaimPolicy }));
}

export function lostOnSource(): Observation {
  return changed(observationOfScene(withPower(calm, 'cluster1', 'vm-1', 'starting')), 'cluster1', 'claims', (object) =>
    object.metadata.name === 'vm-1-disk' ? { ...object, status: { phase: 'Lost' } } : object,
  );
}

export function claimInPhase(site: string, phase: string): Observation {
  return changed(observationOfScene(calm), site, 'claims', (object) =>
    object.metadata.name === 'vm-1-disk' ? { ...object, status: { phase } } : object,
  );
}

export function withCopies(site: string, copies: string): Observation {
  return changed(observationOfScene(calm), site, 'storageClasses', (object) => ({
    ...object,
    parameters: { placementCount: copies },
  }));
}
