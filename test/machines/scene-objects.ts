import { microTimestamp, timestamp } from '../../src/model/instant.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import type { StorageSubject, Subject } from '../../src/model/read-plan.ts';
import { groupLeaseName } from '../../src/model/lease.ts';
import { originalRunStrategyAnnotation } from '../../src/model/virtual-machine.ts';
import { namespace, type Scene, sceneStart, type SiteScene, type VmScene, volumeOfVm } from './scene.ts';

/** What a site of a scene answers for a subject: the objects as its API server would list them. */
export function objectsOf(scene: Scene, site: string, subject: Subject): readonly KubeObject[] {
  const there = scene.sites[site];
  if (there === undefined) return [];
  switch (subject) {
    case 'group':
    case 'groups':
      return there.group === undefined ? [] : [groupObject(there.group)];
    case 'operation':
    case 'operations':
      return scene.operation?.spec?.targetCluster === site ? [scene.operation] : [];
    case 'lease':
      return there.lease === undefined ? [] : [leaseObject(there.lease)];
    case 'namespace':
      return [object('v1', 'Namespace', namespace, {})];
    case 'nodes':
      return [nodeObject(site, there)];
    case 'storageClasses':
      return [storageClassObject];
    case 'secrets':
    case 'configMaps':
      return [];
    default:
      return Object.entries(there.vms).flatMap(([name, vm]) => vmObjects(site, name, vm, subject));
  }
}

/** What LINSTOR answers. */
export function storageOf(scene: Scene, subject: StorageSubject): Json {
  switch (subject) {
    case 'linstorResources':
      return Object.entries(scene.volumes).flatMap(([name, { replicas }]) =>
        Object.keys(replicas).map((site) => resourceView(scene, name, site)),
      );
    case 'linstorDefinitions':
      return Object.entries(scene.volumes).map(([name, { twoPrimaries }]) => ({
        name,
        resource_group_name: 'DfltRscGrp',
        props: twoPrimaries ? { 'DrbdOptions/Net/allow-two-primaries': 'yes' } : {},
      }));
    case 'linstorGroups':
      return [{ name: 'DfltRscGrp', props: {} }];
    case 'linstorNodes':
      return Object.keys(scene.sites).map((site) => ({ name: nodeName(site), props: { 'Aux/site': site } }));
    case 'linstorSnapshots':
      return [];
    case 'linstorProperties':
      return { 'DrbdOptions/Resource/quorum': scene.quorum ?? 'off' };
  }
}

export function nodeName(site: string): string {
  return `${site}-node`;
}

function vmObjects(site: string, name: string, vm: VmScene, subject: Subject): readonly KubeObject[] {
  if (vm.power === 'absent') return [];
  const uid = `${site}-${name}`;
  const isUp = vm.power === 'running' || vm.power === 'starting' || vm.power === 'stopping';
  const volume = volumeOfVm(name);
  switch (subject) {
    case 'virtualMachines':
      return [vmObject(name, uid, vm)];
    case 'instances':
      return isUp ? [instanceObject(name, uid, vm)] : [];
    case 'pods':
    case 'clusterPods':
      return isUp ? [podObject(site, name, uid, vm)] : [];
    case 'claims':
      return [claimObject(name)];
    case 'volumes':
      return [volumeObject(name, volume)];
    case 'attachments':
      return isUp || vm.power === 'attached' ? [attachmentObject(site, name)] : [];
    default:
      return [];
  }
}

function object(apiVersion: string, kind: string, name: string, more: JsonObject, metadata: object = {}): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, resourceVersion: '1', creationTimestamp: timestamp(sceneStart), ...metadata },
    ...more,
  };
}

function groupObject(group: NonNullable<SiteScene['group']>): KubeObject {
  const virtualMachines = group.virtualMachines.map((name) => ({ name }));
  const spec = { desiredState: group.desiredState, epoch: group.epoch, virtualMachines };
  const more = group.status === undefined ? { spec } : { spec, status: group.status };
  return object('siterecovery.trilio.io/v1alpha1', 'ProtectionGroup', 'pg', more, { namespace, generation: 1 });
}

function leaseObject({ holder, renewedAt }: NonNullable<SiteScene['lease']>): KubeObject {
  const spec = { holderIdentity: holder, renewTime: microTimestamp(renewedAt), leaseTransitions: 0 };
  return object('coordination.k8s.io/v1', 'Lease', groupLeaseName('pg'), { spec }, { namespace });
}

function nodeObject(site: string, { taints }: SiteScene): KubeObject {
  const spec = taints.length === 0 ? {} : { taints: taints.map((key) => ({ key, effect: 'NoSchedule' })) };
  const labels = { 'kubevirt.io/schedulable': 'true' };
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } };
  return object('v1', 'Node', nodeName(site), { spec, status }, { labels });
}

const storageClassObject = object('storage.k8s.io/v1', 'StorageClass', 'replicated', {
  provisioner: 'linstor.csi.linbit.com',
  parameters: { 'linstor.csi.linbit.com/placementCount': '2' },
});

function vmObject(name: string, uid: string, vm: VmScene): KubeObject {
  const volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${name}-disk` } }];
  const template = { spec: { domain: { devices: { disks: [{ name: 'root' }] } }, volumes } };
  const annotations = vm.saved === undefined ? {} : { [originalRunStrategyAnnotation]: vm.saved };
  const spec = { runStrategy: vm.strategy, template };
  return object('kubevirt.io/v1', 'VirtualMachine', name, { spec }, { namespace, uid, annotations });
}

function instanceObject(name: string, vmUid: string, { power }: VmScene): KubeObject {
  const owner = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name, uid: vmUid, controller: true };
  const status = {
    phase: power === 'starting' ? 'Scheduling' : 'Running',
    conditions: power === 'starting' ? [] : [{ type: 'Ready', status: 'True' }],
  };
  const deletion = power === 'stopping' ? { deletionTimestamp: timestamp(sceneStart) } : {};
  const metadata = { namespace, uid: `${vmUid}-i`, ownerReferences: [owner], ...deletion };
  return object('kubevirt.io/v1', 'VirtualMachineInstance', name, { status }, metadata);
}

function podObject(site: string, name: string, vmUid: string, { power }: VmScene): KubeObject {
  const labels = {
    'kubevirt.io': 'virt-launcher',
    'kubevirt.io/created-by': `${vmUid}-i`,
    'vm.kubevirt.io/name': name,
  };
  const status = { phase: power === 'starting' ? 'Pending' : 'Running' };
  const containers = [{ name: 'compute', resources: { requests: { cpu: '100m', memory: '2Gi' } } }];
  const spec = { nodeName: nodeName(site), containers };
  return object('v1', 'Pod', `virt-launcher-${name}`, { spec, status }, { namespace, labels, uid: `${vmUid}-p` });
}

function claimObject(name: string): KubeObject {
  const spec = { volumeName: `pv-${name}`, storageClassName: 'replicated' };
  return object('v1', 'PersistentVolumeClaim', `${name}-disk`, { spec, status: { phase: 'Bound' } }, { namespace });
}

function volumeObject(name: string, resource: string): KubeObject {
  const csi = { driver: 'linstor.csi.linbit.com', volumeHandle: resource };
  const spec = { csi, persistentVolumeReclaimPolicy: 'Retain', storageClassName: 'replicated' };
  return object('v1', 'PersistentVolume', `pv-${name}`, { spec });
}

function attachmentObject(site: string, name: string): KubeObject {
  const spec = { nodeName: nodeName(site), source: { persistentVolumeName: `pv-${name}` } };
  return object('storage.k8s.io/v1', 'VolumeAttachment', `csi-${name}`, { spec });
}

/** An entry of `GET /v1/view/resources`; a satellite that is offline leaves out what it would report. */
function resourceView(scene: Scene, name: string, site: string): JsonObject {
  const replicas = scene.volumes[name]?.replicas ?? {};
  const replica = replicas[site];
  if (replica === undefined) return {};
  const peers = Object.keys(replicas).filter((peer) => peer !== site);
  const entry = { name, node_name: nodeName(site), flags: [] };
  if (replica.role === undefined) return { ...entry, layer_object: { drbd: {} }, volumes: [{}] };
  const peerIsPrimary = peers.some((peer) => replicas[peer]?.role === 'Primary');
  const connections = Object.fromEntries(
    peers.map((peer) => [
      nodeName(peer),
      { connected: replica.connection === 'Connected', ...textField('message', replica.connection) },
    ]),
  );
  const replications = Object.fromEntries(
    peers.flatMap((peer) =>
      replica.replication === undefined ? [] : [[nodeName(peer), { replication_state: replica.replication }]],
    ),
  );
  return {
    ...entry,
    state: { in_use: replica.role === 'Primary' },
    layer_object: {
      drbd: {
        connections,
        may_promote: replica.hasQuorum && replica.disk === 'UpToDate' && !peerIsPrimary && replica.role === 'Secondary',
      },
    },
    volumes: [{ state: { ...textField('disk_state', replica.disk), replication_states: replications } }],
  };
}

function textField(name: string, value: string | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}
